import { connectives, functionWords, lightStem, negators, strongStem } from "./lexicon.ts";

/** A part of a sentence between commas or connectives. */
export interface Clause {
  /** Cue words of this clause alone. */
  readonly words: readonly string[];
  /** Names such as "drawer 3". */
  readonly instances: readonly string[];
  /** Stems of the other words, for mentions of types and verbs. */
  readonly stems: readonly string[];
}

/** One sentence, list item or table row. */
export interface Sentence {
  /** Cue words of the whole sentence and of the heading above it; each once. */
  readonly words: readonly string[];
  readonly clauses: readonly Clause[];
  /** Stems that only the heading mentions. */
  readonly headingStems: readonly string[];
  /** Scores under the cues of `owner`; filled in when the sentence is first weighed. */
  memo?: { readonly owner: object; readonly scores: Float64Array };
}

const tokenPattern = /[a-z]+(?:['’][a-z]+)?|\d+|[^\sa-z\d]/g;
const clauseBreak = /^[,()|–—→>[\]{}"]$/;
/** How many content words after a negator are turned around. */
const negationReach = 3;

const isWord = (token: string): boolean => token >= "a" && token < "{";
const isNumber = (token: string): boolean => token >= "0" && token < ":";

interface OpenClause {
  words: string[];
  instances: string[];
  stems: string[];
}

/** Splits one sentence into clauses with their cue words and mentions. */
function readSentence(text: string, heading: Sentence | undefined): Sentence {
  const tokens = text.toLowerCase().match(tokenPattern) ?? [];
  const clauses: OpenClause[] = [];
  let clause: OpenClause = { words: [], instances: [], stems: [] };
  let negated = 0;
  let noun = "";
  let afterInstance = false;
  const endClause = (): void => {
    if (clause.words.length + clause.instances.length + clause.stems.length > 0)
      clauses.push(clause);
    clause = { words: [], instances: [], stems: [] };
    negated = 0;
  };
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    if (isNumber(token)) {
      // "drawer 3", and the list form "drawers 3, 4 and 5".
      if (noun !== "") {
        if (!afterInstance) {
          clause.stems.splice(clause.stems.lastIndexOf(strongStem(noun)), 1);
          const word = clause.words.at(-1);
          if (word !== undefined && (word === noun || word === `!${noun}`)) clause.words.pop();
        }
        clause.instances.push(`${noun} ${Number(token)}`);
        afterInstance = true;
      }
      continue;
    }
    if (!isWord(token)) {
      if (clauseBreak.test(token) || (token === "-" && tokens[i + 1] === "-")) {
        // A list of numbers goes on after a comma; its clause is shared.
        if (!(afterInstance && token === "," && isNumber(tokens[i + 1] ?? ""))) endClause();
      }
      if (token !== "," && token !== "&" && token !== "#") noun = "";
      continue;
    }
    if (token === "and" && afterInstance && isNumber(tokens[i + 1] ?? "")) continue;
    const word = lightStem(token.replace("’", "'"));
    afterInstance = false;
    noun = "";
    if (connectives.has(token)) {
      clause.words.push(`<${token}`);
      endClause();
      clause.words.push(token);
      if (token === "instead" || token === "rather") negated = negationReach;
      continue;
    }
    if (negators.has(token) || negators.has(word)) {
      clause.words.push("!");
      negated = negationReach;
      continue;
    }
    if (functionWords.has(token)) continue;
    clause.words.push(negated > 0 ? `!${word}` : word);
    const stem = strongStem(word);
    const previous = clause.stems.at(-1);
    clause.stems.push(stem);
    // "desk lamp" is also found as "desklamp".
    if (previous !== undefined && tokens[i - 1] !== undefined && isWord(tokens[i - 1]!))
      clause.stems.splice(-1, 0, previous + stem);
    noun = word;
    if (negated > 0) negated -= 1;
  }
  endClause();
  // The star stands in every sentence: what a mention means when none of its words is known.
  const words = new Set<string>(["*", ...(heading?.words ?? [])]);
  for (const each of clauses) for (const word of each.words) words.add(word);
  const headingStems = heading === undefined ? [] : heading.clauses.flatMap((each) => each.stems);
  return { words: [...words], clauses, headingStems };
}

const sentenceEnd = /(?<=[!?;])\s+|(?<=[^\d\s][.])\s+|(?<=\d[.])\s+(?=[A-Z])|;/;
const listMark = /^\s*(?:[-*•>]|\d+[.)])\s+/;

/** Splits text into sentences. A heading's words count for every line under it, up to a blank line. */
export function readText(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let heading: Sentence | undefined;
  let fresh = false;
  for (const raw of text.split("\n")) {
    const line = raw.replace(listMark, "").trim();
    if (line === "") {
      if (!fresh) heading = undefined;
      continue;
    }
    const marked = line.startsWith("#");
    if (marked || (line.endsWith(":") && !listMark.test(raw))) {
      heading = cachedSentence(line, undefined);
      sentences.push(heading);
      fresh = marked;
      continue;
    }
    fresh = false;
    for (const part of line.split(sentenceEnd)) {
      if (part.trim() === "") continue;
      sentences.push(cachedSentence(part, heading));
    }
  }
  return sentences;
}

const cacheLimit = 8192;
let cache = new Map<string, Sentence>();
let cacheWithHeading = new WeakMap<Sentence, Map<string, Sentence>>();

/** Notes repeat most of their lines from step to step: each is read once. */
function cachedSentence(text: string, heading: Sentence | undefined): Sentence {
  let map = cache;
  if (heading !== undefined) {
    map = cacheWithHeading.get(heading) ?? new Map<string, Sentence>();
    cacheWithHeading.set(heading, map);
  }
  const known = map.get(text);
  if (known !== undefined) return known;
  if (map.size >= cacheLimit) {
    cache = new Map();
    cacheWithHeading = new WeakMap();
    map = cache;
    if (heading !== undefined) {
      map = new Map();
      cacheWithHeading.set(heading, map);
    }
  }
  const made = readSentence(text, heading);
  map.set(text, made);
  return made;
}
