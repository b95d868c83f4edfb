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
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => widthOf(row[index] ?? ""))),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  const flexible = columns.findIndex((column) => column.flexible);
  if (total > width && flexible !== -1) {
    widths[flexible] = Math.max(8, widths[flexible]! - (total - width));
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => cellText(cells[index] ?? "", widths[index]!, column.align ?? "left"))
      .join(GAP)
      .trimEnd();
  const head = columns.some((column) => column.title !== "") ? [line(columns.map((column) => column.title))] : [];
  return [...head, ...rows.map(line)].join("\n");
}

function cellText(cell: string, width: number, align: "left" | "right"): string {
  const text = widthOf(cell) > width ? oneLine(cell, width) : cell;
  const padding = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? padding + text : text + padding;
}
