import { canonicalJson, sha256Hex, type Json, type Tool, type ToolResult } from "@harnessx/core";
import type { Episode } from "@harnessx/core/testing";
import { drive } from "./drive.ts";
import { wordsOf } from "./leak-index.ts";
import { judged, late, uncovered, type Outcome } from "./outcome.ts";
import type { Recording, Replayed } from "./replay.ts";
import type { Subject } from "./subject.ts";
import type { Decision, Setup } from "./watch.ts";

/** A way of saying the same thing otherwise. */
interface Change {
  readonly name: string;
  /** Of every text, there and back. */
  readonly text?: { to(text: string): string; back(text: string): string };
  /** Of every piece of data. */
  readonly data?: (value: unknown) => unknown;
}

/**
 * Plays recordings again with everything renamed, reordered and extended that means nothing, and
 * demands the same decisions. A table of tasks, hidden in whatever way, decides otherwise.
 */
export async function judgeMetamorphic(
  subject: Subject,
  setup: Setup,
  base: readonly Replayed[],
): Promise<Outcome> {
  const findings: string[] = [];
  let runs = 0;
  let decisions = 0;
  for (const { recording, notes } of base) {
    if (notes.late) return late("time ran out");
    decisions += notes.decisions.length;
    const changes = changesFor(recording);
    const differs = async (some: readonly Change[]): Promise<boolean | undefined> => {
      runs += 1;
      const { episode, names } = changed(recording, some);
      const other = await drive(subject, setup, episode, names);
      if (other.notes.late) return undefined;
      const back = (text: string): string =>
        some.reduceRight((done, { text: one }) => one?.back(done) ?? done, text);
      return shape(notes.decisions, (text) => text) !== shape(other.notes.decisions, back);
    };
    // All at once; one by one only to say which it was.
    const all = await differs(changes);
    if (all === undefined) return late("time ran out");
    if (!all) continue;
    const causes: string[] = [];
    for (const change of changes) if (await differs([change])) causes.push(change.name);
    const why = causes.length > 0 ? causes.join(" and ") : "all of it together";
    findings.push(`${recording.episode.name}: it decides otherwise with ${why}`);
  }
  const counts = { runs, decisions };
  return decisions === 0
    ? uncovered("no event reached it", counts)
    : judged(findings.slice(0, 5), counts);
}

const shape = (decisions: readonly Decision[], back: (text: string) => string): string =>
  decisions
    .map(({ hook, verdict, said }) =>
      canonicalJson([hook, verdict, mapTexts(plain(said), (text) => words(back(text)))] as Json),
    )
    .join("\n");

/** A sentence that names the fields of a call may name them in their order. */
const words = (text: string): string => wordsOf(text).sort().join(" ");

const plain = (value: unknown): unknown =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);

function changesFor({ episode, names }: Recording): Change[] {
  return [
    { name: "its ids renamed", text: renaming(episode, names) },
    { name: "fields in another order", data: reversed },
    { name: "unknown fields added", data: extended },
  ];
}

/* Renaming ---------------------------------------------------------------------------------- */

