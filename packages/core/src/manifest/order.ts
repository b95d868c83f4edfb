import { hxError } from "../errors/index.ts";
import type { EntryFacts, ProcessorEntry } from "./types.ts";

interface Node {
  readonly id: string;
  readonly position: number;
  readonly stage: number;
  readonly entry: ProcessorEntry;
  readonly facts: EntryFacts;
  /** Entries that must run earlier. */
  readonly earlier: Set<Node>;
}

/**
 * The one order in which the processors of a manifest run, from data alone.
 *
 * Among the entries whose predecessors have all been placed, the one with the lowest stage (the
 * entry's own, else its package's, else 0) comes next, then the one that stands first in the
 * manifest. So a `before` or `after` wins over stages and both win over position; an entry held
 * back by a constraint follows directly once nothing of a lower stage is ready. A name stands for
 * every other entry with that id, package or group. A package's own constraints on absent names are
 * ignored, since it cannot know its company; an entry's are errors. An entry without facts is taken
 * to have its `use` as package and no group. Adding an entry that no constraint touches never
 * changes the relative order of the others.
 *
 * @throws HX_MANIFEST_DUPLICATE_ID, HX_MANIFEST_ORDER_UNKNOWN, HX_MANIFEST_DUPLICATE_GROUP,
 * HX_MANIFEST_ORDER_CYCLE (with the cycle as `details.ids`).
 *
 * @example
 * ```ts
 * import { orderProcessors } from "@harnessx/core";
 * orderProcessors(
 *   [{ id: "log", use: "a-log", stage: 100 }, { id: "loops", use: "b" }, { id: "trim", use: "c", before: ["loops"] }],
 *   new Map(),
 * ); // ["trim", "loops", "log"]
 * ```
 */
export function orderProcessors(
  entries: readonly ProcessorEntry[],
  facts: ReadonlyMap<string, EntryFacts>,
): readonly string[] {
  const nodes = entries.map((entry, position) => nodeOf(entry, position, facts));
  const named = nameIndex(nodes);
  for (const node of nodes) constrain(node, named);
  checkGroups(nodes);
  return place(nodes);
}

function nodeOf(
  entry: ProcessorEntry,
  position: number,
  all: ReadonlyMap<string, EntryFacts>,
): Node {
  const facts = all.get(entry.id) ?? { use: entry.use, package: entry.use };
  const stage = entry.stage ?? facts.stage ?? 0;
  return { id: entry.id, position, stage, entry, facts, earlier: new Set() };
}

function nameIndex(nodes: readonly Node[]): ReadonlyMap<string, ReadonlySet<Node>> {
  const index = new Map<string, Set<Node>>();
  const ids = new Set<string>();
  for (const node of nodes) {
    if (ids.has(node.id)) throw hxError("HX_MANIFEST_DUPLICATE_ID", { id: node.id });
    ids.add(node.id);
    for (const name of [node.id, node.facts.package, node.facts.group]) {
      if (name === undefined) continue;
      const known = index.get(name);
      if (known) known.add(node);
      else index.set(name, new Set([node]));
    }
  }
  return index;
}

function constrain(node: Node, named: ReadonlyMap<string, ReadonlySet<Node>>): void {
  const add = (names: readonly string[] | undefined, link: (other: Node) => void, own: boolean) => {
    for (const target of names ?? []) {
      const matches = named.get(target);
      if (own && matches === undefined) {
        throw hxError("HX_MANIFEST_ORDER_UNKNOWN", { entry: node.id, target });
      }
      for (const other of matches ?? []) {
        // A package may well precede "its group"; only an entry that names nothing but itself errs.
        if (other !== node || (own && matches?.size === 1)) link(other);
      }
    }
  };
  const before = (other: Node) => other.earlier.add(node);
  const after = (other: Node) => node.earlier.add(other);
  add(node.entry.before, before, true);
  add(node.entry.after, after, true);
  add(node.facts.before, before, false);
  add(node.facts.after, after, false);
}

function checkGroups(nodes: readonly Node[]): void {
  const groups = new Map<string, string[]>();
  for (const { id, facts } of nodes) {
    if (facts.group === undefined) continue;
    const members = groups.get(facts.group);
    if (members) members.push(id);
    else groups.set(facts.group, [id]);
  }
  for (const [group, members] of groups) {
    if (members.length > 1) {
      throw hxError("HX_MANIFEST_DUPLICATE_GROUP", { group, entries: members });
    }
  }
}

function place(nodes: readonly Node[]): readonly string[] {
  const waiting = nodes.toSorted((a, b) => a.stage - b.stage || a.position - b.position);
  const placed = new Set<Node>();
  while (waiting.length > 0) {
    const next = waiting.findIndex((node) => [...node.earlier].every((one) => placed.has(one)));
    if (next === -1) throw cycleError(waiting);
    placed.add(waiting[next]!);
    waiting.splice(next, 1);
  }
  return [...placed].map((node) => node.id);
}

/** Every waiting node waits for another one, so walking backwards must come round. */
function cycleError(waiting: readonly Node[]): Error {
  const path: Node[] = [];
  let node = waiting[0]!;
  while (!path.includes(node)) {
    path.push(node);
    node = waiting.find((other) => path.at(-1)!.earlier.has(other))!;
  }
  const ids = [...path.slice(path.indexOf(node)), node].map((one) => one.id).reverse();
  return hxError("HX_MANIFEST_ORDER_CYCLE", { cycle: ids.join(" -> "), ids });
}
