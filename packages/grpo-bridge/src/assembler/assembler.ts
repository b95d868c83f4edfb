import type { TrajectoryRow } from "../records/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { RowBuilder } from "./row-builder.ts";
import { checkTurn, type Turn } from "./turn.ts";

/** Settings of an assembler. */
export interface AssemblerOptions {
  /** Tokens at the end of an output that a prompt may render otherwise without a new row (0: none). */
  readonly realign?: number;
  /** Rows that a prompt may go on from, the latest first (4). Interleaved subagents need more than one. */
  readonly openRows?: number;
}

/** How turns joined: the drift metric of an episode. */
export interface DriftCounts {
  /** Went on from the tokens held. */
  readonly clean: number;
  /** Went on after a short divergence. */
  readonly realign: number;
  /** Opened a row, the first one not counted. */
  readonly fork: number;
}

/** Puts the turns of one episode together. */
export interface Assembler {
  /** Takes a turn, in the order of sampling. Errors: HX_GRPO_TURN_INVALID. */
  add(turn: Turn): void;
  /** The rows so far. */
  rows(): TrajectoryRow[];
  drift(): DriftCounts;
  diagnostics(): readonly Diagnostic[];
}

/**
 * An assembler of turns into rows. A turn whose prompt starts with all tokens of a row goes on in
 * that row: what the prompt adds is context, its output is trained on. Any other prompt opens a new
 * row. Token ids are taken as they are; nothing is encoded again. Work is linear in the tokens given.
 *
 * @example
 * ```ts
 * import { createAssembler } from "@harnessx/grpo-bridge";
 * const assembler = createAssembler();
 * assembler.add({ seq: 1, promptIds: [1, 2, 3], outputIds: [4, 5], logprobs: [-0.1, -0.2] });
 * assembler.add({ seq: 2, promptIds: [1, 2, 3, 4, 5, 6, 7], outputIds: [8], logprobs: [-0.3] });
 * assembler.rows().map((row) => [...row.lossMask]); // [[0, 0, 0, 1, 1, 0, 0, 1]]
 * ```
 */
export function createAssembler(options: AssemblerOptions = {}): Assembler {
  const { realign = 0, openRows = 4 } = options;
  const builders: RowBuilder[] = [];
  const seen = new Set<number>();
  const found: Diagnostic[] = [];
  const drift = { clean: 0, realign: 0, fork: 0 };

  /** The row that shares most with the prompt; one that is held whole wins. */
  const nearest = (prompt: ArrayLike<number>): { row: RowBuilder; common: number } | undefined => {
    let best: { row: RowBuilder; common: number } | undefined;
    for (const row of builders.slice(-openRows).toReversed()) {
      const common = row.commonPrefix(prompt);
      if (common === row.length) return { row, common };
      if (!best || common > best.common) best = { row, common };
    }
    return best;
  };

  return {
    add(turn) {
      checkTurn(turn);
      if (seen.has(turn.seq)) {
        found.push({
          name: "duplicate-turn",
          seq: turn.seq,
          message: `Turn ${turn.seq} came twice.`,
        });
        return;
      }
      seen.add(turn.seq);
      const near = nearest(turn.promptIds);
      if (near && near.common === near.row.length) {
        drift.clean += 1;
        near.row.append(turn);
        return;
      }
      if (near && canRealign(near.row, near.common, turn, realign)) {
        const replaced = near.row.length - near.common;
        near.row.truncate(near.common);
        near.row.append(turn);
        drift.realign += 1;
        found.push({
          name: "realigned",
          seq: turn.seq,
          message: `The prompt of turn ${turn.seq} renders the last ${replaced} tokens of an output otherwise; they count as context.`,
        });
        return;
      }
      if (near) {
        drift.fork += 1;
        found.push(forkOf(near.row, near.common, turn));
      }
      builders.push(new RowBuilder(turn));
    },
    rows: () => builders.map((builder, index) => builder.build(index)),
    drift: () => ({ ...drift }),
    diagnostics: () => [...found],
  };
}

function canRealign(row: RowBuilder, common: number, turn: Turn, most: number): boolean {
  return (
    common >= row.latestStart &&
    common < turn.promptIds.length &&
    row.length - common <= most &&
    row.keepsTurn(common)
  );
}

function forkOf(row: RowBuilder, common: number, turn: Turn): Diagnostic {
  const { seq, promptIds, historyEdited = false } = turn;
  const at = `The prompt of turn ${seq} parts from the tokens held at ${common} of ${row.length}`;
  if (historyEdited)
    return { name: "history-edited", seq, message: `${at}, where the history was edited.` };
  if (common === promptIds.length)
    return { name: "repeated-prompt", seq, message: `${at}, where it ends: a call made again.` };
  if (common >= row.latestStart)
    return {
      name: "retokenisation-drift",
      seq,
      message: `${at}, inside the latest output, whose text was encoded again.`,
    };
  return {
    name: "template-not-append-only",
    seq,
    message: `${at}, before the latest output: the template rewrites what came before.`,
  };
}
