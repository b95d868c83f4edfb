import { validatorFor } from "@harnessx/core";
import { grpoError } from "../errors.ts";
import type { LossBatch } from "./batch.ts";

/** One row of tokens, as a line of JSON holds it. */
export interface LossRecord {
  /** Rows of the same name are one trajectory. */
  readonly trajectory?: string;
  /** One for the row, or one for each token. */
  readonly advantage: number | readonly number[];
  /** All 1 by default. */
  readonly mask?: readonly (0 | 1)[];
  readonly logprobs: readonly number[];
  readonly behaviour: readonly number[];
  /** In all rows or in none. */
  readonly proximal?: readonly number[];
  /** In all rows or in none. */
  readonly reference?: readonly number[];
}

const numbers = { type: "array", items: { type: "number" } } as const;

/** JSON Schema of one line of `hx grpo loss`. */
export const lossRecordSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A row of tokens with its log-probabilities",
  type: "object",
  required: ["advantage", "logprobs", "behaviour"],
  properties: {
    trajectory: { type: "string" },
    advantage: { anyOf: [{ type: "number" }, numbers] },
    mask: { type: "array", items: { enum: [0, 1] } },
    logprobs: numbers,
    behaviour: numbers,
    proximal: numbers,
    reference: numbers,
  },
} as const;

/**
 * Reads one line of `hx grpo loss`. Errors: HX_GRPO_LINE_INVALID.
 *
 * @example
 * ```ts
 * import { parseLossLine } from "@harnessx/grpo-bridge";
 * parseLossLine('{"advantage":1,"logprobs":[-0.5],"behaviour":[-1]}', "rows.jsonl", 1).advantage; // 1
 * ```
 */
export function parseLossLine(text: string, source: string, line: number): LossRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem: "it is no JSON" }, cause);
  }
  const problem = validatorFor(lossRecordSchema)(value) ?? lengths(value as LossRecord);
  if (problem) throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem });
  return value as LossRecord;
}

function lengths(record: LossRecord): string | undefined {
  const tokens = record.logprobs.length;
  for (const name of ["mask", "advantage", "behaviour", "proximal", "reference"] as const) {
    const column = record[name];
    if (typeof column === "object" && column.length !== tokens)
      return `it has ${tokens} logprobs and ${column.length} values of ${name}`;
  }
  return undefined;
}

/**
 * Records as one batch. Errors: HX_GRPO_COLUMNS_INVALID when only some records have `proximal` or
 * `reference`.
 *
 * @example
 * ```ts
 * import { lossBatch } from "@harnessx/grpo-bridge";
 * [...lossBatch([{ advantage: 2, logprobs: [-1, -1], behaviour: [-1, -1] }]).advantages]; // [2, 2]
 * ```
 */
export function lossBatch(records: readonly LossRecord[]): LossBatch {
  const rowStarts = new Int32Array(records.length + 1);
  for (const [row, { logprobs }] of records.entries())
    rowStarts[row + 1] = rowStarts[row]! + logprobs.length;
  const names = new Map<string, number>();
  const trajectories = Int32Array.from(records, ({ trajectory }, row) => {
    const name = trajectory ?? `row ${row} alone`;
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name)!;
  });
  const column = (of: (record: LossRecord) => readonly number[]): Float64Array =>
    Float64Array.from(records.flatMap(of));
  const optional = (name: "proximal" | "reference"): Partial<LossBatch> => {
    const having = records.filter((record) => record[name] !== undefined).length;
    if (having === 0) return {};
    if (having < records.length)
      throw grpoError("HX_GRPO_COLUMNS_INVALID", {
        problem: `${having} of ${records.length} rows have ${name}`,
      });
    return { [name]: column((record) => record[name]!) };
  };
  return {
    rowStarts,
    trajectories,
    mask: Uint8Array.from(
      records.flatMap(({ mask, logprobs }): readonly number[] => mask ?? logprobs.map(() => 1)),
    ),
    advantages: column(({ advantage, logprobs }) =>
      typeof advantage === "number" ? logprobs.map(() => advantage) : advantage,
    ),
    logprobs: column(({ logprobs }) => logprobs),
    behaviour: column(({ behaviour }) => behaviour),
    ...optional("proximal"),
    ...optional("reference"),
  };
}
