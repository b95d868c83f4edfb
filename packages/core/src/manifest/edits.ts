import type { Json, JsonObject } from "../plugin/json.ts";
import { apply } from "./apply.ts";
import {
  at,
  conflict,
  entriesOf,
  failed,
  find,
  optionsOf,
  own,
  SECTIONS,
  type Entry,
  type Place,
} from "./entries.ts";
import { toPlainJson } from "./plain-json.ts";
import type {
  EntryFacts,
  Limits,
  Manifest,
  ManifestConflict,
  ManifestEdit,
  ManifestResult,
  ProcessorEntry,
  Section,
  ToolsEntry,
} from "./types.ts";

/** Beside which entry. */
export type Beside = { readonly before: string } | { readonly after: string };

/** Where `insert` puts an entry. */
export interface InsertWhere {
  /** By default `tools` for an MCP server and `processors` for anything else. */
  readonly section?: Section;
  /** An index from 0, or a neighbour; by default the end. */
  readonly at?: number | Beside;
}

/** What `setField` can set: a whole field, one limit or one slot. */
export type FieldPath =
  | readonly ["name" | "version" | "limits" | "slots"]
  | readonly ["limits", keyof Limits]
  | readonly ["slots", string];

/**
 * Adds an entry.
 *
 * Total, like every operation of this file: a new valid manifest, or all the reasons why there is
 * none; never throws and never changes its arguments, whatever they are.
 *
 * @example
 * ```ts
 * import { insert } from "@harnessx/core";
 * const result = insert(
 *   { name: "shopper", version: "3", processors: [{ id: "loops", use: "loop-guard" }] },
 *   { id: "trim", use: "trimmer" },
 *   { at: { before: "loops" } },
 * );
 * result.ok && result.manifest.processors?.map((entry) => entry.id); // ["trim", "loops"]
 * ```
 */
export function insert(
  manifest: Manifest,
  entry: ProcessorEntry | ToolsEntry,
  where: InsertWhere = {},
): ManifestResult {
  return total({ entry, where }, (args) => {
    const given = args as unknown as { entry: Json; where: Json };
    const place = insertPlace(manifest, given.entry, given.where);
    const edit = {
      op: "insert",
      section: place.section,
      after: place.after,
      entry: given.entry,
    } as unknown as ManifestEdit;
    return also(place.conflicts, apply([edit], manifest));
  });
}

/**
 * Takes an entry out, from whichever list holds it.
 *
 * @example
 * ```ts
 * import { remove } from "@harnessx/core";
 * const result = remove({ name: "shopper", version: "3" }, "loops");
 * result.ok ? [] : result.conflicts.map((one) => one.kind); // ["missing-entry"]
 * ```
 */
export function remove(manifest: Manifest, id: string): ManifestResult {
  const place = locate(manifest, id);
  if ("kind" in place) return failed([place]);
  const { section, index, entry } = place;
  const after = entriesOf(manifest, section)[index - 1]?.id ?? null;
  return apply([{ op: "remove", section, after, entry }], manifest);
}

/**
 * Puts another entry in the place of one; its id may differ.
 *
 * With facts of both, their groups must be equal (or both absent): a replacement does the same job.
 *
 * @example
 * ```ts
 * import { replaceEntry } from "@harnessx/core";
 * const manifest = { name: "shopper", version: "3", processors: [{ id: "loops", use: "loop-guard" }] };
 * const result = replaceEntry(manifest, "loops", { id: "loops", use: "better-guard" }, {
 *   from: { group: "loops" },
 *   to: { group: "loops" },
 * });
 * result.ok && result.manifest.processors?.[0]?.use; // "better-guard"
 * ```
 */
export function replaceEntry(
  manifest: Manifest,
  id: string,
  entry: ProcessorEntry | ToolsEntry,
  facts?: { readonly from: Pick<EntryFacts, "group">; readonly to: Pick<EntryFacts, "group"> },
): ManifestResult {
  return total({ entry, facts }, (args) => {
    const place = locate(manifest, id);
    if ("kind" in place) return failed([place]);
    const { section, entry: from } = place;
    const edit = { op: "replace", section, from, to: args["entry"] } as unknown as ManifestEdit;
    return also(groupConflicts(at(section, id), args["facts"]), apply([edit], manifest));
  });
}

/**
 * Sets the options of an entry as a whole; `undefined` takes them away.
 *
 * Whether they fit the package's schema is found out when the harness is loaded.
 *
 * @example
 * ```ts
 * import { configure } from "@harnessx/core";
 * const manifest = { name: "shopper", version: "3", processors: [{ id: "loops", use: "loop-guard" }] };
 * const result = configure(manifest, "loops", { window: 12 });
 * result.ok && result.manifest.processors?.[0]?.options; // { window: 12 }
 * ```
 */
