import type { Session } from "../session.ts";
import { block } from "./text.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Checks as lines: state, name, finding, and the hint of what is not in order. */
export function checkTable(session: Session, checks: readonly Check[]): string {
  const { style, width } = session;
  const wide = Math.min(30, Math.max(...checks.map((check) => check.name.length), 1));
  const indent = " ".repeat(6 + wide + 2);
  const paint = { ok: style.green, warn: style.yellow, fail: style.red };
  return checks
    .flatMap(({ name, state, text, hint }) => {
      const finding = block(shortHashes(text), indent, width).trimStart();
      const line = `${paint[state](state.padEnd(4))}  ${name.padEnd(wide)}  ${finding}`;
      return hint !== undefined && state !== "ok"
        ? [line, style.dim(block(hint, indent, width))]
        : [line];
    })
    .join("\n");
}

/** Twelve digits tell two hashes apart; `--json` has all of them. */
export const shortHashes = (text: string): string =>
  text.replaceAll(/sha256-([0-9a-f]{12})[0-9a-f]{52}/g, "$1");
