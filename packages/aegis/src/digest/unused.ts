import type { Episode, EpisodeCall } from "./episode.ts";

/**
 * Things that a text refers to by a name of their own: a word with its number ("drawer 3"), a word
 * with a digit ("B07XYZ") or a mark inside ("user_id", "a/b.txt"), a number of three digits or more.
 * Plain words are none: that a sentence shares one with a later call says nothing.
 */
const REFERENT =
  /[a-z\u00df-\uffff]+ \d+\b|[a-z\d\u00df-\uffff]+(?:[_/@#]+[a-z\d\u00df-\uffff.:-]*[a-z\d\u00df-\uffff])+|[a-z\u00df-\uffff]+\d[a-z\d\u00df-\uffff]*|\d+[a-z\u00df-\uffff][a-z\d\u00df-\uffff]*|\d{3,}/g;

function referentsOf(text: string): string[] {
  // Most texts have none, and looking at every letter of them costs more than reading the trace.
  if (!/[\d_/@#]/.test(text)) return [];
  const names = text.toLowerCase().match(REFERENT) ?? [];
  // "order 4711" is also meant by "is 4711".
  return names.flatMap((name) => [name, ...(/ \d{3,}$/.test(name) ? [name.split(" ")[1]!] : [])]);
}

/**
 * Calls whose result brought up something new that nobody came back to: no later argument and not the
 * last answer names any of it. Results without such names, with what was known before, and of the last call are never
 * among them: about those counting can say nothing.
 */
export function unusedResults({ text, calls, lastText }: Episode): EpisodeCall[] {
  const known = new Set(referentsOf(text));
  const fresh = calls.map((call) => {
    for (const name of namedBy(call)) known.add(name);
    if (call.status !== "ok") return [];
    const names = referentsOf(call.reply).filter((name) => !known.has(name));
    for (const name of names) known.add(name);
    return names;
  });
  const later = new Set(referentsOf(lastText));
  const unused: EpisodeCall[] = [];
  for (let at = calls.length - 1; at >= 0; at -= 1) {
    const names = fresh[at]!;
    if (at < calls.length - 1 && names.length > 0 && !names.some((name) => later.has(name)))
      unused.push(calls[at]!);
    for (const name of namedBy(calls[at]!)) later.add(name);
  }
  return unused.toReversed();
}

const namedBy = ({ args }: EpisodeCall): string[] =>
  Object.values(args).flatMap((value) => [value.toLowerCase(), ...referentsOf(value)]);
