import type { Json } from "../plugin/json.ts";
import {
  entriesOf,
  optionsOf,
  own,
  sameEntry,
  sameField,
  sameValue,
  SECTIONS,
  withOptions,
  type Entry,
} from "./entries.ts";
import type { Manifest, ManifestEdit, Section } from "./types.ts";

/**
 * The edits that lead from one manifest to another.
 *
 * `apply(diff(a, b), a)` equals `b` to the hash, and the list is empty exactly if both hashes are
 * equal. Removals come first, then new orders, changes and insertions, so that an id may move
 * between the sections. `$schema` is no behaviour and not compared.
 *
 * @example
 * ```ts
 * import { diff } from "@harnessx/core";
 * diff({ name: "shopper", version: "3" }, { name: "shopper", version: "4" });
 * // [{ op: "set", path: ["version"], from: "3", to: "4" }]
 * ```
 */
export function diff(a: Manifest, b: Manifest): readonly ManifestEdit[] {
  const sections = SECTIONS.map((section) => compare(section, a, b));
  return [
    ...set(["name"], a.name, b.name),
    ...set(["version"], a.version, b.version),
    ...fields("slots", a, b),
    ...fields("limits", a, b),
    ...sections.flatMap((one) => one.removals),
    ...sections.flatMap((one) => one.changes),
    ...sections.flatMap((one) => one.insertions),
  ];
}

function compare(section: Section, a: Manifest, b: Manifest) {
  const old = entriesOf(a, section);
  const next = entriesOf(b, section);
  const oldIds = old.map((entry) => entry.id);
  const nextIds = next.map((entry) => entry.id);
  const inOld = new Map(old.map((entry) => [entry.id, entry]));
  const inNext = new Set(nextIds);

  const removals: ManifestEdit[] = [];
  // From the back, so that the entry before each is still the one it has in `a`.
  for (const [index, entry] of [...old.entries()].reverse()) {
    if (inNext.has(entry.id)) continue;
    removals.push({ op: "remove", section, after: oldIds[index - 1] ?? null, entry });
  }

  const kept = oldIds.filter((id) => inNext.has(id));
  const wanted = nextIds.filter((id) => inOld.has(id));
  const changes: ManifestEdit[] = [];
  if (!sameValue(kept, wanted)) changes.push({ op: "reorder", section, from: kept, to: wanted });

  const insertions: ManifestEdit[] = [];
  for (const [index, entry] of next.entries()) {
    const before = inOld.get(entry.id);
    if (before) changes.push(...change(section, before, entry));
    else insertions.push({ op: "insert", section, after: nextIds[index - 1] ?? null, entry });
  }
  return { removals, changes, insertions };
}

function change(section: Section, from: Entry, to: Entry): readonly ManifestEdit[] {
  if (sameEntry(section, from, to)) return [];
  const onlyOptions = sameEntry(section, withOptions(from, optionsOf(to)), to);
  return onlyOptions
    ? [{ op: "configure", id: to.id, ...fromTo(optionsOf(from), optionsOf(to)) }]
    : [{ op: "replace", section, from, to }];
}

function fields(head: "slots" | "limits", a: Manifest, b: Manifest): readonly ManifestEdit[] {
  const keys = new Set([...Object.keys(a[head] ?? {}), ...Object.keys(b[head] ?? {})]);
  return [...keys].sort().flatMap((key) => {
    const [from, to] = [own(a[head], key), own(b[head], key)];
    return sameField(head, key, from, to) ? [] : set([head, key], from, to);
  });
}

function set(
  path: [string, ...string[]],
  from: Json | undefined,
  to: Json | undefined,
): readonly ManifestEdit[] {
  return sameValue(from, to) ? [] : [{ op: "set", path, ...fromTo(from, to) }];
}

function fromTo<T>(from: T | undefined, to: T | undefined): { from?: T; to?: T } {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}
