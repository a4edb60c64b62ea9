/** What is kept in the browser, for as long as the site's owner chose. */

import type { Entry } from "./messages.js";

export interface Kept {
  session: string | undefined;
  log: string;
  seen: number;
  entries: Entry[];
  open: boolean;
}

const HOUR = 3_600_000;
const UNITS: Record<string, number> = { h: HOUR, d: 24 * HOUR };

/**
 * A place to keep a conversation in.
 *
 * `history` is "tab" (until the tab is closed), "none", or a time such as "24h" or "30d", which
 * keeps it on the device and shares it between the tabs of the site. The time runs from the last
 * message: a chat that only stands open, and joins the server again, is not kept any longer by it.
 */
export class Store {
  readonly key: string;
  private readonly area: Storage | undefined;
  private readonly lasts: number;
  private saved = false;
  private newest: string | undefined;
  private until: number | undefined;

  constructor(server: URL, history: string) {
    this.key = `backstride-chat ${server.href}`;
    const [, count, unit] = /^(\d+)([hd])$/.exec(history) ?? [];
    this.lasts = Number(count ?? 0) * (UNITS[unit ?? ""] ?? 0);
    if (!this.lasts && history !== "tab" && history !== "none") {
      console.error(
        `backstride-chat: history="${history}" is unknown, so it is kept until the tab is closed.` +
          ' Write "tab", "none", or a time such as "24h" or "30d".',
      );
    }
    this.area = history === "none" ? undefined : area(this.lasts > 0);
  }

  load(): Kept | undefined {
    try {
      const kept = JSON.parse(this.area?.getItem(this.key) ?? "null");
      if (kept === null) return undefined;
      if (!Array.isArray(kept.entries) || (kept.until && kept.until < Date.now())) {
        this.clear();
        return undefined;
      }
      this.newest = kept.entries.at(-1)?.id;
      this.until = kept.until;
      return kept as Kept;
    } catch {
      return undefined;
    }
  }

  save(kept: Kept): void {
    const newest = kept.entries.at(-1)?.id;
    if (this.lasts && (newest !== this.newest || !this.until)) {
      this.until = Date.now() + this.lasts;
    }
    this.newest = newest;
    try {
      this.area?.setItem(this.key, JSON.stringify({ ...kept, until: this.until }));
      this.saved = this.area !== undefined;
    } catch {
      // Full or forbidden: the conversation lives until the page is left.
    }
  }

  clear(): void {
    this.saved = false;
    this.until = undefined;
    try {
      this.area?.removeItem(this.key);
    } catch {
      // Forbidden, so nothing was kept.
    }
  }

  /** Whether somebody else removed what was saved here. */
  get isEmptied(): boolean {
    try {
      return this.saved && this.area?.getItem(this.key) === null;
    } catch {
      return false;
    }
  }

  /** Call back when another tab cleared the conversation. */
  onCleared(callback: () => void): () => void {
    const listener = (event: StorageEvent): void => {
      if (event.storageArea === this.area && event.key === this.key && event.newValue === null) {
        callback();
      }
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  }
}

function area(onDevice: boolean): Storage | undefined {
  try {
    return onDevice ? localStorage : sessionStorage;
  } catch {
    return undefined; // cookies and storage are switched off
  }
}
