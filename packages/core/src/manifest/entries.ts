import type { Json, JsonObject } from "../plugin/json.ts";
import { canonicalEntry, canonicalJson } from "./canonical.ts";
import { isLimit, limitDefaults } from "./limits.ts";
import { escapePart } from "./plain-json.ts";
import type {
  Limits,
  Manifest,
  ManifestConflict,
  ManifestResult,
  ProcessorEntry,
  Section,
  ToolsEntry,
} from "./types.ts";
import { checkManifest } from "./validate.ts";

/** An entry of either list. */
export type Entry = ProcessorEntry | ToolsEntry;

/** Both lists, in the order in which they are worked through. */
export const SECTIONS: readonly Section[] = ["processors", "tools"];

/** The entries of one list. */
export const entriesOf = (manifest: Manifest, section: Section): readonly Entry[] =>
  manifest[section] ?? [];

/** Where an entry stands. */
export interface Place {
  readonly section: Section;
  readonly index: number;
  readonly entry: Entry;
}

/** Finds an entry by id in either list. */
export function find(manifest: Manifest, id: string): Place | undefined {
  for (const section of SECTIONS) {
    const entries = entriesOf(manifest, section);
    const index = entries.findIndex((entry) => entry.id === id);
    if (index !== -1) return { section, index, entry: entries[index]! };
  }
  return undefined;
}

/** The options of an entry that has any. */
export const optionsOf = (entry: Entry) => ("options" in entry ? entry.options : undefined);

/** The entry with other options; `undefined` takes them away. */
export function withOptions(entry: Entry, options: Json | undefined): Entry {
  const { options: _old, ...rest } = entry as ProcessorEntry;
  return (options === undefined ? rest : { ...rest, options }) as Entry;
}

/** True if both mean the same: their canonical forms are equal. */
export function sameEntry(section: Section, a: Entry, b: Entry): boolean {
  return (
    a === b ||
    canonicalJson(canonicalEntry(a, section)) === canonicalJson(canonicalEntry(b, section))
  );
}

/** True if both are absent or equal as JSON. */
export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}

/** As `sameValue`, but an omitted limit equals its default, as it does to the hash. */
export function sameField(
  head: string,
  key: string,
  a: Json | undefined,
  b: Json | undefined,
): boolean {
  const fallback = head === "limits" ? defaultLimit(key) : undefined;
  // Not `??`: a slot may hold null.
  return sameValue(a === undefined ? fallback : a, b === undefined ? fallback : b);
}

/** The default of a limit, where it has one that JSON can say. */
function defaultLimit(name: string): number | undefined {
  const value = isLimit(name) ? limitDefaults[name] : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** A field of an object's own; a slot may be called `toString`. */
export function own(object: JsonObject | Limits | undefined, key: string): Json | undefined {
  return object && Object.hasOwn(object, key) ? (object as JsonObject)[key] : undefined;
}

/** A JSON pointer that names entries by id. */
export const at = (...parts: readonly string[]): string =>
  parts.map((part) => `/${escapePart(part)}`).join("");

/** One conflict. */
export const conflict = (
  kind: ManifestConflict["kind"],
  path: string,
  problem: string,
): ManifestConflict => ({ kind, path, problem });

/** A failed result. */
export const failed = (conflicts: readonly ManifestConflict[]): ManifestResult => ({
  ok: false,
  conflicts,
});

/** Turns a candidate into a result: only a valid manifest leaves the algebra. */
export function resultOf(candidate: unknown): ManifestResult {
  const checked = checkManifest(candidate);
  if (checked.ok) return { ok: true, manifest: checked.value };
  return failed(
    checked.problems.map(({ kind, path, problem }) =>
      conflict(kind === "duplicate-id" ? kind : "invalid-manifest", path, problem),
    ),
  );
}
