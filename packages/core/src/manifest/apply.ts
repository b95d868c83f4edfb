import { hxError } from "../errors/index.ts";
import type { Json } from "../plugin/json.ts";
import {
  at,
  conflict,
  entriesOf,
  failed,
  optionsOf,
  resultOf,
  sameEntry,
  sameField,
  sameValue,
  SECTIONS,
  withOptions,
  type Entry,
} from "./entries.ts";
import type { Manifest, ManifestConflict, ManifestEdit, ManifestResult, Section } from "./types.ts";
import { checkEdits } from "./validate.ts";

/**
 * Performs a list of edits one after another, all of them or none.
 *
 * Total: never throws, whatever the edits are. An edit is exact: it says what it expects to find,
 * and anything else there is a conflict, so that a list never does something its author did not
 * see. What means the same (an omitted default, another key order) counts as equal. After a
 * conflict the rest is still tried, and all conflicts are returned.
 *
 * @example
 * ```ts
 * import { apply } from "@harnessx/core";
 * const result = apply(
 *   [{ op: "set", path: ["limits", "maxSteps"], to: 9 }],
 *   { name: "shopper", version: "3" },
 * );
 * result.ok && result.manifest.limits; // { maxSteps: 9 }
 * ```
 */
export function apply(edits: readonly ManifestEdit[], manifest: Manifest): ManifestResult {
  const checked = checkEdits(edits);
  if (!checked.ok) {
    return failed(
      checked.problems.map(({ path, problem }) =>
        conflict("invalid-manifest", `/edits${path === "/" ? "" : path}`, problem),
      ),
    );
  }
  const draft = draftOf(manifest);
  const conflicts = checked.value.flatMap((edit) => perform(edit, draft));
  return conflicts.length > 0 ? failed(conflicts) : resultOf(finish(draft, manifest));
}

/**
 * The manifest of a result.
 *
 * @throws HX_MANIFEST_CONFLICT with all conflicts in its details.
 *
 * @example
 * ```ts
 * import { remove, requireManifest } from "@harnessx/core";
 * const manifest = { name: "shopper", version: "3", tools: [{ id: "fs", use: "fs-tools" }] };
 * requireManifest(remove(manifest, "fs")).tools?.length ?? 0; // 0
 * ```
 */
export function requireManifest(result: ManifestResult): Manifest {
  if (result.ok) return result.manifest;
  const problem = result.conflicts.map((one) => `${one.path}: ${one.problem}`).join("; ");
  throw hxError("HX_MANIFEST_CONFLICT", { problem, conflicts: result.conflicts });
}

/** A manifest under work. Maps, because a field named `__proto__` in an edit must stay a field. */
interface Draft {
  readonly head: Map<string, Json>;
  readonly processors: Entry[];
  readonly tools: Entry[];
  readonly slots: Map<string, Json>;
  readonly limits: Map<string, Json>;
}

function draftOf(manifest: Manifest): Draft {
  const { name, version } = manifest;
  return {
    head: new Map(Object.entries({ name, version })),
    processors: [...entriesOf(manifest, "processors")],
    tools: [...entriesOf(manifest, "tools")],
    slots: new Map(Object.entries(manifest.slots ?? {}) as [string, Json][]),
    limits: new Map(Object.entries(manifest.limits ?? {})),
  };
}

/** Sections that are empty and were absent stay absent, so that undoing leaves no trace. */
function finish(draft: Draft, original: Manifest): object {
  const keep = <T>(key: keyof Manifest, size: number, value: T) =>
    size > 0 || original[key] !== undefined ? { [key]: value } : {};
  return {
    ...(original.$schema !== undefined && { $schema: original.$schema }),
    ...Object.fromEntries(draft.head),
    ...keep("processors", draft.processors.length, draft.processors),
    ...keep("tools", draft.tools.length, draft.tools),
    ...keep("slots", draft.slots.size, Object.fromEntries(draft.slots)),
    ...keep("limits", draft.limits.size, Object.fromEntries(draft.limits)),
  };
}

function perform(edit: ManifestEdit, draft: Draft): readonly ManifestConflict[] {
  switch (edit.op) {
    case "insert":
      return performInsert(edit, draft);
    case "remove":
      return performRemove(edit, draft);
    case "replace":
      return performReplace(edit, draft);
    case "configure":
      return performConfigure(edit, draft);
    case "reorder":
      return performReorder(edit, draft);
    case "set":
      return performSet(edit, draft);
  }
}

type Edit<Op extends ManifestEdit["op"]> = Extract<ManifestEdit, { op: Op }>;

const indexOf = (entries: readonly Entry[], id: string): number =>
  entries.findIndex((entry) => entry.id === id);

