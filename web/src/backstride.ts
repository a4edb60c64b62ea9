/** The script of one tag: defines the element, and adds one where the page has none. */

import { BackstrideChat } from "./chat.js";

const NAME = "backstride-chat";

if (!customElements.get(NAME)) customElements.define(NAME, BackstrideChat);

function addIfNone(): void {
  if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME));
}

// `backstride.js?manual` leaves it to the page to add the element when it likes.
if (!new URL(import.meta.url).searchParams.has("manual")) {
  // With `async`, which some plug-ins add, it runs before the page is complete.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addIfNone);
  else addIfNone();
}