/** A word that is an id: letters and digits mixed, as hashes and universal ids are. */
const ID = /\b(?=[0-9a-f-]*\d)(?=[0-9a-f-]*[a-f])[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi;

function renaming(
  { task, replies }: Episode,
  names: Recording["names"],
): NonNullable<Change["text"]> {
  const there = new Map<string, string>();
  const backwards = new Map<string, string>();
  const rename = (id: string): string => {
    let other = there.get(id);
    if (other === undefined) {
      other = disguise(id, there.size);
      there.set(id, other);
      backwards.set(other, id);
    }
    return other;
  };
  for (const id of [names.task, names.run]) if (id !== "") rename(id);
  for (const { calls = [] } of replies)
    for (const { id } of calls) if (id !== undefined) rename(id);
  const mentioned = [task.text, JSON.stringify(task.metadata ?? null)].join("\n").match(ID) ?? [];
  mentioned.forEach(rename);
  const whole = (map: ReadonlyMap<string, string>, text: string): string => {
    const exact = map.get(text);
    if (exact !== undefined) return exact;
    let next = text.replace(ID, (id) => map.get(id) ?? id);
    // Names that do not look like ids are found where they stand in a text, if they are not words.
    for (const id of [names.task, names.run]) {
      const from = map === there ? id : there.get(id);
      const to = map === there ? there.get(id) : id;
      if (from !== undefined && to !== undefined && from.length >= 6)
        next = next.replaceAll(from, to);
    }
    return next;
  };
  return { to: (text) => whole(there, text), back: (text) => whole(backwards, text) };
}

/** Another id of the same length and kind: digits stay digits, letters stay letters of the same case. */
function disguise(id: string, salt: number): string {
  const noise = sha256Hex(`${salt} ${id}`).repeat(Math.ceil(id.length / 64));
  const pick = (letters: string, at: number, letter: string): string => {
    const from = letters.indexOf(letter);
    const step = 1 + (parseInt(noise[at]!, 16) % (letters.length - 1));
    return letters[(from + step) % letters.length]!;
  };
  return Array.from(id)
    .map((letter, at) => {
      const sets = [
        "0123456789",
        "abcdef",
        "ABCDEF",
        "ghijklmnopqrstuvwxyz",
        "GHIJKLMNOPQRSTUVWXYZ",
      ];
      const set = sets.find((one) => one.includes(letter));
      return set ? pick(set, at % noise.length, letter) : letter;
    })
    .join("");
}

/* Data -------------------------------------------------------------------------------------- */

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, map)]));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, reversed(one)]),
  );
}

const extended = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value, "x-unknown": { added: [1, "later"] } }
    : value;

/** The recording with everything in it changed; what the tools are asked is changed back for them. */
function changed({ episode, names }: Recording, changes: readonly Change[]): Recording {
  const text = (one: string): string =>
    changes.reduce((done, change) => change.text?.to(done) ?? done, one);
  const back = (one: string): string =>
    changes.reduceRight((done, change) => change.text?.back(done) ?? done, one);
  const data = (value: unknown, own = true): unknown =>
    changes.reduce(
      (done, change) => (own || change.data !== extended ? (change.data?.(done) ?? done) : done),
      mapTexts(value, text),
    );
  const { task, replies, tools } = episode;
  return {
    names: { task: text(names.task), run: text(names.run) },
    episode: {
      ...episode,
      task: {
        ...task,
        text: text(task.text),
        ...(task.metadata === undefined ? {} : { metadata: data(task.metadata) as Json }),
      },
      replies: replies.map((reply) => ({
        ...reply,
        ...(reply.text === undefined ? {} : { text: text(reply.text) }),
        ...(reply.calls === undefined
          ? {}
          : {
              calls: reply.calls.map((call) => ({
                ...call,
                ...(call.id === undefined ? {} : { id: text(call.id) }),
                // What a tool is asked means something: nothing is added to it.
                input: data(call.input, false),
              })),
            }),
      })),
      tools: tools.map((tool) => ({ ...tool, execute: executeWith(tool, { text, back, data }) })),
    },
  };
}

interface Ways {
  text(one: string): string;
  back(one: string): string;
  data(value: unknown): unknown;
}

/** Answers at once when the tool does: the order of events must not change. */
function executeWith(tool: Tool, { text, back, data }: Ways): Tool["execute"] {
  const change = (result: ToolResult | string): ToolResult | string => {
    if (typeof result === "string") return text(result);
    const { content, structured } = result;
    return {
      ...result,
      content: mapTexts(content, text) as typeof content,
      ...(structured === undefined ? {} : { structured: data(structured) as Json }),
    };
  };
  return (input, context) => {
    const given = { ...context, callId: back(context.callId) };
    const result = tool.execute(mapTexts(input, back) as never, given);
    return result instanceof Promise ? result.then(change) : change(result);
  };
}
