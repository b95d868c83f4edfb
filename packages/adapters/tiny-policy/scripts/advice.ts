import { appliances } from "../src/lexicon.ts";
import { typeOf } from "../src/situation.ts";
import type { TaskReading } from "../src/task.ts";
import type { Memory } from "./memory.ts";
import type { Random } from "./random.ts";
import * as w from "./wordings.ts";

/** What the advice in a context amounts to, for the teacher that follows it. */
export interface Meaning {
  open: -1 | 0 | 1;
  treat: -1 | 0 | 1;
  repeat: -1 | 0 | 1;
  idle: boolean;
  avoid: Set<string>;
  prefer: Set<string>;
  target: Set<string>;
  likely: Set<string>;
  unlikely: Set<string>;
  first: Set<string>;
  last: Set<string>;
  avoidCommands: Set<string>;
  leave: Set<string>;
  deliver: string | undefined;
}

export const noMeaning = (): Meaning => ({
  open: 0,
  treat: 0,
  repeat: 0,
  idle: false,
  avoid: new Set(),
  prefer: new Set(),
  target: new Set(),
  likely: new Set(),
  unlikely: new Set(),
  first: new Set(),
  last: new Set(),
  avoidCommands: new Set(),
  leave: new Set(),
  deliver: undefined,
});

/** What an episode's advice may refer to. */
export interface Scene {
  readonly task: TaskReading;
  readonly themes: ReadonlySet<string>;
  readonly places: readonly string[];
  readonly objectTypes: readonly string[];
  /** Where things of the wanted kind lie at the start. */
  readonly themePlaces: readonly string[];
  /** By type of object: types of places, likeliest first. */
  readonly usual: ReadonlyMap<string, readonly string[]>;
}

/** Advice for one episode: a system prompt, and text for each step. */
export interface Adviser {
  readonly system: string;
  step(memory: Memory): { readonly text: string; readonly meaning: Meaning };
}

const fill = (text: string, slots: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (all, name: string) => slots[name] ?? all);

/** Says some of the words in another way. */
const vary = (random: Random, text: string): string =>
  text.replace(/[A-Za-z]+/g, (word) => {
    const others = w.synonyms[word.toLowerCase()];
    if (others === undefined || random.chance(0.6)) return word;
    const other = random.pick(others);
    return /^[A-Z]/.test(word) ? capital(other) : other;
  });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const plural = (type: string): string =>
  /(?:s|x|ch|sh)$/.test(type)
    ? `${type}es`
    : type.endsWith("f")
      ? `${type.slice(0, -1)}ves`
      : `${type}s`;

