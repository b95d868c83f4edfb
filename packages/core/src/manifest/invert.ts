import { at } from "./entries.ts";
import type { ManifestEdit } from "./types.ts";

/**
 * The edits that undo a list of edits: the inverse of each, last first.
 *
 * If `apply(edits, a)` gives `b`, then `apply(invert(edits), b)` gives `a`, to the hash.
 *
 * @example
 * ```ts
 * import { invert } from "@harnessx/core";
 * invert([{ op: "set", path: ["version"], from: "3", to: "4" }]);
 * // [{ op: "set", path: ["version"], from: "4", to: "3" }]
 * ```
 */
export function invert(edits: readonly ManifestEdit[]): readonly ManifestEdit[] {
  return edits.toReversed().map(inverse);
}

/**
 * What an edit depends on or changes: ids of entries, fields, and the front of a list.
 *
 * Two edits that share none of these commute: either order gives the same manifest, to the hash.
 *
 * @example
 * ```ts
 * import { touches } from "@harnessx/core";
 * touches({ op: "set", path: ["limits", "maxSteps"], to: 9 }); // ["/limits/maxSteps"]
 * touches({ op: "insert", section: "tools", after: null, entry: { id: "fs", use: "fs-tools" } });
 * // ["#fs", "/tools/front"]
 * ```
 */
export function touches(edit: ManifestEdit): readonly string[] {
  switch (edit.op) {
    case "insert":
    case "remove":
      return [
        `#${edit.entry.id}`,
        edit.after === null ? `/${edit.section}/front` : `#${edit.after}`,
      ];
    case "replace":
      return [...new Set([`#${edit.from.id}`, `#${edit.to.id}`])];
    case "configure":
      return [`#${edit.id}`];
    case "reorder":
      return [`/${edit.section}/front`, ...edit.from.map((id) => `#${id}`)];
    case "set":
      return [at(...edit.path)];
  }
}

function inverse(edit: ManifestEdit): ManifestEdit {
  switch (edit.op) {
    case "insert":
      return { ...edit, op: "remove" };
    case "remove":
      return { ...edit, op: "insert" };
    case "replace":
      return { ...edit, from: edit.to, to: edit.from };
    case "reorder":
      return { ...edit, from: edit.to, to: edit.from };
    case "configure": {
      const { from, to, ...rest } = edit;
      return {
        ...rest,
        ...(to !== undefined && { from: to }),
        ...(from !== undefined && { to: from }),
      };
    }
    case "set": {
      const { from, to, ...rest } = edit;
      return {
        ...rest,
        ...(to !== undefined && { from: to }),
        ...(from !== undefined && { to: from }),
      };
    }
  }
}
