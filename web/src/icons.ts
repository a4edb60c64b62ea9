/** Icons as lines, drawn in the colour of the text around them. */

import { html, svg, type TemplateResult } from "lit";

const icon = (lines: TemplateResult): TemplateResult => html`<svg
  class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${lines}</svg>`;

export const chat = icon(
  svg`<path d="M20.5 11.5a8 8 0 0 1-8 8 8.6 8.6 0 0 1-3.6-.8L4 20l1.4-4.3a7.6 7.6 0 0 1-.9-4.2 8 8 0 0 1 16 0Z"/><path d="M9 11.5h.01M12.5 11.5h.01M16 11.5h.01"/>`,
);
/** Five vertebrae in a stride: the mark of the project. */
export const mark = icon(
  svg`<g stroke-width="2.6"><path d="M11.6 3.6l5.6 1.2M9.6 8.1l6 .2M9 12.6l6-.8M9.6 17.1l6-1.1M8.3 21.2l5.4 0"/></g>`,
);
export const close = icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`);
export const down = icon(svg`<path d="M12 5v14M6 13l6 6 6-6"/>`);
export const more = icon(svg`<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3"/>`);
export const send = icon(svg`<path d="M12 19V5M6 11l6-6 6 6"/>`);
export const warning = icon(
  svg`<path d="M12 3.5 2.8 19.5h18.4L12 3.5Z"/><path d="M12 10v4.5M12 17.2h.01"/>`,
);
export const copy = icon(
  svg`<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 5.5v-1h-11v11h1"/>`,
);
export const print = icon(
  svg`<path d="M7 8V4h10v4M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3"/><path d="M7 14h10v6H7z"/>`,
);
export const save = icon(svg`<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>`);
export const remove = icon(
  svg`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5M14 11v5"/>`,
);
