import type ts from "typescript";
import type { Compiler } from "./compiler.ts";

/** Takes a finding at a place of the source. */
export type Report = (node: ts.Node, problem: string) => void;

/** A run without a space that nobody can review. */
const MAX_RUN = 80;
/** A shorter run, if it looks like coded bytes rather than an alphabet or a path. */
const DENSE_RUN = 32;
const DENSE_BITS = 4.2;
/** Entries of one table: a longer one belongs into the options, where everybody sees it. */
const MAX_ENTRIES = 100;
const MAX_NUMBERS = 32;

/** Refuses texts and tables that can hold what no reader sees. */
export function checkLiteral(node: ts.StringLiteralLike, report: Report): void {
  const runs = node.text.match(/[A-Za-z0-9+/=_-]{32,}/g) ?? [];
  if (runs.some((run) => run.length >= MAX_RUN || isDense(run)))
    report(node, "has a long encoded text");
}

/** Coded bytes mix capitals, small letters and digits without order; an alphabet runs in order. */
function isDense(run: string): boolean {
  if (run.length < DENSE_RUN) return false;
  if (/^[0-9a-f]+$/i.test(run)) return /\d/.test(run) && /[a-f]/i.test(run);
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run) || !/\d/.test(run)) return false;
  let inOrder = 0;
  for (let at = 1; at < run.length; at += 1)
    if (run.charCodeAt(at) === run.charCodeAt(at - 1) + 1) inOrder += 1;
  return inOrder < run.length / 3 && bitsPerLetter(run) >= DENSE_BITS;
}

function bitsPerLetter(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Refuses tables of more entries than a person reads. */
export function checkTable(
  compiler: Compiler,
  node: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression | ts.CaseBlock,
  report: Report,
): void {
  const entries = compiler.isArrayLiteralExpression(node)
    ? node.elements
    : compiler.isCaseBlock(node)
      ? node.clauses
      : node.properties;
  const numbers = compiler.isArrayLiteralExpression(node)
    ? node.elements.filter((one) => compiler.isNumericLiteral(one)).length
    : 0;
  if (entries.length > MAX_ENTRIES || numbers > MAX_NUMBERS)
    report(node, `has a table of ${entries.length} entries`);
}
