/** The script of one tag: defines the element, and adds one where the page has none. */

import { BackstrideChat } from "./chat.js";

const NAME = "backstride-chat";

if (!customElements.get(NAME)) customElements.define(NAME, BackstrideChat);

// `backstride.js?manual` leaves it to the page to add the element when it likes.
if (!new URL(import.meta.url).searchParams.has("manual") && !document.querySelector(NAME)) {
  document.body.append(document.createElement(NAME));
}
