/** The look. Nothing of the page around gets in, and nothing gets out. */

import { css } from "lit";

export const styles = css`
  /* "!important" inside a shadow root beats the page's own, so no rule of the page gets in. */
  :host {
    all: initial !important;
    display: block !important;
  }
  :host([hidden]) {
    display: none !important;
  }
  :host([inline]) {
    block-size: 100% !important;
    min-block-size: 20em !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  .frame {
    color-scheme: light dark;
    --accent: var(--backstride-accent, #0c6b67);
    --on-accent: var(--backstride-on-accent, #fff);
    --surface: light-dark(#ffffff, #16222b);
    --ground: light-dark(#f3f6f7, #0f1920);
    --bubble: light-dark(#ffffff, #1e2d37);
    --text: light-dark(#1b2a34, #e9eff2);
    --muted: light-dark(#4d5f6b, #a9bac5);
    --line: light-dark(#d5dee3, #2f414c);
    --edge: light-dark(#6b7f8b, #7f95a2);
    --link: light-dark(#0a5a86, #8fd0f7);
    --focus: light-dark(#0a5a86, #ffd866);
    --grave: light-dark(#a3201a, #ff9d94);
    --grave-ground: light-dark(#fff1ef, #3a1a19);
    --soon: light-dark(#7a4b00, #f3c46b);
    --soon-ground: light-dark(#fff6e3, #33270f);
    --shadow: 0 1px 2px rgb(15 30 40 / 0.12), 0 12px 40px rgb(15 30 40 / 0.22);
    color: var(--text);
    font:
      1em/1.5 system-ui,
      -apple-system,
      "Segoe UI",
      Roboto,
      "Noto Sans",
      sans-serif;
    overflow-wrap: anywhere;
    text-align: start;
  }
  .frame[data-scheme="light"] {
    color-scheme: light;
  }
  .frame[data-scheme="dark"] {
    color-scheme: dark;
  }
  .inline {
    block-size: 100%;
  }
  .sr {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    margin: 0;
    padding: 0;
    cursor: pointer;
    text-align: inherit;
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .icon {
    display: block;
    inline-size: 1.375em;
    block-size: 1.375em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  /* The bubble */
  .launcher {
    position: fixed;
    inset-block-end: 1.25em;
    inset-inline-end: 1.25em;
    z-index: 2147483646;
    display: grid;
    place-items: center;
    inline-size: 3.75em;
    block-size: 3.75em;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    border: 2px solid var(--on-accent);
    box-shadow: var(--shadow);
    transition: transform 0.15s;
  }
  .launcher:hover {
    transform: translateY(-2px);
  }
  .launcher:focus-visible {
    outline-color: var(--text);
    box-shadow: 0 0 0 3px var(--surface);
    outline-offset: 3px;
  }
  .launcher .icon {
    inline-size: 1.9em;
    block-size: 1.9em;
  }
  .badge {
    position: absolute;
    inset-block-start: -0.35em;
    inset-inline-end: -0.35em;
    min-inline-size: 1.7em;
    padding-inline: 0.4em;
    border-radius: 1em;
    background: #a3201a;
    color: #fff;
    border: 2px solid #fff;
    font-size: 0.8125em;
    font-weight: 700;
    line-height: 1.5em;
    text-align: center;
  }
  .badge .icon {
    inline-size: 1.4em;
    block-size: 1.5em;
    margin-inline: auto;
    stroke-width: 2.4;
  }
  .start .launcher {
    inset-inline: 1.25em auto;
  }

  /* The panel */
  .panel {
    display: none;
    flex-direction: column;
    padding: 0;
    margin: 0;
    color: inherit;
    background: var(--surface);
    overflow: hidden;
  }
  .panel[open],
  .inline .panel {
    display: flex;
  }
  .inline .panel {
    block-size: 100%;
    border: 1px solid var(--line);
    border-radius: 1em;
    position: relative;
  }
  dialog.panel {
    position: fixed;
    inset: auto;
    inset-block-end: calc(1.25em + var(--view-below, 0px));
    inset-inline-end: 1.25em;
    z-index: 2147483647;
    inline-size: min(25em, 100vw - 2.5em);
    block-size: min(41em, var(--view-height, 100dvh) - 2.5em);
    max-inline-size: none;
    max-block-size: none;
    border: 1px solid var(--line);
    border-radius: 1.125em;
    box-shadow: var(--shadow);
    animation: rise 0.18s ease-out;
  }
  .start dialog.panel {
    inset-inline: 1.25em auto;
  }
  dialog.panel.full {
    inset: 0 auto auto 0;
    inset-block-start: var(--view-top, 0);
    inline-size: 100vw;
    block-size: var(--view-height, 100dvh);
    border: 0;
    border-radius: 0;
    padding-block-end: env(safe-area-inset-bottom);
  }
  dialog.panel::backdrop {
    background: rgb(10 20 28 / 0.5);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(0.75em);
    }
  }

  .top {
    display: flex;
    align-items: center;
    gap: 0.625em;
    padding: 0.75em 0.625em 0.75em 0.875em;
    padding-inline: 0.875em 0.625em;
    border-block-end: 1px solid var(--line);
  }
  .mark {
    display: grid;
    place-items: center;
    inline-size: 2.375em;
    block-size: 2.375em;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    flex: none;
  }
  .names {
    flex: 1;
    min-inline-size: 0;
  }
  h2,
  .subtitle {
    margin: 0;
    font-size: 1em;
    font-weight: 650;
    line-height: 1.3;
  }
  .subtitle {
    font-size: 0.8125em;
    font-weight: 400;
    color: var(--muted);
  }
  .tool {
    display: grid;
    place-items: center;
    inline-size: 2.5em;
    block-size: 2.5em;
    border-radius: 0.625em;
    color: var(--muted);
    flex: none;
  }
  .tool:hover,
  .menu button:hover {
    background: var(--ground);
    color: var(--text);
  }
  .menu {
    position: absolute;
    inset-block-start: 3.75em;
    inset-inline-end: 0.625em;
    z-index: 3;
    display: grid;
    inline-size: max-content;
    max-inline-size: calc(100% - 1.25em);
    padding: 0.375em;
    background: var(--surface);
    border: 1px solid var(--edge);
    border-radius: 0.75em;
    box-shadow: var(--shadow);
  }
  .menu button {
    display: flex;
    align-items: center;
    gap: 0.75em;
    padding: 0.5em 0.75em;
    border-radius: 0.5em;
    color: var(--text);
    font-size: 0.9375em;
  }

  /* What was said */
  .talk {
    position: relative;
    flex: 1;
    min-block-size: 0;
    display: flex;
    background: var(--ground);
  }
  .log {
    flex: 1;
    min-inline-size: 0;
    overflow: auto;
    overscroll-behavior: contain;
    padding: 0.875em;
    /* What gets the focus stays clear of the lines that lie above the rest. */
    scroll-padding-block: 3.5em;
    scrollbar-width: thin;
  }
  .log:focus-visible {
    outline-offset: -3px;
  }
  .group {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    gap: 0.375em;
    margin-block-end: 0.875em;
    max-inline-size: 46em;
    margin-inline: auto;
  }
  .group.user {
    align-items: flex-end;
  }
  .bubble {
    max-inline-size: min(100%, 34em);
    padding: 0.5625em 0.8125em;
    background: var(--bubble);
    border: 1px solid var(--line);
    border-radius: 0.25em 1em 1em 1em;
  }
  .bubble:dir(rtl) {
    border-radius: 1em 0.25em 1em 1em;
  }
  .group .bubble + .bubble {
    border-radius: 1em;
  }
  .user .bubble {
    max-inline-size: 85%;
    background: var(--accent);
    color: var(--on-accent);
    border-color: transparent;
    border-radius: 1em 1em 0.25em 1em;
    white-space: pre-wrap;
  }
  .user .bubble:dir(rtl) {
    border-radius: 1em 1em 1em 0.25em;
  }
  .user .bubble.waits {
    opacity: 0.85;
  }
  p,
  ul {
    margin: 0;
  }
  p + p,
  ul + p,
  p + ul {
    margin-block-start: 0.5em;
  }
  ul {
    padding-inline-start: 1.25em;
  }
  li + li {
    margin-block-start: 0.25em;
  }
  a {
    color: var(--link);
    text-underline-offset: 0.15em;
  }
  .picture {
    display: block;
    inline-size: 100%;
    max-inline-size: 22.5em;
    aspect-ratio: 9 / 5;
    object-fit: contain;
    margin-block-end: 0.5em;
    border-radius: 0.625em;
  }
  .meta {
    font-size: 0.75em;
    color: var(--muted);
    padding-inline: 0.25em;
  }
  .failed {
    display: flex;
    gap: 0.5em;
    align-items: baseline;
    font-size: 0.8125em;
    color: var(--grave);
    font-weight: 600;
  }
  .failed button {
    min-block-size: 2em;
    padding-inline: 0.5em;
    text-decoration: underline;
    color: var(--link);
  }
  .closing {
    padding-inline: 0.25em;
    max-inline-size: min(100%, 34em);
    font-size: 0.8125em;
    color: var(--muted);
  }
  summary {
    display: inline-flex;
    align-items: center;
    gap: 0.375em;
    min-block-size: 1.9em;
    cursor: pointer;
    text-decoration: underline dotted;
    text-underline-offset: 0.2em;
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::before {
    content: "";
    inline-size: 0.4em;
    block-size: 0.4em;
    border: solid currentColor;
    border-width: 0 0.12em 0.12em 0;
    transform: rotate(45deg) translate(-0.1em, -0.1em);
  }
  details[open] summary::before {
    transform: rotate(225deg) translate(-0.1em, -0.1em);
  }
  details p {
    padding-block: 0.125em 0.375em;
  }
  .day,
  .new {
    display: flex;
    align-items: center;
    gap: 0.75em;
    margin-block: 0.25em 0.875em;
    font-size: 0.75em;
    color: var(--muted);
  }
  .day::before,
  .day::after,
  .new::before,
  .new::after {
    content: "";
    flex: 1;
    border-block-start: 1px solid var(--line);
  }
  .new {
    color: var(--link);
    font-weight: 600;
  }
  .new::before,
  .new::after {
    border-color: currentColor;
  }

  /* Urgent: said in words, by a sign, a heading and a thick edge, and only then by colour. */
  .urgent {
    --sign: var(--grave);
    --sign-ground: var(--grave-ground);
  }
  .urgent.same_day {
    --sign: var(--soon);
    --sign-ground: var(--soon-ground);
  }
  .bubble.urgent {
    background: var(--sign-ground);
    border: 2px solid var(--sign);
    border-inline-start-width: 0.5em;
    border-radius: 0.625em;
    padding: 0.75em 0.875em;
    max-inline-size: 100%;
  }
  .urgent h3 {
    display: flex;
    align-items: center;
    gap: 0.5em;
    margin: 0 0 0.375em;
    font-size: 1.0625em;
    font-weight: 750;
    line-height: 1.3;
    color: var(--sign);
  }
  .urgent a[href^="tel:"] {
    display: inline-block;
    min-block-size: 1.75em;
    padding-inline: 0.45em;
    margin-inline: 0.05em;
    border: 1.5px solid currentColor;
    border-radius: 0.5em;
    background: var(--surface);
    font-weight: 700;
    line-height: 1.6;
    text-decoration: none;
    white-space: nowrap;
  }
  .urgent p {
    line-height: 1.65;
  }
  .held {
    position: absolute;
    inset: 0 0 auto;
    z-index: 2;
    display: flex;
    align-items: center;
    gap: 0.625em;
    padding: 0.5em 0.875em;
    background: var(--sign-ground);
    border-block-end: 2px solid var(--sign);
    color: var(--sign);
    font-weight: 700;
  }
  .held button {
    margin-inline-start: auto;
    min-block-size: 2em;
    padding-inline: 0.5em;
    font-size: 0.875em;
    color: var(--link);
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }

  /* What can be said next */
  .replies {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    max-inline-size: 46em;
    margin: 0 auto 0.875em;
  }
  .reply {
    min-block-size: 2.25em;
    padding: 0.3em 0.875em;
    border: 1.5px solid var(--edge);
    border-radius: 1.25em;
    background: var(--surface);
    font-size: 0.9375em;
    font-weight: 550;
  }
  .reply:hover,
  .plain:hover {
    background: var(--ground);
    border-color: var(--text);
  }
  .newer {
    position: absolute;
    inset-block-end: 0.625em;
    inset-inline-end: 0.75em;
    display: flex;
    align-items: center;
    gap: 0.375em;
    min-block-size: 2.25em;
    min-inline-size: 2.25em;
    padding: 0.25em 0.5em;
    border: 1.5px solid var(--edge);
    border-radius: 1.25em;
    background: var(--surface);
    box-shadow: var(--shadow);
    font-size: 0.875em;
    font-weight: 600;
  }
  .typing {
    display: flex;
    gap: 0.3em;
    inline-size: max-content;
    padding: 0.8em 0.9em;
    background: var(--bubble);
    border: 1px solid var(--line);
    border-radius: 0.25em 1em 1em 1em;
  }
  .typing i {
    inline-size: 0.45em;
    block-size: 0.45em;
    border-radius: 50%;
    background: var(--muted);
    animation: beat 1.2s infinite;
  }
  .typing i:nth-child(2) {
    animation-delay: 0.15s;
  }
  .typing i:nth-child(3) {
    animation-delay: 0.3s;
  }
  @keyframes beat {
    30% {
      opacity: 0.25;
    }
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5em 0.75em;
    padding: 0.5em 0.875em;
    border-block-start: 1px solid var(--line);
    background: var(--surface);
    font-size: 0.875em;
  }
  .notice p {
    flex: 1 1 14em;
  }
  #question {
    flex-basis: 100%;
  }
  .notice:empty {
    display: none;
  }
  .plain {
    min-block-size: 2.25em;
    padding: 0.25em 0.875em;
    border: 1.5px solid var(--edge);
    border-radius: 0.625em;
    font-weight: 600;
  }
  .plain.danger {
    border-color: var(--grave);
    color: var(--grave);
  }

  form {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 0.25em 0.5em;
    padding: 0.625em;
    border-block-start: 1px solid var(--line);
    background: var(--surface);
  }
  textarea {
    flex: 1;
    min-inline-size: 0;
    max-block-size: 9em;
    min-block-size: 2.75em;
    padding: 0.5625em 0.8125em;
    border: 1.5px solid var(--edge);
    border-radius: 1.125em;
    background: var(--surface);
    color: var(--text);
    font: inherit;
    resize: none;
    field-sizing: content;
  }
  textarea::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  textarea:focus-visible {
    outline-offset: 0;
  }
  .send {
    display: grid;
    place-items: center;
    inline-size: 2.75em;
    block-size: 2.75em;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    flex: none;
  }
  .send[aria-disabled="true"] {
    background: var(--ground);
    color: var(--muted);
    box-shadow: inset 0 0 0 1.5px var(--line);
    cursor: default;
  }
  .count {
    flex-basis: 100%;
    font-size: 0.75em;
    color: var(--muted);
    padding-inline: 0.75em;
  }
  .count.over {
    color: var(--grave);
    font-weight: 700;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before {
      animation: none !important;
      transition: none !important;
    }
  }
  @media (forced-colors: active) {
    .bubble,
    .send,
    .launcher,
    .mark,
    .tool,
    .badge {
      border: 1px solid CanvasText;
    }
    .bubble.urgent {
      border: 4px double CanvasText;
    }
    .typing i {
      background: CanvasText;
    }
    .held {
      background: Canvas;
    }
  }
`;
