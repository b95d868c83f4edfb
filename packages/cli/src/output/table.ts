import { oneLine } from "./text.ts";
import { widthOf } from "./style.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Gives way when the table is wider than the screen. */
  readonly flexible?: boolean;
}

const GAP = "  ";

/** Aligned columns, without lines between them, at most `width` columns wide if something can give way. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const natural = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const widths = fit(columns, natural, width - GAP.length * (columns.length - 1));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => cellText(cells[index] ?? "", widths[index]!, column.align ?? "left"))
      .join(GAP)
      .trimEnd();
  const head = columns.some((column) => column.title !== "")
    ? [line(columns.map((column) => column.title))]
    : [];
  return [...head, ...rows.map(line)].join("\n");
}

const NARROWEST = 8;

/** Takes from the widest flexible column, one by one, until all fit. */
function fit(columns: readonly Column[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  const flexible = columns.flatMap((column, index) => (column.flexible ? [index] : []));
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess -= 1) {
    const widest = flexible.reduce(
      (best, index) => (best === -1 || widths[index]! > widths[best]! ? index : best),
      -1,
    );
    if (widest === -1 || widths[widest]! <= NARROWEST) break;
    widths[widest]! -= 1;
  }
  return widths;
}

function cellText(cell: string, width: number, align: "left" | "right"): string {
  const text = widthOf(cell) > width ? oneLine(cell, width) : cell;
  const padding = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? padding + text : text + padding;
}
