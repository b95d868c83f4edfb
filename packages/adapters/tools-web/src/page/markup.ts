/** Tags that have no end, or whose end may be left out: they say nothing about nesting. */
const FLAT: ReadonlySet<string> = new Set(
  (
    "area base br col embed hr img input link meta source track wbr " +
    "p li dt dd tr td th thead tbody tfoot colgroup option optgroup rp rt html head body"
  ).split(" "),
);

const NAME = /^\/?([a-z][a-z0-9-]*)/i;
const MAX_NAME_CHARS = 40;

/** How much markup there is and how deeply it is nested, roughly, in one pass over the text. */
export function shapeOf(html: string): { readonly tags: number; readonly depth: number } {
  let [tags, depth, deepest] = [0, 0, 0];
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at + 1)) {
    const name = NAME.exec(html.slice(at + 1, at + 1 + MAX_NAME_CHARS))?.[1]?.toLowerCase();
    if (name === undefined) continue;
    tags += 1;
    if (FLAT.has(name)) continue;
    depth = html[at + 1] === "/" ? Math.max(0, depth - 1) : depth + 1;
    deepest = Math.max(deepest, depth);
  }
  return { tags, depth: deepest };
}

/** Elements whose content nobody sees. */
const HIDDEN = /^(script|style|noscript|template)(?=[\s/>])/i;

/**
 * What is left of a page without its markup, in one pass: for pages that are too large or too odd
 * for a parser.
 */
export function textWithoutMarkup(html: string): string {
  const pieces: string[] = [];
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf("<", at);
    if (start < 0) {
      pieces.push(html.slice(at));
      break;
    }
    pieces.push(html.slice(at, start), " ");
    const hidden = HIDDEN.exec(html.slice(start + 1, start + 12))?.[1];
    const from = hidden === undefined ? start : html.indexOf(`</${hidden}`, start);
    const end = from < 0 ? -1 : html.indexOf(">", from);
    if (end < 0) break;
    at = end + 1;
  }
  return pieces.join("");
}
