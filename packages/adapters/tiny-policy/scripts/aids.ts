import { typeOf } from "../src/situation.ts";
import type { Memory } from "./memory.ts";

/** The aids that a harness may give, one by one. */
export const aidNames = ["loop", "open", "notes", "procedure", "order"] as const;
export type AidName = (typeof aidNames)[number];

/** What notes may say. */
export interface NoteFacts {
  /** Places whose contents are known and hold nothing that the task names. */
  readonly dull: readonly string[];
  /** Things that the task names and where they were seen. */
  readonly seen: readonly { readonly object: string; readonly place: string }[];
  readonly unsearched: readonly string[];
  readonly contents: ReadonlyMap<string, readonly string[]>;
  readonly held: string | undefined;
  /** Where the agent put something that the task names. */
  readonly delivered: readonly { readonly object: string; readonly place: string }[];
}

/** How the aids are worded. Each is said in general English, as an author of a processor might put it. */
export interface Wording {
  readonly open: string;
  readonly procedure: string;
  /** Gets the last command, how often it was given lately, and places visited again and again lately. */
  loop(command: string, times: number, places: readonly string[]): string;
  notes(facts: NoteFacts): string;
  /** Gets kinds of objects with kinds of places, likeliest first. */
  order(usual: ReadonlyMap<string, readonly string[]>): string;
}

/** The wording of `scripts/evaluate.ts`; none of its sentences is a training wording. */
export const plainWording: Wording = {
  open: "If a drawer, cabinet or other container is closed, open it to see what it holds before going on.",
  procedure: [
    "Some tasks want the object in a certain state:",
    "- clean: pick it up, bring it to a sinkbasin, clean it there, and then deliver it.",
    "- hot: pick it up, bring it to a microwave, heat it there, and then deliver it.",
    "- cool: pick it up, bring it to a fridge, cool it there, and then deliver it.",
  ].join("\n"),
  loop: (command, times, places) =>
    places.length > 0
      ? `You keep returning to ${places.join(", ")}. Repeating that will not help; head elsewhere.`
      : `You have now done "${command}" ${times} times. Repeating it will not help; do something else.`,
  notes({ dull, seen, delivered, held }) {
    const lines: string[] = [];
    if (dull.length > 0) lines.push(`Already searched, nothing needed there: ${dull.join(", ")}.`);
    for (const { object, place } of seen) lines.push(`${object} was noticed on ${place}.`);
    if (held !== undefined) lines.push(`In hand: ${held}.`);
    for (const { object, place } of delivered)
      lines.push(`${object} is now in its destination ${place}; bring any further one there too.`);
    return lines.length === 0 ? "" : `Notes\n${lines.join("\n")}`;
  },
  order: (usual) =>
    `Where to search first:\n${[...usual]
      .map(([type, places]) => `- ${type}: ${places.slice(0, 3).join(", ")}`)
      .join("\n")}`,
};

/** How far back a loop is looked for. */
const loopStretch = 12;

/** The advice of one step, from what a processor can see. */
export function adviceFor(
  aids: ReadonlySet<AidName>,
  wording: Wording,
  memory: Memory,
  taskText: string,
): string {
  const parts: string[] = [];
  const words = new Set(taskText.toLowerCase().match(/[a-z]+/g) ?? []);
  if (aids.has("notes")) {
    const needed = (name: string): boolean => words.has(typeOf(name));
    const contents = new Map<string, readonly string[]>();
    const dull: string[] = [];
    const seen: { object: string; place: string }[] = [];
    for (const [place, known] of memory.places) {
      if (known.contents === undefined) continue;
      contents.set(place, known.contents);
      const hits = known.contents.filter(needed);
      if (hits.length === 0) dull.push(place);
      else if (!words.has(typeOf(place))) for (const object of hits) seen.push({ object, place });
    }
    const delivered = seenAtGoal(memory, words);
    const text = wording.notes({
      dull,
      delivered,
      seen,
      unsearched: memory.unsearched(),
      contents,
      held: memory.held,
    });
    if (text !== "") parts.push(text);
  }
  if (aids.has("loop")) {
    const lately = memory.commands.slice(-loopStretch);
    const count = (command: string): number => lately.filter((each) => each === command).length;
    const last = lately.at(-1);
    const places = [...memory.places.keys()].filter((place) => count(`go to ${place}`) >= 2);
    if (last !== undefined && (count(last) >= 2 || places.length > 0))
      parts.push(wording.loop(last, count(last), places));
  }
  return parts.join("\n\n");
}

/** What the agent has put down at a place that the task names. */
function seenAtGoal(
  memory: Memory,
  words: ReadonlySet<string>,
): { object: string; place: string }[] {
  const found: { object: string; place: string }[] = [];
  for (const command of new Set(memory.commands)) {
    const match = /^move (\S+ \d+) to (\S+ \d+)$/.exec(command);
    if (match === null || !words.has(typeOf(match[1]!)) || !words.has(typeOf(match[2]!))) continue;
    if (memory.places.get(match[2]!)?.contents?.includes(match[1]!) === true)
      found.push({ object: match[1]!, place: match[2]! });
  }
  return found;
}

/** The system prompt that the aids make up. */
export function systemFor(
  aids: ReadonlySet<AidName>,
  wording: Wording,
  usual: ReadonlyMap<string, readonly string[]>,
  first = "You are an agent in a household. Use the tools to complete the task.",
): string {
  const parts = [first];
  if (aids.has("open")) parts.push(wording.open);
  if (aids.has("procedure")) parts.push(wording.procedure);
  if (aids.has("order")) parts.push(wording.order(usual));
  return parts.filter((part) => part !== "").join("\n\n");
}
