/** `<backstride-chat>`: the bubble and the conversation. */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { Conversation } from "./conversation.js";
import * as icons from "./icons.js";
import { type Entry, isUrgent, MESSAGE_CHARS, type QuickReply } from "./messages.js";
import { styles } from "./styles.js";
import { clock, copy, locale, print, save, summary } from "./summary.js";
import { blocks, type Piece } from "./text.js";
import { type Texts, textsIn } from "./texts.js";

const COUNTED_FROM = 800;
const PAUSE_MS = 1_000;
const GROUP_SECONDS = 300;
const NEAR_END = 40;
const READABLE = 0.9; // of a heading
const FULL_SCREEN = "(max-width: 480px), (max-height: 420px)";

/** Where this script came from is where the server is, unless the page says otherwise. */
const SCRIPT = import.meta.url;
const HOME = new URL("..", SCRIPT).href;

export class BackstrideChat extends LitElement {
  static override styles = styles;
  static override properties = {
    server: { type: String },
    title: { type: String },
    open: { type: Boolean, reflect: true },
    inline: { type: Boolean, reflect: true },
    accent: { type: String },
    scheme: { type: String },
    position: { type: String },
    history: { type: String },
    lang: { type: String },
    asking: { state: true },
    menuOpen: { state: true },
    note: { state: true },
    counted: { state: true },
    draft: { state: true },
    atEnd: { state: true },
    urgentHidden: { state: true },
  };

  declare server: string;
  declare open: boolean;
  declare inline: boolean;
  declare accent: string;
  declare scheme: string;
  declare position: string;
  declare history: string;
  /** Whether "delete this chat" waits for a yes. */
  declare private asking: boolean;
  declare private menuOpen: boolean;
  declare private note: string;
  /** What is said of the message's length: in a pause, not with each letter. */
  declare private counted: string;
  declare private draft: string;
  declare private atEnd: boolean;
  declare private urgentHidden: boolean;

  private conversation: Conversation | undefined;
  private readonly narrow = window.matchMedia(FULL_SCREEN);
  private readonly touch = window.matchMedia("(pointer: coarse)");
  private following = true;
  private shown = false;
  private quiet = false;
  private toShow: Entry[] = [];
  private newFrom: string | undefined;
  private announced = "";
  private wasAnswering = false;
  /** The urgent message that was put into view, until the person says something. */
  private urgentShown: Entry | undefined;
  private watcher: IntersectionObserver | undefined;

  constructor() {
    super();
    this.server = HOME;
    this.title = "";
    this.open = false;
    this.inline = false;
    this.accent = "";
    this.scheme = "auto";
    this.position = "end";
    this.history = "tab";
    this.asking = this.menuOpen = this.urgentHidden = false;
    this.note = this.draft = this.counted = "";
    this.atEnd = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.narrow.addEventListener("change", this.fit);
    window.visualViewport?.addEventListener("resize", this.fitView);
    window.visualViewport?.addEventListener("scroll", this.fitView);
    window.addEventListener("pageshow", this.cameBack);
    // Some pages take the element out and put it in elsewhere.
    if (this.hasUpdated) this.goOn();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.narrow.removeEventListener("change", this.fit);
    window.visualViewport?.removeEventListener("resize", this.fitView);
    window.visualViewport?.removeEventListener("scroll", this.fitView);
    window.removeEventListener("pageshow", this.cameBack);
    this.watcher?.disconnect();
    this.conversation?.stop();
    this.conversation = undefined;
  }

  private get texts(): Texts {
    return textsIn(this.lang || document.documentElement.lang || "en");
  }

  private get name(): string {
    return this.title || this.texts.title;
  }

  private get talk(): Conversation {
    this.conversation ??= new Conversation(this.address, this.history, (fresh) =>
      this.changed(fresh),
    );
    return this.conversation;
  }

  private get address(): URL {
    try {
      const url = new URL(this.server.endsWith("/") ? this.server : `${this.server}/`, location.href);
      if (/^https?:$/.test(url.protocol)) return url;
    } catch {
      // Said below.
    }
    console.error(`backstride-chat: server="${this.server}" is no address. Write https://...`);
    return new URL(HOME);
  }

