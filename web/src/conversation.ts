/** One conversation: what was said, what is on its way, and what the person must know. */

import { Connection, type State } from "./connection.js";
import { Entries, type Entry, isUrgent, type ServerMessage } from "./messages.js";
import { Store } from "./storage.js";

const GREETING = "/greet";
const GIVE_UP_MS = 8_000;
const GIVE_UP_ONLINE_MS = 60_000; // by plain requests, sending ends with the answer
const AGAIN_MS = 2_000;
const ANSWER_MS = 30_000; // the server ends a turn sooner

export class Conversation {
  state: State = "idle";
  forbidden = false;
  deleted = false;
  open = false;
  private readonly store: Store;
  private readonly connection: Connection;
  private entries = new Entries();
  private readonly waiting = new Map<string, number>();
  private readonly sendingSince = new Map<string, number>();
  private readonly inFlight = new Set<string>();
  private session: string | undefined;
  private clock: number | undefined;
  private readonly stopListening: () => void;

  /**
   * @param server where the chat comes from
   * @param history how long the browser keeps it; see `Store`
   * @param changed called after each change, with the messages that were not there before
   */
  constructor(
    server: URL,
    history: string,
    private readonly changed: (fresh: Entry[]) => void,
  ) {
    this.store = new Store(server, history);
    this.restore();
    this.connection = new Connection(server, {
      seen: () => ({
        ...(this.session ? { session_id: this.session } : {}),
        log: this.entries.log,
        seen: this.entries.seen,
      }),
      changed: (state) => {
        this.state = state;
        this.changed([]);
      },
      joined: (session) => {
        if (session.refused) [this.entries.log, this.entries.seen] = ["", 0];
        this.session = session.session_id;
        this.waiting.clear();
        for (const id of session.waiting) this.waiting.set(id, Date.now());
        this.take(session.messages);
        // A server that was restarted in the middle knows of no answer: ask once more.
        const last = this.entries.list.at(-1);
        if (last?.from === "user" && !this.waiting.has(last.id)) last.status = "sending";
        this.flush();
      },
      received: (messages) => {
        // Said in another tab.
        for (const { from, id } of messages) if (from === "user") this.waiting.set(id, Date.now());
        this.take(messages);
      },
      ended: (id) => {
        this.waiting.delete(id);
        this.changed([]);
      },
      deleted: () => this.forget(),
      forbidden: () => {
        this.forbidden = true;
        this.changed([]);
      },
    });
    this.stopListening = this.store.onCleared(() => this.forget());
  }

  get list(): readonly Entry[] {
    return this.entries.list;
  }

  get shown(): Entry[] {
    return this.entries.list.filter((entry) => !entry.silent);
  }

  get isEmpty(): boolean {
    return this.entries.list.length === 0;
  }

  get unread(): number {
    return this.entries.list.filter((entry) => entry.unread).length;
  }

  /** Whether an answer is on its way. */
  get answering(): boolean {
    const sending = this.entries.list.some((entry) => entry.status === "sending");
    return this.state === "online" && (this.waiting.size > 0 || sending);
  }

  /** The urgent messages that still hold: the last one, and those said together with it. */
  get urgent(): Entry[] {
    const { list } = this.entries;
    const end = list.findLastIndex((entry) => entry.urgency !== undefined);
    let start = end;
    while (start >= 0 && isUrgent(list[start] as Entry)) start -= 1;
    return list.slice(start + 1, end + 1);
  }

  /** Go on with what was kept; without anything kept, nothing is asked of the server. */
  resume(): void {
    if (!this.isEmpty) this.connect();
  }

  /** Open the conversation; the assistant greets whoever is new. */
  begin(): void {
    if (this.isEmpty && !this.deleted) this.restore(); // another tab may have begun it
    this.connect();
    if (this.isEmpty && !this.deleted) this.say(GREETING, { silent: true });
  }

  /** Go on in a page that the browser had put aside while another one was open. */
  comeBack(): void {
    if (this.store.isEmptied) return this.forget(); // deleted in the other one
    this.restore();
    if (this.isEmpty) return;
    this.deleted = false;
    this.connect();
    void this.connection.join();
    this.changed([]);
  }

