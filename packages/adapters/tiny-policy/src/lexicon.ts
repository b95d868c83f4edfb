/**
 * The little English that the policy does not learn: word endings, negation, connectives and a
 * few synonyms. Nothing here knows a sentence of any processor.
 */

const list = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Words without a meaning of their own for an advice; they carry no cue weight. */
export const functionWords: ReadonlySet<string> = new Set(
  list(`a an the of to is are was were be been being am it its and or in on at into onto you your i we
  our my this that these those with for from by as so do does did has have had will would can could
  should may might must s there their them they he she than which who what`),
);

/** Words that turn the next words around. */
export const negators: ReadonlySet<string> = new Set(
  list(`not never no without avoid avoiding stop neither nor cannot refrain skip don't doesn't didn't
  haven't hasn't hadn't isn't aren't wasn't weren't won't can't couldn't shouldn't needn't mustn't`),
);

/** Words that start a new clause; the clause before is marked with `<word`, the new one with `word`. */
export const connectives: ReadonlySet<string> = new Set(
  list("before then after instead rather until while but unless except whereas over"),
);

/** Words that mean a command or the state that it leads to. The first is the command. */
export const verbFamilies: readonly (readonly string[])[] = [
  list("clean wash rinse scrub cleaned"),
  list("heat hot warm heated"),
  list("cool cold chill cooled chilled"),
  list("slice cut sliced"),
  list("open opened unlock"),
  list("take grab pick"),
  list("move put place deliver bring store"),
  list("use turn switch toggle light"),
  list("go visit walk head"),
  list("look"),
  list("inventory"),
  list("examine inspect"),
  list("close shut"),
  list("help"),
];

/** Where people wash, warm and chill things. World knowledge that a language model would bring along. */
export const appliances: Readonly<Record<string, string>> = {
  clean: "sinkbasin",
  heat: "microwave",
  cool: "fridge",
};

const typeAliases: Readonly<Record<string, readonly string[]>> = {
  fridge: ["refrigerator"],
  garbagecan: ["garbage", "trash", "bin"],
  sofa: ["couch"],
  countertop: ["counter"],
  cellphone: ["phone"],
  remotecontrol: ["remote"],
  television: ["tv"],
};
const heads = ["table", "lamp", "basin", "burner", "machine", "hamper", "holder", "stand"];

const aliasCache = new Map<string, readonly string[]>();

/** The words by which a text may mention a type: itself, the head or the stem of a compound, a synonym. */
export function aliasesOf(type: string): readonly string[] {
  const known = aliasCache.get(type);
  if (known !== undefined) return known;
  const names = new Set([type, ...(typeAliases[type] ?? [])]);
  for (const head of heads) {
    if (type.length <= head.length + 1 || !type.endsWith(head)) continue;
    // A burner or a basin is known by either half; a "side" is no table.
    names.add(head === "basin" ? type.slice(0, -head.length) : head);
  }
  const made = [...names].map(strongStem);
  aliasCache.set(type, made);
  return made;
}

const irregular: Readonly<Record<string, string>> = {
  shelves: "shelf",
  knives: "knife",
  loaves: "loaf",
  leaves: "leaf",
  has: "has",
  this: "this",
  less: "less",
  glass: "glass",
  yes: "yes",
  always: "always",
  nothing: "nothing",
  anything: "anything",
  something: "something",
  everything: "everything",
  during: "during",
  bring: "bring",
  thing: "thing",
  once: "once",
};

/** Takes off plural and -ing; keeps -ed, because "search" and "searched" mean opposite advice. */
export function lightStem(word: string): string {
  const fixed = irregular[word];
  if (fixed !== undefined) return fixed;
  const n = word.length;
  if (n > 5 && word.endsWith("ing")) {
    const base = word.slice(0, -3);
    return base.at(-1) === base.at(-2) && !/[ls]$/.test(base) ? base.slice(0, -1) : base;
  }
  if (n > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (n > 4 && /(?:s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (n > 3 && word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** Also takes off -ed and a final e: what a mention of a verb or noun is found by. */
export function strongStem(word: string): string {
  let stem = lightStem(word);
  if (stem.length > 4 && stem.endsWith("ed")) {
    stem = stem.slice(0, -2);
    if (stem.at(-1) === stem.at(-2) && !/[ls]$/.test(stem)) stem = stem.slice(0, -1);
  }
  return stem.length > 3 && stem.endsWith("e") ? stem.slice(0, -1) : stem;
}

/** Words that speak of doing a thing again. */
export const repetitionStems: readonly string[] = list(
  "repeat again loop cycle circle same twice revisit return back once",
).map(strongStem);

const families = new Map<string, readonly string[]>();
for (const family of verbFamilies) families.set(family[0]!, [...new Set(family.map(strongStem))]);

/** Stems by which a text may mention a command. */
export const stemsOfVerb = (verb: string): readonly string[] =>
  families.get(verb) ?? [strongStem(verb)];