  /** Show the conversation. */
  show(): void {
    this.open = true;
  }

  /** Hide the conversation; the bubble stays. */
  hide(): void {
    this.open = false;
  }

  // What is shown

  override render(): TemplateResult {
    const { texts, talk } = this;
    const full = !this.inline && this.narrow.matches;
    const panel = html`${this.header(texts)}
      <div class="talk">
        ${this.held(talk, texts)}
        <div
          class="log" role="log" tabindex="0" aria-live="polite" aria-relevant="additions"
          aria-label=${texts.conversation} @scroll=${this.scrolled}
        >
          ${this.groups(talk, texts)} ${this.replies(talk)}
          ${talk.answering
            ? html`<div class="group" aria-hidden="true">
                <div class="typing"><i></i><i></i><i></i></div>
              </div>`
            : nothing}
        </div>
        ${this.atEnd
          ? nothing
          : html`<button class="newer" @click=${() => this.toEnd()}>
              ${talk.unread
                ? html`${icons.down} ${texts.newMessages}`
                : html`${icons.down}<span class="sr">${texts.toEnd}</span>`}
            </button>`}
      </div>
      <div class="sr" role="status">${talk.answering ? texts.answering(this.name) : this.counted}</div>
      <div class="sr" role="alert">${this.announced}</div>
      <div class="notice" role="status">${this.notice(talk, texts)}</div>
      ${this.form(texts)}`;
    return html`<div
      class="frame ${this.inline ? "inline" : ""} ${/start|left/.test(this.position) ? "start" : ""}"
      role=${this.inline ? nothing : "region"} aria-label=${this.inline ? nothing : this.name}
      title="" lang=${texts.language} data-scheme=${this.scheme} @pointerdown=${this.pointed}
    >
      ${this.inline
        ? html`<section class="panel" aria-labelledby="title" @keydown=${this.pressed}>${panel}</section>`
        : html`${this.launcher(talk, texts)}
            <dialog
              id="panel" class="panel ${full ? "full" : ""}" aria-labelledby="title"
              @cancel=${this.cancelled} @close=${this.closed} @keydown=${this.pressed}
            >${panel}</dialog>`}
    </div>`;
  }

  private launcher(talk: Conversation, texts: Texts): TemplateResult {
    const urgent = talk.urgent.find((entry) => entry.unread);
    const news = [
      ...(urgent ? [heading(urgent, texts)] : []),
      ...(talk.unread ? [texts.unread(talk.unread)] : []),
    ].join(", ");
    return html`<button
        class="launcher" aria-label=${news ? `${texts.openChat}, ${news}` : texts.openChat}
        aria-haspopup="dialog" ?hidden=${this.open} @click=${() => this.show()}
      >
        ${icons.chat}${talk.unread
          ? html`<span class="badge">${urgent ? icons.warning : talk.unread}</span>`
          : nothing}
      </button>
      <div class="sr" role="status">${this.open ? "" : news}</div>`;
  }

  private header(texts: Texts): TemplateResult {
    return html`<div class="top">
      <div class="mark">${icons.mark}</div>
      <div class="names">
        <h2 id="title">${this.name}</h2>
        <p class="subtitle">${texts.subtitle}</p>
      </div>
      <button
        class="tool" aria-label=${texts.menu} aria-expanded=${this.menuOpen} aria-controls="menu"
        @click=${() => (this.menuOpen = !this.menuOpen)}
      >${icons.more}</button>
      ${this.menu(texts)}
      ${this.inline
        ? nothing
        : html`<button class="tool" aria-label=${texts.closeChat} @click=${() => this.hide()}>
            ${icons.close}
          </button>`}
    </div>`;
  }

