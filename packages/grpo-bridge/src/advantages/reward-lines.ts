import { validatorFor } from "@harnessx/core";
import { grpoError } from "../errors.ts";
import type { RewardRecord } from "./rewards.ts";

const name = { type: "string" } as const;

/** JSON Schema of one line of rewards. */
export const rewardRecordSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "The reward of one trajectory",
  type: "object",
  required: ["taskId"],
  properties: {
    taskId: { ...name, minLength: 1 },
    harness: {
      anyOf: [
        name,
        {
          type: "object",
          required: ["lineage"],
          properties: { lineage: name, version: { type: ["string", "number"] } },
        },
      ],
    },
    reward: { type: ["number", "null"] },
    taskSetId: name,
    rewardSpec: name,
    tokenizer: name,
    modelVersion: { type: "integer", minimum: 0 },
  },
} as const;

/** Python's json.dumps writes these words, which are no JSON. */
const BARE = /("reward"\s*:\s*)(NaN|-?Infinity)(?=\s*[,}])/;

/**
 * Reads one line of rewards. A bare `NaN` or `Infinity`, as Python writes them, is taken for what it
 * is. Errors: HX_GRPO_LINE_INVALID, with `source` and the number of the line.
 *
 * @example
 * ```ts
 * import { parseRewardLine } from "@harnessx/grpo-bridge";
 * parseRewardLine('{"taskId":"a","reward":NaN}', "rewards.jsonl", 1).reward; // NaN
 * ```
 */
export function parseRewardLine(text: string, source: string, line: number): RewardRecord {
  const bare = BARE.exec(text);
  const value = parse(bare ? text.replace(BARE, "$1null") : text, source, line);
  const problem = validatorFor(rewardRecordSchema)(value);
  if (problem) throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem });
  const record = value as RewardRecord;
  return bare ? { ...record, reward: Number(bare[2]) } : record;
}

function parse(text: string, source: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw grpoError("HX_GRPO_LINE_INVALID", { line, source, problem: "it is no JSON" }, cause);
  }
}
