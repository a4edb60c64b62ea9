/**
 * The way to the server: socket.io, or plain requests where a network blocks that.
 *
 * Nothing is lost or doubled: each message has an id, the server says what was missed, and a
 * message that was not acknowledged is sent again under the same id.
 */

import { io, type Socket } from "socket.io-client";
import type { ServerMessage } from "./messages.js";

export type State = "idle" | "connecting" | "online" | "offline";

export interface Outgoing {
  message: string;
  message_id: string;
  title?: string;
  silent?: boolean;
}

interface Session {
  session_id: string;
  messages: ServerMessage[];
  waiting: string[];
  refused?: boolean;
}

type Failure = { error: string };

export interface Listener {
  /** What was seen last, so that the server can send the rest. */
  seen(): { session_id?: string; log: string; seen: number };
  changed(state: State): void;
  joined(session: Session): void;
  received(messages: ServerMessage[]): void;
  ended(messageId: string): void;
  deleted(): void;
  /** This site is not among those that may embed the chat. */
  forbidden(): void;
}

const ACK_MS = 5_000; // the server takes a message at once; the answer comes later
const REQUEST_MS = 60_000;
const QUIET_MS = 1_500; // a short gap is not worth a word
const POLL_MS = 2_000;
const RETRY_MS = 4_000;
const SOCKET_MS = 3_000;

export class Connection {
  state: State = "idle";
  private socket: Socket | undefined;
  private joinedSocket = false;
  private byRequests = false;
  private timer: number | undefined;
  private gap: number | undefined;

  constructor(
    private readonly server: URL,
    private readonly listener: Listener,
  ) {}

  start(): void {
    if (this.socket) return;
    this.set("connecting");
    const socket = io(this.server.origin, {
      path: `${this.server.pathname}socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
      timeout: 8_000,
      forceNew: true,
    });
    this.socket = socket;
    socket.on("connect", () => void this.join());
    socket.on("disconnect", () => {
      this.joinedSocket = false;
      this.lost();
      this.askLater(SOCKET_MS);
    });
    this.askLater(SOCKET_MS);
    socket.on("bot_uttered", (message: ServerMessage) => this.listener.received([message]));
    socket.on("user_said", (message: ServerMessage) => this.listener.received([message]));
    socket.on("turn_ended", (turn: { message_id: string }) => this.listener.ended(turn.message_id));
    socket.on("conversation_deleted", () => this.listener.deleted());
    window.addEventListener("online", this.again);
    window.addEventListener("offline", this.lost);
  }

  /** Ask by a plain request, should the socket not have come by then: some networks block it. */
  private askLater(ms: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), ms);
  }

  stop(): void {
    window.removeEventListener("online", this.again);
    window.removeEventListener("offline", this.lost);
    window.clearTimeout(this.timer);
    window.clearTimeout(this.gap);
    this.socket?.close();
    this.socket = undefined;
    this.joinedSocket = false;
    this.byRequests = false;
    this.set("idle");
  }

  /** Send a message; what comes back is the message as taken, or why it was not. */
  async send(outgoing: Outgoing): Promise<ServerMessage | Session | Failure> {
    const data = { ...outgoing, ...this.listener.seen() };
    if (this.socket?.connected && this.joinedSocket) {
      return this.emit<ServerMessage | Failure>("user_uttered", data);
    }
    if (!this.byRequests) return { error: "offline" };
    const answer = await this.request<Session>("chat", data);
    if ("error" in answer && answer.error === "offline") this.unreachable();
    return answer;
  }

  /** Delete the conversation on the server. */
  async delete(): Promise<boolean> {
    const data = this.listener.seen();
    if (!data.session_id) return true;
    const answer =
      this.socket?.connected && this.joinedSocket
        ? await this.emit<{ deleted?: boolean; error?: string }>("delete_conversation", data, 30_000)
        : await this.request<{ deleted?: boolean; error?: string }>("delete", data);
    // A conversation that the server refuses to know holds nothing to delete.
    return ("deleted" in answer && answer.deleted === true) || answer.error === "session";
  }

  /** Ask for the session anew: what was missed, and which answers are still to come. */
  async join(): Promise<void> {
    if (!this.socket?.connected) return void (await this.ask());
    const session = await this.emit<Session | Failure>("session_request", this.listener.seen());
    if ("error" in session) return;
    this.byRequests = false;
    window.clearTimeout(this.timer);
    this.joinedSocket = true;
    this.arrived(session);
  }

  private async ask(): Promise<void> {
    window.clearTimeout(this.timer);
    const session = await this.request<Session>("chat", this.listener.seen());
    if (this.joinedSocket || !this.socket) return;
    if ("error" in session) {
      if (session.error === "origin") return this.listener.forbidden();
      return this.unreachable();
    }
    this.byRequests = true;
    this.arrived(session);
    if (session.waiting.length) this.askLater(POLL_MS);
  }

  private unreachable(): void {
    this.byRequests = false;
    if (this.joinedSocket || !this.socket) return;
    this.lost();
    this.askLater(RETRY_MS);
  }

  private arrived(session: Session): void {
    window.clearTimeout(this.gap);
    this.gap = undefined;
    this.listener.joined(session);
    this.set("online");
  }

  private lost = (): void => {
    if (this.state === "offline" || this.gap !== undefined) return;
    this.gap = window.setTimeout(() => {
      this.gap = undefined;
      this.set("offline");
    }, QUIET_MS);
  };

  private set(state: State): void {
    if (state === this.state) return;
    this.state = state;
    this.listener.changed(state);
  }

  private again = (): void => {
    if (this.socket?.connected) void this.join();
    else this.socket?.connect();
  };

  /** A line can be dead and seem open for most of a minute: nobody must wait for that long. */
  private reconnect(): void {
    if (!this.socket?.connected) return;
    this.socket.disconnect();
    this.socket.connect();
  }

  private async emit<T>(event: string, data: object, ms = ACK_MS): Promise<T | Failure> {
    try {
      return (await this.socket?.timeout(ms).emitWithAck(event, data)) ?? { error: "offline" };
    } catch {
      this.reconnect();
      return { error: "offline" };
    }
  }

  private async request<T>(name: string, data: object): Promise<T | Failure> {
    try {
      const answer = await fetch(new URL(`widget/${name}`, this.server), {
        method: "POST",
        // As plain text, which needs no preflight; the server checks the origin itself.
        body: JSON.stringify(data),
        credentials: "omit",
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      const said = await answer.json();
      // What refuses a request need not be our channel, nor say why in its way.
      return answer.ok || said.error === "origin" ? (said as T) : { error: "offline" };
    } catch {
      return { error: "offline" };
    }
  }
}
