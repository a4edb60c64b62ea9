/** The conversation as a text to copy, print or save. */

import type { Entry } from "./messages.js";
import type { Texts } from "./texts.js";

export function summary(entries: readonly Entry[], title: string, texts: Texts): string {
  const moment = new Intl.DateTimeFormat(locale(texts.language), {
    dateStyle: "long",
    timeStyle: "short",
  });
  const first = entries[0];
  const lines = [title, first ? moment.format(first.time * 1000) : "", texts.summaryNote];
  let before: Entry["from"] | undefined;
  for (const entry of entries) {
    if (entry.from !== before) {
      const name = entry.from === "user" ? texts.you : title;
      lines.push("", `${name} (${clock(entry.time, texts.language)}):`);
      before = entry.from;
    }
    if (entry.picture) lines.push(`[${entry.picture.alt}]`);
    lines.push(entry.text);
  }
  return `${lines.join("\n")}\n`;
}

export function clock(seconds: number, language: string): string {
  return new Intl.DateTimeFormat(locale(language), { timeStyle: "short" }).format(seconds * 1000);
}

/** The person's own way to write dates, if it is in the language of the chat. */
export function locale(language: string): string {
  return navigator.language.startsWith(language) ? navigator.language : language;
}

/** @param within where a text can be selected: a modal panel lets nothing outside it be. */
export async function copy(text: string, within: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or no https: the old way.
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  within.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Print only the conversation: in a frame of its own, without a style of the page. */
export function print(text: string, title: string): void {
  const frame = document.createElement("iframe");
  // Out of sight, but drawn: what is not drawn, Firefox prints as an empty page.
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.style.cssText = "position: fixed; inset: auto 100% 100% auto; border: 0";
  document.body.append(frame);
  const page = frame.contentDocument;
  const view = frame.contentWindow;
  if (!page || !view) return frame.remove();
  page.title = title;
  const body = page.createElement("pre");
  body.textContent = text;
  body.style.whiteSpace = "pre-wrap";
  body.style.font = "11pt/1.5 system-ui, sans-serif";
  page.body.append(body);
  view.addEventListener("afterprint", () => window.setTimeout(() => frame.remove()));
  view.focus();
  view.print();
}
