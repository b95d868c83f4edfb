import type { ManifestEdit } from "@harnessx/core";
import type { DiffLine } from "./types.ts";

/** Edits of a manifest as lines that a person reads: what comes, what goes, and where. */
export function diffOf(edits: readonly ManifestEdit[]): DiffLine[] {
  return edits.flatMap((edit): DiffLine[] => {
    switch (edit.op) {
      case "insert":
        return [place(`${edit.section}, ${position(edit.after)}`), ...lines("+", edit.entry)];
      case "remove":
        return [place(`${edit.section}, ${position(edit.after)}`), ...lines("-", edit.entry)];
      case "replace":
        return [place(edit.section), ...lines("-", edit.from), ...lines("+", edit.to)];
      case "configure":
        return [place(`options of ${edit.id}`), ...lines("-", edit.from), ...lines("+", edit.to)];
      case "reorder":
        return [
          place(`order of ${edit.section}`),
          { sign: "-", text: edit.from.join(", ") },
          { sign: "+", text: edit.to.join(", ") },
        ];
      case "set":
        return [place(edit.path.join(".")), ...lines("-", edit.from), ...lines("+", edit.to)];
      default:
        // The schema of candidates leaves the kinds of edits to the manifest algebra.
        return [place("an edit of unknown kind"), ...lines("+", edit)];
    }
  });
}

const place = (text: string): DiffLine => ({ sign: " ", text });

const position = (after: string | null): string => (after === null ? "first" : `after ${after}`);

function lines(sign: "+" | "-", value: unknown): DiffLine[] {
  if (value === undefined) return [];
  return JSON.stringify(value, null, 2)
    .split("\n")
    .map((text) => ({ sign, text }));
}
