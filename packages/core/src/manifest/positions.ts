import type { Json, JsonObject } from "../plugin/json.ts";
import { at, conflict, entriesOf, find, SECTIONS, type Place } from "./entries.ts";
import type { Manifest, ManifestConflict, Section } from "./types.ts";

/** Beside which entry. */
export type Beside = { readonly before: string } | { readonly after: string };

/** Where `insert` puts an entry. */
export interface InsertWhere {
  /** By default `tools` for an MCP server and `processors` for anything else. */
  readonly section?: Section;
  /** An index from 0, or a neighbour; by default the end. */
  readonly at?: number | Beside;
}

/** Where an entry goes, and what is wrong with where it was wanted. */
export interface InsertPlace {
  readonly section: Section;
  readonly after: string | null;
  readonly conflicts: readonly ManifestConflict[];
}

/** Works out the place of an insertion from what the caller gave. */
export function insertPlace(manifest: Manifest, entry: Json, where: Json): InsertPlace {
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

/** A whole new order of one list, or why there is none. */
export type Plan =
  | { readonly section: Section; readonly ids: readonly string[] }
  | { readonly conflicts: readonly ManifestConflict[] };

/** The plan of a list of ids. */
export function listPlan(manifest: Manifest, to: Json): Plan {
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

/** The plan of moving one entry beside another. */
export function movePlan(manifest: Manifest, to: Json | undefined): Plan {
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

/** Finds the entry with an id, if it is one. */
export function locate(manifest: Manifest, id: unknown): Place | ManifestConflict {
  if (typeof id !== "string") return conflict("missing-entry", "/", "an id is a string");
  return find(manifest, id) ?? conflict("missing-entry", at(id), `there is no entry ${id}`);
}

/** The ids of one list, in its order. */
export const idsOf = (manifest: Manifest, section: Section): readonly string[] =>
  entriesOf(manifest, section).map((entry) => entry.id);

/** True for a JSON object. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** True for a list of strings. */
export const isStrings = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const isSection = (value: Json | undefined): value is Section =>
  SECTIONS.some((section) => section === value);