  private menu(texts: Texts): TemplateResult {
    const items: [TemplateResult, string, () => void][] = [
      [icons.copy, texts.copy, () => void this.copy()],
      [icons.print, texts.print, () => print(this.summary(), this.name)],
      [icons.save, texts.save, () => save(this.summary(), `${this.name}.txt`)],
      [icons.remove, texts.deleteChat, () => this.askToDelete()],
    ];
    return html`<div id="menu" class="menu" role="group" aria-label=${texts.menu} ?hidden=${!this.menuOpen}
      @focusout=${this.leftMenu}>
      ${this.menuOpen
        ? items.map(
            ([icon, label, act]) => html`<button
              @click=${() => {
                this.menuOpen = false;
                this.menuOpener?.focus();
                act();
              }}
            >${icon}${label}</button>`,
          )
        : nothing}
    </div>`;
  }

  private held(talk: Conversation, texts: Texts): TemplateResult | typeof nothing {
    const [urgent] = talk.urgent;
    if (!urgent || !this.urgentHidden) return nothing;
    return html`<div class="held urgent ${urgent.urgency}" role="group" aria-label=${heading(urgent, texts)}>
      ${icons.warning}<span>${heading(urgent, texts)}</span>
      <button @click=${() => this.showEntry(urgent)}>${texts.showMessage}</button>
    </div>`;
  }

  private groups(talk: Conversation, texts: Texts): unknown {
    const groups: Entry[][] = [];
    for (const entry of talk.shown) {
      const last = groups.at(-1);
      const before = last?.at(-1);
      const same =
        before?.from === entry.from &&
        entry.time - before.time < GROUP_SECONDS &&
        entry.id !== this.newFrom;
      if (last && same) last.push(entry);
      else groups.push([entry]);
    }
    let day = new Date().toDateString();
    return repeat(
      groups,
      (group) => group[0]?.id,
      (group) => {
        const [first] = group;
        const last = group.at(-1);
        if (!first || !last) return nothing;
        const dated = new Date(first.time * 1000).toDateString();
        const separator = dated === day ? nothing : html`<div class="day">${this.day(first, texts)}</div>`;
        day = dated;
        return html`${separator}
          ${first.id === this.newFrom ? html`<div class="new">${texts.newMessages}</div>` : nothing}
          <div class="group ${first.from}">
            <span class="sr">${first.from === "user" ? texts.you : this.name}:</span>
            ${repeat(
              group,
              (entry) => entry.id,
              (entry, place) => this.entry(entry, texts, group[place - 1]),
            )}
            <time class="meta" datetime=${new Date(last.time * 1000).toISOString()}>
              ${last.status && talk.state === "offline" ? texts.waiting : clock(last.time, texts.language)}
            </time>
          </div>`;
      },
    );
  }

  private day(entry: Entry, texts: Texts): string {
    const date = new Date(entry.time * 1000);
    const yesterday = new Date(Date.now() - 86_400_000).toDateString();
    if (date.toDateString() === yesterday) return texts.yesterday;
    return new Intl.DateTimeFormat(locale(texts.language), { dateStyle: "medium" }).format(date);
  }

  private entry(entry: Entry, texts: Texts, before: Entry | undefined): TemplateResult {
    if (entry.from === "user") {
      return html`<div class="bubble ${entry.status ? "waits" : ""}" dir="auto">${entry.text}</div>
        ${entry.status === "failed"
          ? html`<div class="failed">
              ${texts.notSent}
              <button @click=${() => this.talk.retry(entry)}>${texts.tryAgain}</button>
            </div>`
          : nothing}`;
    }
    if (entry.closing) {
      const [sources, ...rest] = entry.text.split("\n");
      return html`<div class="closing" dir="auto" lang="en">
        <details>
          <summary lang=${texts.language}>${texts.sources}</summary>
          <p>${sources}</p>
        </details>
        <p>${rest.join(" ")}</p>
      </div>`;
    }
    const urgent = isUrgent(entry);
    return html`<div
      class="bubble ${urgent ? `urgent ${entry.urgency}` : ""}" dir="auto" lang="en" data-id=${entry.id}
    >
      ${urgent && !(before && isUrgent(before))
        ? html`<h3 lang=${texts.language}>${icons.warning}${heading(entry, texts)}</h3>`
        : nothing}
      ${this.picture(entry)}
      ${blocks(entry.text).map((block) =>
        block.list
          ? html`<ul>
              ${block.lines.map((line) => html`<li>${line.map(piece)}</li>`)}
            </ul>`
          : html`<p>${block.lines.map((line) => line.map(piece))}</p>`,
      )}
    </div>`;
  }

