/** The assistant's plain text as paragraphs, lists and links. Nothing here makes markup. */

export type Piece = { text: string; href?: string };
export type Block = { list: boolean; lines: Piece[][] };

const SCHEMES = new Set(["https:", "mailto:", "tel:"]);
const LINK = new RegExp(
  [
    "(?<url>https://[^\\s<>\"'()]+[^\\s<>\"'().,;:!?])",
    "(?<mail>[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)*\\.[a-z]{2,})",
    "(?<domain>(?<![\\w@./-])(?:[a-z0-9-]+\\.)+(?:com|org|net|gov|int|uk|ie|au|nz|ca)(?![\\w-]))",
    "(?<phone>(?<![\\w.,+-])(?:\\+\\d[\\d ()-]{6,}\\d|0\\d{2,4}[ -]\\d{3,4}[ -]?\\d{3,4})(?![\\w-]))",
    // Numbers to call that are short, so they are links only where calling is spoken of.
    "(?<short>(?<![\\w.,+-])(?:116 123|13 11 14|999|112|911|988|000|111)(?![\\w-]|[.,]\\d|\\s*%))",
  ].join("|"),
  "g",
);
const CALLING = /\b(?:call|calls|phone|ring|dial|talk to|NHS|Lifeline|Samaritans)\b/i;

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const line of text.split("\n")) {
    const list = line.startsWith("- ");
    const pieces = linked(list ? line.slice(2) : line, CALLING.test(text));
    const last = found.at(-1);
    if (last && last.list && list) last.lines.push(pieces);
    else found.push({ list, lines: [pieces] });
  }
  return found;
}

/** The address as it may stand in a link, or nothing. */
export function safe(address: string): string | undefined {
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

function linked(line: string, calling: boolean): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of line.matchAll(LINK)) {
    const { url, mail, domain, phone, short } = match.groups ?? {};
    if (short && !calling) continue;
    const number = phone ?? short;
    const address =
      url ??
      (mail && `mailto:${mail}`) ??
      (domain && `https://${domain}`) ??
      (number && `tel:${number.replace(/[^\d+]/g, "")}`);
    const href = safe(address ?? "");
    if (!href) continue;
    if (match.index > end) pieces.push({ text: line.slice(end, match.index) });
    pieces.push({ text: match[0], href });
    end = match.index + match[0].length;
  }
  if (end < line.length) pieces.push({ text: line.slice(end) });
  return pieces;
}
