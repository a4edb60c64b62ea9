/** Messages as the server sends them and as the chat keeps them. */

export type Urgency = "emergency" | "crisis" | "same_day" | "over";

export interface QuickReply {
  title: string;
  payload: string;
}

export interface ServerMessage {
  id: string;
  from: "bot" | "user";
  text: string;
  /** The server's numbering; after a restart it counts anew under another name. */
  log: string;
  seq: number;
  /** Seconds since 1970. */
  time: number;
  /** Sent by the chat itself, and not shown. */
  silent?: boolean;
  quick_replies?: QuickReply[];
  picture?: { src: string; alt: string };
  urgency?: Urgency;
  /** Its first line names the sources. */
  closing?: boolean;
  /** The conversation was deleted: what was said before is gone. */
  clears?: boolean;
}

export interface Entry extends Omit<ServerMessage, "log" | "seq"> {
  /** Missing until the server has taken it. */
  log?: string;
  seq?: number;
  status?: "sending" | "failed";
  /** What a pressed button sends; its title is shown. */
  payload?: string;
  unread?: boolean;
}

export const MESSAGE_CHARS = 1000;
const KEPT = 300;

export function isUrgent(entry: Entry): boolean {
  return entry.urgency !== undefined && entry.urgency !== "over";
}

/** The entries of one conversation, each once and in the server's order. */
export class Entries {
  list: Entry[];
  log: string;
  seen: number;

  constructor(list: Entry[] = [], log = "", seen = 0) {
    this.list = list;
    this.log = log;
    this.seen = seen;
  }

  find(id: string): Entry | undefined {
    return this.list.find((entry) => entry.id === id);
  }

  /** Take what the server sent; returns what was not there yet. */
  merge(messages: readonly ServerMessage[]): Entry[] {
    const fresh: Entry[] = [];
    for (const message of messages) {
      if (message.log !== this.log) {
        this.log = message.log;
        this.seen = 0;
      }
      this.seen = Math.max(this.seen, message.seq);
      const known = this.find(message.id);
      if (known) {
        known.log = message.log;
        known.seq = message.seq;
        delete known.status;
      } else {
        if (message.clears) this.clear();
        const entry: Entry = { ...message };
        this.insert(entry);
        fresh.push(entry);
      }
    }
    this.list = this.list.slice(-KEPT);
    return fresh;
  }

  add(entry: Entry): void {
    this.list = [...this.list, entry];
  }

  /** Put a message that is sent once more at the end. */
  moveToEnd(entry: Entry): void {
    this.list = [...this.list.filter((other) => other !== entry), entry];
  }

  /** Drop what was said before, but for the message that asked for it. */
  private clear(): void {
    const asked = this.list.findLastIndex((entry) => entry.from === "user");
    this.list = asked < 0 ? [] : this.list.slice(asked);
  }

  private insert(entry: Entry): void {
    let at = this.list.length;
    while (at > 0) {
      const before = this.list[at - 1];
      const waits = before?.seq === undefined && before?.status !== undefined;
      const later =
        before?.log === entry.log && before?.seq !== undefined && before.seq > (entry.seq ?? 0);
      if (!waits && !later) break;
      at -= 1;
    }
    this.list = [...this.list.slice(0, at), entry, ...this.list.slice(at)];
  }
}
