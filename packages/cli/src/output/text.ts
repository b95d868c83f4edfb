/** Cuts a text to one line of at most `width` columns; what is left out shows as `…`. */
export function oneLine(text: string, width: number): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  if (flat.length <= width) return flat;
  return `${flat.slice(0, Math.max(0, width - 1)).trimEnd()}…`;
}

/** Breaks a text into lines of at most `width` columns, at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line.trimEnd(), Math.max(width, 20)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const cut = space > width / 3 ? space : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

/** Wrapped text with `indent` before each line, cut after `maxLines`. */
export function block(text: string, indent: string, width: number, maxLines = Infinity): string {
  const lines = wrap(text.trim(), width - indent.length);
  const shown = lines.slice(0, maxLines);
  if (lines.length > shown.length) shown.push(`… ${lines.length - shown.length} more lines`);
  return shown.map((line) => `${indent}${line}`.trimEnd()).join("\n");
}

/** Like `block`, but leaves out the middle: a long task often says at its end what is wanted. */
export function headAndTail(text: string, indent: string, width: number, maxLines: number): string {
  const lines = wrap(text.trim(), width - indent.length).filter((line) => line !== "");
  const tail = 2;
  const cut = lines.length - maxLines;
  const shown =
    cut > 0
      ? [...lines.slice(0, maxLines - tail), `… ${cut} more lines …`, ...lines.slice(-tail)]
      : lines;
  return shown.map((line) => `${indent}${line}`).join("\n");
}

/** `12,345`: digits in groups, the same in every locale. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** A share as a percentage: `42.5%`. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** An interval of shares: `[31.0%, 54.2%]`. */
export const interval = ([low, high]: readonly [number, number]): string =>
  `[${percent(low)}, ${percent(high)}]`;

/** A signed difference of shares in points: `+12.0`. */
export const points = (delta: number): string =>
  `${delta >= 0 ? "+" : "-"}${Math.abs(delta * 100).toFixed(1)}`;

/** Milliseconds for people: `640 ms`, `12.3 s`, `4 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** US dollars, with as many digits as small amounts need. */
export const money = (usd: number): string =>
  usd === 0 ? "$0" : `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`;

/** The first hexadecimal digits of a `sha256-…` hash. */
export const shortHash = (hash: string): string => hash.replace(/^sha256-/, "").slice(0, 12);

/** `1 step`, `2 steps`. */
export const plural = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