function listOf(random: Random, items: readonly string[]): string {
  const style = random.below(4);
  if (items.length < 2) return items[0] ?? "nothing";
  if (style === 0) return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
  if (style === 1) return `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;
  return items.join(", ");
}

const kinds = (random: Random, types: readonly string[]): string =>
  listOf(random, random.chance(0.6) ? types.map(plural) : types);

const spelled: Readonly<Record<string, readonly string[]>> = {
  sinkbasin: ["sinkbasin", "sink", "sink basin", "sinkbasin"],
  fridge: ["fridge", "refrigerator", "fridge"],
  microwave: ["microwave"],
};
const forms: Readonly<Record<string, { v: string[]; d: string[] }>> = {
  clean: { v: ["clean", "clean", "wash", "rinse"], d: ["clean", "cleaned", "washed"] },
  heat: { v: ["heat", "heat", "warm", "heat up"], d: ["hot", "heated", "warm"] },
  cool: { v: ["cool", "cool", "chill", "cool down"], d: ["cool", "cold", "cooled", "chilled"] },
};

function treatmentSlots(random: Random, verb: string, theme: string): Record<string, string> {
  const { v, d } = forms[verb]!;
  const verbText = random.pick(v);
  return {
    v: verbText,
    ving: `${verbText.split(" ")[0]}ing`,
    d: random.pick(d),
    a: random.pick(spelled[appliances[verb]!]!),
    t: theme,
  };
}

const lineOf = (random: Random, text: string): string => (random.chance(0.5) ? `- ${text}` : text);

/** Draws the advice of one episode. About a fifth of the episodes get none. */
export function drawAdviser(random: Random, scene: Scene): Adviser {
  const theme = [...scene.themes][0] ?? "object";
  const fixed: string[] = [];
  const base = noMeaning();
  const steps: ((memory: Memory, meaning: Meaning) => string)[] = [];
  const plain = random.chance(0.2);
  // From a word or two of advice to all of it at once.
  const share = 0.15 + 0.75 * random.next();
  const wanted = plain ? [] : random.shuffled(advisers).filter(() => random.chance(share));
  const context = { random, scene, theme, fixed, base, steps };
  for (const add of wanted) add(context);
  if (random.chance(plain ? 0.5 : 0.6)) fixed.push(...random.some(w.filler, 4));
  const joined = random.chance(0.5) ? "\n" : " ";
  const text = random.shuffled(fixed).reduce((all, part) => {
    const block = part.includes("\n") || part.endsWith(":");
    return all === "" ? part : `${all}${block || all.includes("\n") ? "\n\n" : joined}${part}`;
  }, "");
  const inSystem = random.chance(0.8);
  return {
    system: inSystem ? text : "",
    step(memory) {
      const meaning: Meaning = { ...base };
      meaning.avoid = new Set();
      meaning.prefer = new Set();
      meaning.target = new Set();
      meaning.avoidCommands = new Set();
      meaning.leave = new Set();
      const parts = steps.map((step) => step(memory, meaning)).filter((part) => part !== "");
      if (!inSystem && text !== "") parts.unshift(text);
      return { text: parts.join("\n\n"), meaning };
    },
  };
}

interface Context {
  readonly random: Random;
  readonly scene: Scene;
  readonly theme: string;
  readonly fixed: string[];
  readonly base: Meaning;
  readonly steps: ((memory: Memory, meaning: Meaning) => string)[];
}

const chooseOne = (
  random: Random,
  good: readonly string[],
  bad: readonly string[],
  badShare: number,
) => {
  const wrong = random.chance(badShare);
  return { wrong, text: vary(random, random.some(wrong ? bad : good, 2).join(" ")) };
};

function openAdvice({ random, fixed, base, steps }: Context): void {
  const { wrong, text } = chooseOne(random, w.openContainers, w.leaveClosed, 0.2);
  if (random.chance(0.7)) {
    base.open = wrong ? -1 : 1;
    fixed.push(text);
    return;
  }
  // Said only when something closed is in front of the agent.
  steps.push((memory, meaning) => {
    if (!memory.closed) return "";
    meaning.open = wrong ? -1 : 1;
    return text;
  });
}

function treatAdvice({ random, scene, theme, fixed, base }: Context): void {
  const all = random.shuffled(["clean", "heat", "cool"]);
  const told = random.chance(0.7) ? all : all.slice(0, 1 + random.below(2));
  const wrong = random.chance(0.12);
  const style = random.below(5);
  const parts = told.map((verb) => {
    const slots = treatmentSlots(random, verb, theme);
    if (wrong) return capital(fill(vary(random, random.pick(w.noProcedure)), slots));
    if (style === 0)
      return w.procedureSteps[random.below(w.procedureSteps.length)]!.map((line) =>
        capital(fill(line, slots)),
      ).join("\n");
    if (style === 1) return capital(fill(vary(random, random.pick(w.procedureBare)), slots));
    return capital(fill(vary(random, random.pick(w.procedure)), slots));
  });
  fixed.push(parts.join(style === 0 ? "\n\n" : random.chance(0.5) ? "\n" : " "));
  const verb = scene.task.treatment;
  if (verb === undefined) return;
  if (told.includes(verb)) base.treat = wrong ? -1 : 1;
  else if (
    style === 1 &&
    !wrong &&
    parts.some((part) => /heat.*cool|hot.*cool|treat the/i.test(part))
  )
    base.treat = 1;
}

function repeatAdvice({ random, fixed, base }: Context): void {
  const { wrong, text } = chooseOne(random, w.noRepeat, w.repeatIsFine, 0.2);
  base.repeat = wrong ? 1 : -1;
  fixed.push(text);
}

function loopAlerts({ random, steps }: Context): void {
  const least = 2 + random.below(2);
  const named = random.chance(0.7);
  const recently = random.chance(0.6);
  const always = random.chance(0.5);
  steps.push((memory, meaning) => {
    const command = memory.commands.at(-1);
    const stretch = recently ? memory.commands.slice(-10) : memory.commands;
    const often = [...memory.places.keys()].filter(
      (name) => stretch.filter((each) => each === `go to ${name}`).length >= least,
    );
    const looping =
      command !== undefined && stretch.filter((each) => each === command).length >= least;
    if (!looping && (often.length === 0 || !always)) return "";
    if (!named) {
      meaning.repeat = -1;
      return vary(random, random.pick(w.loopAlert));
    }
    const place = often.at(-1);
    const wording = vary(random, random.pick(w.loopAlertNamed));
    const needs = wording.includes("{P}") || wording.includes("{p}");
    if (needs && place === undefined) {
      meaning.repeat = -1;
      return vary(random, random.pick(w.loopAlert));
    }
    meaning.repeat = -1;
    if (wording.includes("{P}")) for (const each of often) meaning.avoid.add(each);
    else if (needs) meaning.avoid.add(place!);
    const culprit = command ?? "look";
    if (wording.includes("{c}")) meaning.avoidCommands.add(culprit);
    const text = fill(wording, {
      p: place ?? "",
      P: listOf(random, often),
      c: culprit,
      n: String(least),
    });
    return random.chance(0.3) ? `${vary(random, random.pick(w.loopAlert))} ${text}` : text;
  });
}

function notes({ random, scene, theme, steps }: Context): void {
  const style = random.below(4);
  const line = vary(random, random.pick(w.searchedLine));
  const sentence = vary(random, random.pick(w.searched));
  const heading = random.chance(0.6) ? `${vary(random, random.pick(w.searchedHeading))}\n` : "";
  const left = vary(random, random.pick(w.unsearched));
  const seen = vary(random, random.pick(w.seenAt));
  const seenHead = random.chance(0.4) ? `${vary(random, random.pick(w.seenHeading))}\n` : "";
  const hands = vary(random, random.pick(w.holding));
  const down = vary(random, random.pick(w.placed));
  const bullet = random.chance(0.6);
  const withLeft = random.chance(0.4);
  const withSeen = random.chance(0.6);
  const withHands = random.chance(0.4);
  const withDown = random.chance(0.5);
  const onlyLeft = random.chance(0.12);
  const leftLimit = random.chance(0.5) ? 100 : 1 + random.below(6);
  const mixed = random.chance(0.3);
  steps.push((memory, meaning) => {
    const parts: string[] = [];
    const isTheme = (name: string): boolean => scene.themes.has(typeOf(name));
    const useful = (name: string): string[] =>
      (memory.places.get(name)?.contents ?? []).filter(isTheme);
    const known = memory.searched();
    const goal = scene.task.goal;
    const dull = known.filter((name) => useful(name).length === 0);
    if (!onlyLeft && dull.length > 0) {
      for (const name of dull) meaning.avoid.add(name);
      if (style <= 1) {
        const lines = dull.map((name) => {
          const others = memory.places.get(name)!.contents!;
          const wording = mixed
            ? w.searchedLine[
                (name.length * 7 + name.charCodeAt(name.length - 1)) % w.searchedLine.length
              ]!
            : line;
          const filled = wording.includes("{X}") && others.length === 0 ? "{p}: empty" : wording;
          const text = fill(filled, { p: name, t: theme, X: others.slice(0, 4).join(", ") });
          return bullet ? `- ${text}` : text;
        });
        parts.push(heading + lines.join(style === 0 ? "\n" : bullet ? "\n" : "; "));
      } else
        parts.push(
          (random.chance(0.2) ? heading : "") +
            capital(fill(sentence, { P: listOf(random, dull), t: theme })),
        );
    }
    if (withSeen || style === 0) {
      const lines: string[] = [];
      for (const name of known) {
        if (typeOf(name) === goal) continue;
        for (const object of useful(name).slice(0, 2)) {
          meaning.target.add(name);
          const others = (memory.places.get(name)?.contents ?? []).filter((each) => !isTheme(each));
          const wording = seen.includes("{X}") && others.length === 0 ? "{p}: {o}" : seen;
          lines.push(
            lineOf(
              random,
              fill(wording, { o: object, p: name, t: theme, X: others.slice(0, 3).join(", ") }),
            ),
          );
        }
      }
      // A lamp that is needed is worth a note as well.
      if (goal !== undefined)
        for (const name of known)
          for (const object of memory.places.get(name)?.contents ?? [])
            if (typeOf(object) === goal) {
              meaning.target.add(name);
              lines.push(fill("{o} is on {p}.", { o: object, p: name }));
            }
      if (lines.length > 0) parts.push(seenHead + lines.join("\n"));
    }
    if (withLeft || onlyLeft) {
      const rest = memory.unsearched().slice(0, leftLimit);
      if (rest.length > 0) {
        for (const name of rest) meaning.prefer.add(name);
        parts.push(capital(fill(left, { P: listOf(random, rest), t: theme })));
      }
    }
    if (withHands && memory.held !== undefined) parts.push(fill(hands, { o: memory.held }));
    if (withDown && goal !== undefined)
      for (const [name, place] of memory.places)
        if (typeOf(name) === goal)
          for (const object of (place.contents ?? []).filter(isTheme)) {
            // Only what the agent has put there itself is delivered.
            if (!memory.commands.some((command) => command === `move ${object} to ${name}`))
              continue;
            meaning.leave.add(object);
            meaning.deliver = name;
            parts.push(fill(down, { o: object, p: name }));
          }
    return parts.join("\n");
  });
}

/** A hint where the object is; sometimes stale or made up. */
function hint({ random, scene, theme, steps }: Context): void {
  const wording = vary(random, random.pick(w.seenAt));
  const right = scene.themePlaces.length > 0 && random.chance(0.75);
  const place = random.pick(right ? scene.themePlaces : scene.places);
  const number = 1 + random.below(3);
  const other = `${random.pick(scene.objectTypes)} 1`;
  const about = random.chance(0.7) ? theme : random.pick(scene.objectTypes);
  const struck = random.chance(0.6);
  const text = fill(wording, { o: `${about} ${number}`, p: place, t: about, X: other });
  steps.push((memory, meaning) => {
    if (!scene.themes.has(about)) return text;
    // Once it has been looked at in vain, the advice is known to be wrong but still stands there.
    const known = memory.places.get(place)?.contents;
    if (known === undefined || known.some((name) => scene.themes.has(typeOf(name))))
      meaning.target.add(place);
    // A note-taker strikes it out.
    else if (struck) return "";
    return text;
  });
}

function order({ random, scene, theme, fixed, base }: Context): void {
  const types = random.shuffled(new Set(scene.places.map(typeOf)));
  const usual = scene.usual.get(theme) ?? types;
  const right = random.chance(0.75) ? usual.slice(0, 2 + random.below(3)) : random.some(types, 3);
  const style = random.below(6);
  const lineFor = (type: string, places: readonly string[], wording: string): string =>
    capital(fill(wording, { t: type, T: kinds(random, places) }));
  if (style === 0) {
    for (const type of right) base.likely.add(type);
    fixed.push(lineFor(theme, right, vary(random, random.pick(w.likelyTheme))));
  } else if (style === 1 || style === 2) {
    // A table of many things, the wanted one among them.
    const wording = vary(random, random.pick(w.likelyTheme));
    const others = random
      .shuffled(scene.usual.keys())
      .slice(0, 3 + random.below(random.chance(0.3) ? 60 : 20));
    const rows = random.shuffled(new Set([...others, theme])).map((type) => {
      const places =
        type === theme ? right : (scene.usual.get(type) ?? types).slice(0, 2 + random.below(3));
      return lineOf(random, lineFor(type, places, wording));
    });
    for (const type of right) base.likely.add(type);
    fixed.push(`${vary(random, random.pick(w.likelyHeading))}\n${rows.join("\n")}`);
  } else if (style === 3) {
    const away = types.filter((type) => !usual.slice(0, 3).includes(type)).slice(0, 2);
    for (const type of away) base.unlikely.add(type);
    if (away.length > 0)
      fixed.push(lineFor(theme, away, vary(random, random.pick(w.unlikelyTheme))));
  } else if (style === 4) {
    const later = types.filter((type) => !right.includes(type)).slice(0, 3);
    const wording = vary(random, random.pick(w.firstKinds));
    for (const type of right) base.first.add(type);
    if (wording.includes("{U}")) for (const type of later) base.last.add(type);
    fixed.push(
      capital(
        fill(wording, {
          T: kinds(random, right),
          U: kinds(random, later.length > 0 ? later : ["garbagecan"]),
        }),
      ),
    );
  } else {
    const later = types.filter((type) => !usual.slice(0, 3).includes(type)).slice(0, 3);
    for (const type of later) base.last.add(type);
    if (later.length > 0)
      fixed.push(
        capital(fill(vary(random, random.pick(w.lastKinds)), { U: kinds(random, later) })),
      );
  }
}

function idling({ random, fixed, base }: Context): void {
  base.idle = true;
  fixed.push(vary(random, random.pick(w.noIdling)));
}

const advisers = [openAdvice, treatAdvice, repeatAdvice, loopAlerts, notes, hint, order, idling];
