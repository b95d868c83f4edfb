import type { Json, JsonObject } from "../plugin/json.ts";
import { apply } from "./apply.ts";
import { at, conflict, failed, optionsOf, own, entriesOf } from "./entries.ts";
import { toPlainJson } from "./plain-json.ts";
import {
  idsOf,
  insertPlace,
  isObject,
  isStrings,
  listPlan,
  locate,
  movePlan,
  type Beside,
  type InsertWhere,
} from "./positions.ts";
import type {
  EntryFacts,
  Limits,
  Manifest,
  ManifestConflict,
  ManifestEdit,
  ManifestResult,
  ProcessorEntry,
  ToolsEntry,
} from "./types.ts";

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
