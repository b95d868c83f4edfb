/** What a task asks for, as far as words tell. */
export interface Wishes {
  /** Short phrases in the order of the sentence, the kind of thing first. */
  readonly phrases: readonly string[];
  /** The highest price, in dollars. */
  readonly cap: number;
}

/** Words with which a phrase of a request begins and that say nothing about the thing. */
const lead =
  /^(?:i am looking for|i need|buy me|find me|that is|which must be|available in|in|with|an?|the|for|of|and|must be|is)\s+/;

/** Reads a request: everything between commas and "and"s, without what introduces it. */
export function readWishes(text: string): Wishes {
  const task = /your task[^:]*:\s*(.+)/i.exec(text)?.[1] ?? text;
  const sentence = task.toLowerCase().replace(/ (?=that is |which must be )/g, ", ");
  const cap = Number(/(\d+(?:\.\d+)?) dollars/.exec(sentence)?.[1] ?? Number.POSITIVE_INFINITY);
  const phrases = sentence
    .split(/,|\band\b|\.(?=\s|$)/)
    .map(withoutLead)
    .filter((phrase) => phrase !== "" && !/dollars|^an? price/.test(phrase));
  return { phrases, cap };
}

function withoutLead(phrase: string): string {
  let rest = phrase.trim();
  for (;;) {
    const shorter = rest.replace(lead, "");
    if (shorter === rest) return rest;
    rest = shorter;
  }
}