export function configure(
  manifest: Manifest,
  id: string,
  options: JsonObject | undefined,
): ManifestResult {
  return total({ options }, (args) => {
    const place = locate(manifest, id);
    if ("kind" in place) return failed([place]);
    return apply(
      [changed({ op: "configure", id }, optionsOf(place.entry), args["options"])],
      manifest,
    );
  });
}

/**
 * Gives one list a new order, or moves one entry beside another.
 *
 * A list of ids must name every entry of one section exactly once.
 *
 * @example
 * ```ts
 * import { reorder } from "@harnessx/core";
 * const manifest = { name: "shopper", version: "3", tools: [{ id: "a", use: "x" }, { id: "b", use: "y" }] };
 * const result = reorder(manifest, { id: "b", before: "a" });
 * result.ok && result.manifest.tools?.map((entry) => entry.id); // ["b", "a"]
 * ```
 */
export function reorder(
  manifest: Manifest,
  to: readonly string[] | ({ readonly id: string } & Beside),
): ManifestResult {
  return total({ to }, (args) => {
    const plan = Array.isArray(args["to"])
      ? listPlan(manifest, args["to"])
      : movePlan(manifest, args["to"]);
    if ("conflicts" in plan) return failed(plan.conflicts);
    const from = idsOf(manifest, plan.section);
    return apply([{ op: "reorder", section: plan.section, from, to: plan.ids }], manifest);
  });
}

/**
 * Sets a field that is no entry; `undefined` takes a limit, a slot or all of them away.
 *
 * @example
 * ```ts
 * import { setField } from "@harnessx/core";
 * const result = setField({ name: "shopper", version: "3" }, ["limits", "maxSteps"], 9);
 * result.ok && result.manifest.limits; // { maxSteps: 9 }
 * ```
 */
export function setField(manifest: Manifest, path: FieldPath, value: unknown): ManifestResult {
  return total({ path, value }, (args) => {
    const parts = args["path"];
    if (!isStrings(parts) || parts.length === 0) {
      return failed([conflict("invalid-position", "/", "a path is a list of at least one key")]);
    }
    const [head, ...rest] = parts as readonly [string, ...string[]];
    const next = args["value"];
    if ((head === "limits" || head === "slots") && rest.length === 0) {
      return setAll(manifest, head, next);
    }
    return apply(
      [changed({ op: "set", path: [head, ...rest] }, fieldAt(manifest, parts), next)],
      manifest,
    );
  });
}

/** Copies what the caller gave into plain data first, so that nothing after it can throw. */
function total(args: object, then: (args: Record<string, Json>) => ManifestResult): ManifestResult {
  const plain = toPlainJson(args);
  return plain.ok
    ? then(plain.value as Record<string, Json>)
    : failed([conflict("invalid-manifest", plain.path, plain.problem)]);
}

function also(conflicts: readonly ManifestConflict[], result: ManifestResult): ManifestResult {
  if (conflicts.length === 0) return result;
  return failed(result.ok ? conflicts : [...conflicts, ...result.conflicts]);
}

function locate(manifest: Manifest, id: unknown): Place | ManifestConflict {
  if (typeof id !== "string") return conflict("missing-entry", "/", "an id is a string");
  return find(manifest, id) ?? conflict("missing-entry", at(id), `there is no entry ${id}`);
}

const idsOf = (manifest: Manifest, section: Section): readonly string[] =>
  entriesOf(manifest, section).map((entry: Entry) => entry.id);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isStrings = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const isSection = (value: Json | undefined): value is Section =>
  SECTIONS.some((section) => section === value);

/** An edit carries no key for what is absent. */
function changed(edit: object, from: Json | undefined, to: Json | undefined): ManifestEdit {
  return {
    ...edit,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  } as ManifestEdit;
}

function groupConflicts(path: string, facts: Json | undefined): readonly ManifestConflict[] {
  if (!isObject(facts)) return [];
  const group = (side: Json | undefined) => (isObject(side) ? side["group"] : undefined);
  const [from, to] = [group(facts["from"]), group(facts["to"])];
  if (from === to) return [];
  const problem = `a replacement must be of the same group: ${String(from ?? "none")}, not ${String(to ?? "none")}`;
  return [conflict("group-mismatch", path, problem)];
}

interface InsertPlace {
  readonly section: Section;
  readonly after: string | null;
  readonly conflicts: readonly ManifestConflict[];
}