const isTaken = (draft: Draft, id: string): boolean =>
  SECTIONS.some((section) => indexOf(draft[section], id) !== -1);

const missing = (section: Section, id: string): ManifestConflict =>
  conflict("missing-entry", at(section, id), `there is no entry ${id} in ${section}`);

const taken = (section: Section, id: string): ManifestConflict =>
  conflict("duplicate-id", at(section, id), `the id ${id} is in use`);

const differs = (section: Section, id: string): ManifestConflict =>
  conflict("different-entry", at(section, id), `the entry ${id} is not the one the edit expects`);

function performInsert({ section, after, entry }: Edit<"insert">, draft: Draft) {
  const conflicts: ManifestConflict[] = [];
  const list = draft[section];
  const anchor = after === null ? -1 : indexOf(list, after);
  if (isTaken(draft, entry.id)) conflicts.push(taken(section, entry.id));
  if (after !== null && anchor === -1) conflicts.push(missing(section, after));
  if (conflicts.length === 0) list.splice(anchor + 1, 0, entry);
  return conflicts;
}

function performRemove({ section, after, entry }: Edit<"remove">, draft: Draft) {
  const list = draft[section];
  const index = indexOf(list, entry.id);
  if (index === -1) return [missing(section, entry.id)];
  const conflicts: ManifestConflict[] = [];
  if (!sameEntry(section, list[index]!, entry)) conflicts.push(differs(section, entry.id));
  const previous = list[index - 1]?.id ?? null;
  if (previous !== after) {
    const problem = `the entry ${entry.id} follows ${previous ?? "the front"}, not ${after ?? "the front"}`;
    conflicts.push(conflict("invalid-position", at(section, entry.id), problem));
  }
  if (conflicts.length === 0) list.splice(index, 1);
  return conflicts;
}

function performReplace({ section, from, to }: Edit<"replace">, draft: Draft) {
  const list = draft[section];
  const index = indexOf(list, from.id);
  const conflicts: ManifestConflict[] = [];
  if (index === -1) conflicts.push(missing(section, from.id));
  else if (!sameEntry(section, list[index]!, from)) conflicts.push(differs(section, from.id));
  if (to.id !== from.id && isTaken(draft, to.id)) conflicts.push(taken(section, to.id));
  if (conflicts.length === 0) list[index] = to;
  return conflicts;
}

function performConfigure({ id, from, to }: Edit<"configure">, draft: Draft) {
  const section = SECTIONS.find((one) => indexOf(draft[one], id) !== -1);
  if (section === undefined) {
    return [conflict("missing-entry", at(id), `there is no entry ${id}`)];
  }
  const list = draft[section];
  const index = indexOf(list, id);
  const entry = list[index]!;
  if (!sameValue(optionsOf(entry) ?? {}, from ?? {})) {
    const problem = `the options of ${id} are not those the edit expects`;
    return [conflict("different-value", at(section, id, "options"), problem)];
  }
  list[index] = withOptions(entry, to);
  return [];
}

function performReorder({ section, from, to }: Edit<"reorder">, draft: Draft) {
  const list = draft[section];
  const conflicts: ManifestConflict[] = [];
  if (
    !sameValue(
      list.map((entry) => entry.id),
      from,
    )
  ) {
    const problem = `the order of ${section} is not the one the edit expects`;
    conflicts.push(conflict("different-value", at(section), problem));
  }
  if (!sameValue(from.toSorted(), to.toSorted())) {
    const problem = "the new order does not name the same entries as the old one";
    conflicts.push(conflict("invalid-position", at(section), problem));
  }
  if (conflicts.length === 0) list.sort((a, b) => to.indexOf(a.id) - to.indexOf(b.id));
  return conflicts;
}

function performSet({ path, from, to }: Edit<"set">, draft: Draft) {
  const fields = fieldsOf(path, draft);
  if (fields === undefined) {
    return [conflict("invalid-position", at(...path), "there is no such field that can be set")];
  }
  const key = path.at(-1)!;
  if (!sameField(path[0], key, fields.get(key), from)) {
    return [conflict("different-value", at(...path), "the value is not the one the edit expects")];
  }
  if (to === undefined) fields.delete(key);
  else fields.set(key, to);
  return [];
}

function fieldsOf(path: readonly string[], draft: Draft): Map<string, Json> | undefined {
  const [head, ...rest] = path;
  if (rest.length === 0) return head === "name" || head === "version" ? draft.head : undefined;
  if (rest.length > 1) return undefined;
  if (head === "slots") return draft.slots;
  return head === "limits" ? draft.limits : undefined;
}
