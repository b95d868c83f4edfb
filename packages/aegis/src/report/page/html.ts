/** Text that is HTML already. Everything else is escaped where it enters a page. */
export class Html {
  constructor(readonly source: string) {}
}

/** What may stand in a template: lists are joined, `undefined` and `false` leave nothing. */
export type Content = Html | string | number | undefined | false | readonly Content[];

/** The one way to make HTML: what is put in is escaped unless it is `Html`. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let source = parts[0]!;
  values.forEach((value, index) => {
    source += sourceOf(value) + parts[index + 1]!;
  });
  return new Html(source);
}

function sourceOf(value: Content): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.source;
  if (typeof value === "object") return value.map(sourceOf).join("");
  return escapeText(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/**
 * Characters that nobody sees, or that change the order or the place of others: controls, joiners
 * and direction marks, tags, halves of surrogate pairs. Shown by their number, because code and
 * traces are read here to be judged.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** Text for elements and for attributes in quotes. */
export function escapeText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(
      INVISIBLE,
      (char) => `⟦U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟧`,
    )
    .replaceAll(/[&<>"'`]/g, (char) => entities[char]!);
}

/** The beginning of a text, with a note when something is left out. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Never between the halves of one character.
  const end = /[\uD800-\uDBFF]$/.test(text.slice(0, length)) ? length - 1 : length;
  return `${text.slice(0, end)}… (${(text.length - end).toLocaleString("en-US")} more characters)`;
}

/** An id for anchors: letters and digits, so that it needs no care in `href` and `id`. */
export const anchor = (kind: string, name: string): string =>
  `${kind}-${name.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 80)}`;
