import type { Episode, EpisodeCall } from "../digest/episode.ts";
import { groupBy } from "../statistics/group.ts";
import type { Piece } from "./argument-template.ts";
import { generalPath, leafAt, leavesOf, type ReplyLeaf } from "./reply-leaves.ts";

/** A call that may be another way to what a failing tool was asked for. */
export interface PathExample {
  readonly episode: Episode;
  readonly call: EpisodeCall;
  readonly argument: string;
  readonly pieces: readonly Piece[];
  /** What the failing tool returned for the same arguments when it did not fail. */
  readonly wanted: readonly string[];
}

/** Two texts that share this much of the shorter one say the same. */
const SAME = 0.6;
/** Two that share less than this do not. */
const DIFFERENT = 0.3;
const SHINGLE = 4;
/** Of the confirmed replies, how many must have the content at the same place. */
const AGREEING = 0.8;

/**
 * Where in the replies the wanted content stands: where they repeat what the failing tool returned
 * for the same arguments, or hold what a passing run went on to use and had not met before.
 * Undefined when replies disagree or one holds something else there.
 */
export function mineContent(
  examples: readonly PathExample[],
): { readonly path: readonly string[]; readonly confirmed: readonly PathExample[] } | undefined {
  const found = examples.flatMap((example) => {
    const leaves = leavesOf(example.call.reply);
    const leaf = leaves
      .filter(({ text }) => isSame(text, example.wanted) || isUsed(text, example))
      .toSorted((a, b) => b.text.length - a.text.length)[0];
    return leaf ? [{ example, path: generalPath(leaf.path) }] : [];
  });
  const groups = [...groupBy(found, ({ path }) => JSON.stringify(path)).values()];
  const [best] = groups.toSorted((a, b) => b.length - a.length);
  if (!best || best.length < found.length * AGREEING) return undefined;
  const { path } = best[0]!;
  const contradicted = examples.some(({ call, wanted }) => {
    const leaf = leafAt(leavesOf(call.reply), path);
    return leaf !== undefined && isOther(leaf, wanted);
  });
  return contradicted ? undefined : { path, confirmed: best.map(({ example }) => example) };
}

const isSame = (text: string, wanted: readonly string[]): boolean =>
  wanted.some((one) => overlap(text, one) >= SAME);

const isOther = ({ text }: ReplyLeaf, wanted: readonly string[]): boolean =>
  wanted.length > 0 && wanted.every((one) => overlap(text, one) < DIFFERENT);

/** The share of the shorter text's word sequences that the other has, too; both may be cut. */
function overlap(a: string, b: string): number {
  const [short, long] = [shingles(a), shingles(b)].toSorted((x, y) => x.size - y.size);
  if (!short || !long || short.size < SHINGLE) return 0;
  let shared = 0;
  for (const shingle of short) if (long.has(shingle)) shared += 1;
  return shared / short.size;
}

function shingles(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const found = new Set<string>();
  for (let at = 0; at + SHINGLE <= words.length; at += 1)
    found.add(words.slice(at, at + SHINGLE).join(" "));
  return found;
}

/** Shorter values stand in a text by accident. */
const MIN_USED = 3;

/** Whether a passing run went on to use words of the text that it had not met before. */
function isUsed(text: string, { episode, call }: PathExample): boolean {
  if (!episode.passed) return false;
  const at = episode.calls.indexOf(call);
  const before = [
    episode.text,
    ...episode.calls.slice(0, at).flatMap(({ reply, args }) => [reply, ...Object.values(args)]),
    ...Object.values(call.args),
  ].join("\n");
  return episode.calls
    .slice(at + 1)
    .flatMap(({ args }) => Object.values(args))
    .some((value) => value.length >= MIN_USED && text.includes(value) && !before.includes(value));
}