function insertPlace(manifest: Manifest, entry: Json, where: Json): InsertPlace {
  const { section: wanted, at: position } = (isObject(where) ? where : {}) as JsonObject;
  const guess: Section = isObject(entry) && "mcp" in entry ? "tools" : "processors";
  const section = isSection(wanted) ? wanted : guess;
  const ids = idsOf(manifest, section);
  const index = position === undefined ? ids.length : positionIn(ids, position);
  const conflicts: ManifestConflict[] = [];
  if (wanted !== undefined && !isSection(wanted)) {
    conflicts.push(conflict("invalid-position", "/", "a section is processors or tools"));
  }
  if (typeof index === "string") {
    conflicts.push(conflict("invalid-position", at(section), index));
  }
  // With a bad position the entry is still tried at the end: its own problems are listed too.
  const before = typeof index === "string" ? ids.length : index;
  return { section, after: ids[before - 1] ?? null, conflicts };
}

/** The index before which something goes, or what is wrong with the position. */
function positionIn(ids: readonly string[], position: Json): number | string {
  if (typeof position === "number") {
    return Number.isInteger(position) && position >= 0 && position <= ids.length
      ? position
      : `an index is an integer from 0 to ${ids.length}`;
  }
  if (isObject(position)) {
    const { before, after } = position;
    const anchor = before ?? after;
    if (typeof anchor === "string" && (before === undefined || after === undefined)) {
      const index = ids.indexOf(anchor);
      if (index === -1) return `there is no entry ${anchor}`;
      return before === undefined ? index + 1 : index;
    }
  }
  return "a position is an index, { before: id } or { after: id }";
}

type Plan =
  | { readonly section: Section; readonly ids: readonly string[] }
  | { readonly conflicts: readonly ManifestConflict[] };

function listPlan(manifest: Manifest, to: Json): Plan {
  if (!isStrings(to)) {
    return { conflicts: [conflict("invalid-position", "/", "an order is a list of ids")] };
  }
  const section = sectionOf(manifest, to);
  const ids = idsOf(manifest, section);
  const conflicts = [
    ...[...new Set(to)]
      .filter((id) => !ids.includes(id))
      .map((id) =>
        conflict("missing-entry", at(section, id), `there is no entry ${id} in ${section}`),
      ),
    ...ids
      .filter((id) => !to.includes(id))
      .map((id) => conflict("invalid-position", at(section, id), `the order leaves out ${id}`)),
    ...to
      .filter((id, index) => to.indexOf(id) !== index)
      .map((id) => conflict("invalid-position", at(section, id), `the order names ${id} twice`)),
  ];
  return conflicts.length > 0 ? { conflicts } : { section, ids: to };
}

/** The list that the ids are about: the one that holds the first known of them. */
function sectionOf(manifest: Manifest, ids: readonly string[]): Section {
  for (const id of ids) {
    const place = find(manifest, id);
    if (place) return place.section;
  }
  return SECTIONS.find((section) => idsOf(manifest, section).length === 0) ?? "processors";
}

function movePlan(manifest: Manifest, to: Json | undefined): Plan {
  if (!isObject(to)) {
    const problem = "an order is a list of ids, { id, before } or { id, after }";
    return { conflicts: [conflict("invalid-position", "/", problem)] };
  }
  const { id, ...position } = to;
  const place = locate(manifest, id);
  if ("kind" in place) return { conflicts: [place] };
  const { section, entry } = place;
  const others = idsOf(manifest, section).filter((one) => one !== entry.id);
  const index = positionIn(others, position);
  return typeof index === "string"
    ? { conflicts: [conflict("invalid-position", at(section, entry.id), index)] }
    : { section, ids: others.toSpliced(index, 0, entry.id) };
}

function setAll(
  manifest: Manifest,
  head: "limits" | "slots",
  value: Json | undefined,
): ManifestResult {
  if (value !== undefined && !isObject(value)) {
    return failed([conflict("invalid-manifest", at(head), "it must be an object")]);
  }
  const next = value ?? {};
  const keys = [...new Set([...Object.keys(manifest[head] ?? {}), ...Object.keys(next)])];
  const edits = keys.map((key) =>
    changed({ op: "set", path: [head, key] }, fieldAt(manifest, [head, key]), own(next, key)),
  );
  return apply(edits, manifest);
}

function fieldAt(manifest: Manifest, path: readonly string[]): Json | undefined {
  const [head, key] = path;
  if (key === undefined) return head === "name" || head === "version" ? manifest[head] : undefined;
  return head === "limits" || head === "slots" ? own(manifest[head], key) : undefined;
}