  say(message: string, options: { title?: string; silent?: boolean } = {}): void {
    this.connect();
    this.deleted = false;
    this.entries.add({
      id: crypto.getRandomValues(new Uint32Array(4)).reduce((id, n) => id + n.toString(36), "m"),
      from: "user",
      text: options.title ?? message,
      time: Date.now() / 1000,
      status: "sending",
      ...(options.title ? { payload: message } : {}),
      ...(options.silent ? { silent: true } : {}),
    });
    this.flush();
    this.keep();
    this.changed([]);
  }

  retry(entry: Entry): void {
    entry.status = "sending";
    entry.time = Date.now() / 1000;
    this.entries.moveToEnd(entry);
    this.connect();
    this.flush();
    this.keep();
    this.changed([]);
  }

  /** Delete it on the server, then here. */
  async delete(): Promise<boolean> {
    const done = (await this.connection.delete()) || this.deleted;
    if (done) this.forget();
    return done;
  }

  read(): void {
    if (!this.unread) return;
    for (const entry of this.entries.list) delete entry.unread;
    this.keep();
    this.changed([]);
  }

  markUnread(entries: Entry[]): void {
    for (const entry of entries) entry.unread = true;
    this.keep();
  }

  setOpen(open: boolean): void {
    this.open = open;
    if (open || !this.isEmpty) this.keep();
  }

  /** Let go of the connection, for when the element is removed. */
  stop(): void {
    this.stopListening();
    window.clearInterval(this.clock);
    this.clock = undefined;
    this.connection.stop();
  }

  private restore(): void {
    const kept = this.store.load();
    if (!kept) return;
    this.entries = new Entries(kept.entries, kept.log, kept.seen);
    this.session = kept.session;
    this.open = kept.open;
  }

  private connect(): void {
    this.connection.start();
    this.clock ??= window.setInterval(() => this.look(), 1000);
  }

  private take(messages: ServerMessage[]): void {
    const fresh = this.entries.merge(messages);
    for (const entry of this.entries.list) if (!entry.status) this.sendingSince.delete(entry.id);
    this.keep();
    this.changed(fresh);
  }

  /** Send what is not sent yet, in order. */
  private flush(): void {
    for (const entry of this.entries.list) {
      if (entry.status === "failed" && entry.silent) entry.status = "sending";
      if (entry.status !== "sending") continue;
      if (!this.sendingSince.has(entry.id)) this.sendingSince.set(entry.id, Date.now());
      if (this.state !== "idle" && !this.inFlight.has(entry.id)) void this.send(entry);
    }
  }

  private async send(entry: Entry): Promise<void> {
    this.inFlight.add(entry.id);
    const answer = await this.connection.send({
      message: entry.payload ?? entry.text,
      message_id: entry.id,
      ...(entry.payload ? { title: entry.text } : {}),
      ...(entry.silent ? { silent: true } : {}),
    });
    this.inFlight.delete(entry.id);
    if ("session_id" in answer) {
      this.waiting.delete(entry.id);
      this.take(answer.messages);
    } else if ("id" in answer) {
      if (this.entries.find(entry.id)?.status) this.waiting.set(entry.id, Date.now());
      this.take([answer]);
    } else if (answer.error === "session" || answer.error === "deleted") {
      this.session = undefined;
      await this.connection.join();
    } else if (answer.error === "busy" || this.state === "online") {
      window.setTimeout(() => this.flush(), AGAIN_MS);
    }
  }

  /** Once a second: give up on what could not be sent, ask after answers that do not come. */
  private look(): void {
    const now = Date.now();
    for (const entry of this.entries.list) {
      const since = this.sendingSince.get(entry.id);
      const limit = this.state === "online" ? GIVE_UP_ONLINE_MS : GIVE_UP_MS;
      if (entry.status === "sending" && since !== undefined && now - since > limit) {
        entry.status = "failed";
        this.sendingSince.delete(entry.id);
        this.keep();
        this.changed([]);
      }
    }
    const overdue = [...this.waiting].some(([, since]) => now - since > ANSWER_MS);
    if (overdue) {
      for (const id of this.waiting.keys()) this.waiting.set(id, now);
      void this.connection.join();
    }
  }

  private forget(): void {
    this.store.clear();
    this.entries.list = [];
    [this.entries.log, this.entries.seen] = ["", 0];
    this.session = undefined;
    this.waiting.clear();
    this.sendingSince.clear();
    this.deleted = true;
    window.clearInterval(this.clock);
    this.clock = undefined;
    this.connection.stop();
    this.changed([]);
  }

  private keep(): void {
    const { log, seen, list } = this.entries;
    this.store.save({ session: this.session, log, seen, entries: list, open: this.open });
  }
}