  private picture(entry: Entry): TemplateResult | typeof nothing {
    if (!entry.picture) return nothing;
    const source = new URL(entry.picture.src.replace(/^\//, ""), this.address);
    // Nothing is fetched from anywhere else, whatever a message says.
    if (source.origin !== this.address.origin) return nothing;
    return html`<img class="picture" src=${source.href} alt=${entry.picture.alt} />`;
  }

  private replies(talk: Conversation): TemplateResult | typeof nothing {
    const last = talk.list.at(-1);
    const offered = last?.from === "bot" ? last.quick_replies : talk.urgent.at(-1)?.quick_replies;
    if (!offered?.length || talk.answering) return nothing;
    return html`<div class="replies" lang="en">
      ${offered.map(
        (reply) => html`<button class="reply" @click=${() => this.choose(reply)}>${reply.title}</button>`,
      )}
    </div>`;
  }

  private notice(talk: Conversation, texts: Texts): unknown {
    if (this.asking) {
      return html`<p id="question">${texts.deleteQuestion}</p>
        <button class="plain danger" id="yes" aria-describedby="question" @click=${this.delete}>
          ${texts.deleteYes}
        </button>
        <button class="plain" @click=${this.keep}>${texts.deleteNo}</button>`;
    }
    if (talk.forbidden) return html`<p>${texts.forbidden}</p>`;
    if (talk.deleted) {
      return html`<p>${texts.deleted}</p>
        <button class="plain" @click=${this.startAgain}>${texts.startAgain}</button>`;
    }
    if (talk.state === "offline") return html`<p>${texts.offline}</p>`;
    if (this.note) return html`<p>${this.note}</p>`;
    if (talk.state === "connecting" && talk.isEmpty) return html`<p>${texts.connecting}</p>`;
    return nothing;
  }

  private form(texts: Texts): TemplateResult {
    const over = this.over;
    const count = this.count(texts);
    return html`<form @submit=${this.submitted}>
      <textarea
        rows="1" aria-label=${texts.label} placeholder=${texts.placeholder}
        enterkeyhint=${this.touch.matches ? "enter" : "send"} autocomplete="off" dir="auto" aria-describedby=${count ? "count" : nothing}
        aria-invalid=${over > 0 ? "true" : nothing}
        .value=${live(this.draft)} @input=${this.typed} @keydown=${this.typedKey}
      ></textarea>
      <button class="send" type="submit" aria-label=${texts.sendMessage}
        aria-disabled=${!this.draft.trim() || over > 0}>${icons.send}</button>
      ${count
        ? html`<div id="count" class="count ${over > 0 ? "over" : ""}">${count}</div>`
        : nothing}
    </form>`;
  }

  /** By how many characters the message is too long. */
  private get over(): number {
    return [...this.draft].length - MESSAGE_CHARS;
  }

  private count(texts: Texts): string {
    const used = this.over + MESSAGE_CHARS;
    if (used <= COUNTED_FROM) return "";
    return this.over > 0 ? texts.tooLong(this.over) : texts.characters(used, MESSAGE_CHARS);
  }

  // What happens then

  protected override firstUpdated(): void {
    this.goOn();
  }

  private goOn(): void {
    // Opened by the page or because it was open before, it leaves the focus where it is.
    this.quiet = this.open || this.talk.open;
    this.shown = false;
    if (!this.inline && this.talk.open) this.open = true;
    if (this.inline) this.talk.begin();
    else this.talk.resume();
    this.requestUpdate();
  }

  protected override willUpdate(changes: PropertyValues<this>): void {
    if (changes.has("server") && changes.get("server") !== undefined) {
      this.conversation?.stop();
      this.conversation = undefined;
    }
  }

  protected override updated(changes: PropertyValues<this>): void {
    if (changes.has("accent") || changes.has("scheme")) this.paint();
    if (this.open !== this.shown && !this.inline) this.openOrClose();
    const answered = this.wasAnswering && !this.talk.answering;
    this.wasAnswering = this.talk.answering;
    if (this.toShow.length) this.showNew();
    else if (this.following && changes.has("open")) this.toNewest();
    // The buttons come when the answer is complete.
    else if (answered && this.following) this.follow();
    this.watchUrgent();
    this.grow();
  }

  private changed(fresh: Entry[]): void {
    const said = fresh.filter((entry) => !entry.silent);
    const heard = said.filter((entry) => entry.from === "bot");
    if (heard.length) {
      this.scrolled(); // the event of the last scroll may still be on its way
      const seen = (this.open || this.inline) && this.following && !document.hidden;
      if (!seen) {
        if (!this.talk.unread) this.newFrom = heard[0]?.id;
        this.talk.markUnread(heard);
      }
      const urgent = heard.find(isUrgent);
      // The whole text is in the log; the heading must not wait for its turn there.
      if (urgent) this.announced = heading(urgent, this.texts);
    }
    this.toShow.push(...said);
    this.requestUpdate();
  }

  private openOrClose(): void {
    const panel = this.panel;
    if (!(panel instanceof HTMLDialogElement)) return;
    this.shown = this.open;
    if (this.open) {
      this.fit();
      this.talk.begin();
      this.talk.setOpen(true);
      this.following = true;
      this.toNewest();
      const focused = this.shadowRoot?.activeElement;
      if (!this.quiet || this.narrow.matches) {
        (this.touch.matches ? this.log : this.entryField)?.focus({ preventScroll: true });
      } else if (focused instanceof HTMLElement) focused.blur();
      this.quiet = false;
    } else {
      // A script of the page may close it while the person is somewhere else.
      const elsewhere = ![null, document.body, this].includes(document.activeElement as HTMLElement);
      panel.close();
      this.menuOpen = this.asking = false;
      this.newFrom = undefined;
      this.talk.setOpen(false);
      if (!elsewhere) {
        void this.updateComplete.then(() => this.find<HTMLElement>(".launcher")?.focus());
      }
    }
    this.dispatchEvent(new CustomEvent(this.open ? "backstride-open" : "backstride-close"));
  }

  /** On a phone the conversation takes the whole screen, and the page behind it is out of reach. */
  private fit = (): void => {
    const panel = this.panel;
    if (!(panel instanceof HTMLDialogElement) || !this.open) return;
    const focused = this.shadowRoot?.activeElement;
    if (panel.open) panel.close();
    if (this.narrow.matches) panel.showModal();
    else panel.show();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    this.fitView();
    this.requestUpdate();
  };

  private cameBack = (event: PageTransitionEvent): void => {
    if (event.persisted) this.conversation?.comeBack();
  };

  /** The keyboard of a phone shrinks what can be seen, and the conversation with it. */
  private fitView = (): void => {
    const view = window.visualViewport;
    const frame = this.find<HTMLElement>(".frame");
    if (!view || !frame) return;
    // Whoever zooms in with two fingers wants to see a part larger, and not less of it.
    const zoomed = view.scale > 1;
    const top = zoomed ? 0 : view.offsetTop;
    frame.style.setProperty("--view-height", `${view.height * view.scale}px`);
    frame.style.setProperty("--view-top", `${top}px`);
    const below = window.innerHeight - top - view.height * view.scale;
    frame.style.setProperty("--view-below", `${zoomed ? 0 : Math.max(0, below)}px`);
    if (this.following) this.follow();
  };

  private paint(): void {
    const frame = this.find<HTMLElement>(".frame");
    if (!frame) return;
    const ink = inkOn(this.accent);
    if (ink) {
      frame.style.setProperty("--accent", this.accent);
      frame.style.setProperty("--on-accent", ink);
    } else if (this.accent) {
      console.error(`backstride-chat: accent="${this.accent}" is no colour such as #0c6b67.`);
    }
  }

  private showNew(): void {
    const fresh = this.toShow;
    this.toShow = [];
    const { log } = this;
    if (fresh.some(isUrgent)) [this.urgentShown] = this.talk.urgent;
    if (!log || !(this.open || this.inline)) return;
    if (this.urgentShown && fresh.some(isUrgent)) return this.showEntry(this.urgentShown);
    if (!this.following) return this.scrolled();
    this.follow();
  }

  /** Scroll on with an answer. One that is longer than the screen is read from its beginning. */
  private follow(): void {
    const { log } = this;
    if (!log || !(this.open || this.inline)) return;
    if (this.urgentShown && this.talk.urgent.includes(this.urgentShown)) {
      return this.showEntry(this.urgentShown);
    }
    const asked = [...log.querySelectorAll<HTMLElement>(".group.user")].at(-1);
    const end = log.scrollHeight - log.clientHeight;
    let start = end;
    if (asked) {
      const top = asked.offsetTop - log.offsetTop - 12;
      // Of a long question only the last lines stay, so that its answer can be seen.
      start = Math.max(top, top + asked.offsetHeight - log.clientHeight / 3);
    }
    log.scrollTop = Math.min(end, Math.max(start, log.scrollTop));
    this.looked();
  }

  private showEntry(entry: Entry): void {
    const { log } = this;
    const bubble = log?.querySelector<HTMLElement>(`[data-id="${CSS.escape(entry.id)}"]`);
    if (!log || !bubble) return;
    log.scrollTop += bubble.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
    this.looked();
  }

  /** What came while it was closed is read from its beginning. */
  private toNewest(): void {
    if (this.newFrom && this.open) this.follow();
    else this.toEnd();
  }

  private toEnd(): void {
    const { log } = this;
    if (!log) return;
    log.scrollTop = log.scrollHeight;
    this.following = true;
    this.looked();
  }

  private expected = 0;

  private looked(): void {
    const { log } = this;
    if (!log) return;
    this.expected = log.scrollTop;
    this.atEnd = log.scrollHeight - log.clientHeight - log.scrollTop < NEAR_END;
    if (!document.hidden) this.talk.read();
  }

  private scrolled = (): void => {
    const { log } = this;
    // Nobody reads on in what is closed.
    if (!log || !(this.open || this.inline)) return;
    this.atEnd = log.scrollHeight - log.clientHeight - log.scrollTop < NEAR_END;
    if (Math.abs(log.scrollTop - this.expected) > 2) this.following = this.atEnd;
    this.expected = log.scrollTop;
    if (this.atEnd && !document.hidden) this.talk.read();
  };

  private watchUrgent(): void {
    const [urgent] = this.talk.urgent;
    const bubble =
      urgent && this.log?.querySelector(`[data-id="${CSS.escape(urgent.id)}"] h3`);
    if (!bubble || !this.log) {
      this.watcher?.disconnect();
      this.watcher = undefined;
      this.urgentHidden = false;
      return;
    }
    if (this.watched === bubble && this.watcher) return;
    this.watched = bubble;
    this.watcher?.disconnect();
    this.watcher = new IntersectionObserver(
      (seen) => {
        this.urgentHidden = (seen.at(-1)?.intersectionRatio ?? 1) < READABLE;
      },
      { root: this.log, threshold: READABLE },
    );
    this.watcher.observe(bubble);
  }

  private watched: Element | undefined;

  private grow(): void {
    const field = this.entryField;
    if (!field || CSS.supports("field-sizing", "content")) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight + 3}px`;
  }

  private pause: number | undefined;

  private typed = (event: Event): void => {
    this.draft = (event.target as HTMLTextAreaElement).value;
    this.note = this.counted = "";
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => (this.counted = this.count(this.texts)), PAUSE_MS);
  };

  private typedKey = (event: KeyboardEvent): void => {
    // Safari ends the composing of a word before it tells of the key, which it numbers 229.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing || this.touch.matches) return;
    event.preventDefault();
    this.send();
  };

  private submitted = (event: Event): void => {
    event.preventDefault();
    this.send();
    this.entryField?.focus();
  };

  private send(): void {
    const text = this.draft.trim();
    if (!text || this.over > 0) return;
    this.draft = this.counted = "";
    this.say(text);
  }

  private choose(reply: QuickReply): void {
    this.say(reply.payload, reply.title);
    // The button is gone; on a phone the keyboard must not jump up.
    (this.touch.matches ? this.log : this.entryField)?.focus({ preventScroll: true });
  }

  private say(text: string, title?: string): void {
    this.newFrom = this.urgentShown = undefined;
    this.note = "";
    this.following = true;
    this.talk.say(text, title ? { title } : {});
    void this.updateComplete.then(() => this.toEnd());
  }

  private pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    // In a place of its own it has nothing to close but these, and the page may want the key.
    if (this.inline && !this.menuOpen && !this.asking) return;
    event.preventDefault();
    event.stopPropagation();
    this.escape();
  };

  /** The back button of a phone asks for the same as Escape. */
  private cancelled = (event: Event): void => {
    event.preventDefault();
    this.escape();
  };

  /** Asked twice, some browsers close it without asking us. */
  private closed = (event: Event): void => {
    if (this.open && !(event.target as HTMLDialogElement).open) this.hide();
  };

  private escape(): void {
    if (this.menuOpen) {
      this.menuOpen = false;
      this.menuOpener?.focus();
    } else if (this.asking) this.keep();
    else this.hide();
  }

  private leftMenu = (event: FocusEvent): void => {
    const to = event.relatedTarget;
    const menu = event.currentTarget as HTMLElement;
    if (to instanceof Node && !menu.contains(to) && to !== this.menuOpener) this.menuOpen = false;
  };

  private pointed = (event: Event): void => {
    const inside = event.composedPath();
    const menu = this.find("#menu");
    if (!inside.some((part) => part === menu || part === this.menuOpener)) this.menuOpen = false;
  };

  private summary(): string {
    return summary(this.talk.shown, this.name, this.texts);
  }

  private async copy(): Promise<void> {
    const done = await copy(this.summary(), this.panel ?? document.body);
    this.note = done ? this.texts.copied : this.texts.copyFailed;
    this.menuOpener?.focus();
  }

  private askToDelete(): void {
    this.asking = true;
    void this.updateComplete.then(() => this.find<HTMLElement>("#yes")?.focus());
  }

  private keep = (): void => {
    this.asking = false;
    this.entryField?.focus();
  };

  private delete = async (): Promise<void> => {
    this.asking = false;
    this.note = (await this.talk.delete()) ? "" : this.texts.deleteFailed;
    this.announced = "";
    this.newFrom = undefined;
    this.entryField?.focus();
  };

  private startAgain = (): void => {
    this.talk.deleted = false;
    this.talk.begin();
    this.entryField?.focus();
  };

  private get menuOpener(): HTMLElement | null {
    return this.find("[aria-controls=menu]");
  }

  private get panel(): HTMLElement | null {
    return this.find(".panel");
  }

  private get log(): HTMLElement | null {
    return this.find(".log");
  }

  private get entryField(): HTMLTextAreaElement | null {
    return this.find("textarea");
  }

  private find<T extends Element>(selector: string): T | null {
    return this.shadowRoot?.querySelector<T>(selector) ?? null;
  }
}

function heading(entry: Entry, texts: Texts): string {
  if (entry.urgency === "crisis") return texts.crisis;
  return entry.urgency === "same_day" ? texts.sameDay : texts.emergency;
}

function piece({ text, href }: Piece): unknown {
  if (!href) return text;
  const away = href.startsWith("https:");
  return html`<a
    href=${href} target=${away ? "_blank" : nothing} rel=${away ? "noopener noreferrer" : nothing}
  >${text}</a>`;
}

/** Black or white, whichever can be read on this colour; nothing when it is no #rrggbb or #rgb. */
function inkOn(colour: string): string | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(colour);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(colour);
  const parts = short?.slice(1).map((part) => part + part) ?? long?.slice(1);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return light > 0.179 ? "#000" : "#fff";
}
