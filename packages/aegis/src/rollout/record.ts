import type { ExitReason, PolicyKind, TaskSplit } from "@harnessx/core/plugin";

/** Whose fault it is that a rollout says nothing about the harness's skill. */
export type InfraKind = "environment" | "candidate" | "unknown";

/**
 * One episode: a task, attempted once by one harness. A failure (`passed: false`) without `infra` is
 * a fact about the harness; with `infra` the episode never got a fair score.
 */
export interface RolloutRecord {
  /** `rolloutKey` of what was run. */
  readonly id: string;
  readonly suite: string;
  readonly task: string;
  readonly family: string;
  readonly cluster: string;
  readonly split: TaskSplit;
  /** Hash of the harness. */
  readonly harness: string;
  /** From 0. */
  readonly repetition: number;
  /** The seed that the caller gave; the episode's own seed is derived from it, the task and the repetition. */
  readonly seed: number;
  /** Names of the models by role. */
  readonly model: string;
  /** Of the model in the role `main`. */
  readonly policy: PolicyKind;
  readonly passed: boolean;
  readonly score: number;
  readonly reason: string;
  /** The suite's second judgement. */
  readonly audit?: boolean;
  /** Absent when the environment did not open. */
  readonly exit?: ExitReason;
  readonly steps: number;
  /** Input and output. */
  readonly tokens: number;
  readonly costUsd: number;
  /** Wall time. */
  readonly ms: number;
  /** Path of the trace file. */
  readonly trace?: string;
  /** Manifest entries whose processor did more than pass or one of whose tools was called; only when the caller asked to watch. */
  readonly fired?: readonly string[];
  readonly infra?: InfraKind;
  /** What went wrong, when `infra` is set. */
  readonly error?: string;
}

const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;
const amount = { type: "number", minimum: 0 } as const;

/** JSON Schema of a `RolloutRecord`. */
export const rolloutRecordSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "One rollout",
  type: "object",
  additionalProperties: false,
  required: [
    "id",
    "suite",
    "task",
    "family",
    "cluster",
    "split",
    "harness",
    "repetition",
    "seed",
    "model",
    "policy",
    "passed",
    "score",
    "reason",
    "steps",
    "tokens",
    "costUsd",
    "ms",
  ],
  properties: {
    id: { type: "string", pattern: "^[0-9a-f]{64}$" },
    suite: text,
    task: text,
    family: text,
    cluster: text,
    split: { enum: ["train", "validation", "sealed", "canary"] },
    harness: text,
    repetition: count,
    seed: { type: "number" },
    model: text,
    policy: { enum: ["model", "tiny-policy", "rule", "oracle", "recorded", "scripted"] },
    passed: { type: "boolean" },
    score: { type: "number", minimum: 0, maximum: 1 },
    reason: text,
    audit: { type: "boolean" },
    exit: text,
    steps: count,
    tokens: count,
    costUsd: amount,
    ms: amount,
    trace: text,
    fired: { type: "array", items: text, uniqueItems: true },
    infra: { enum: ["environment", "candidate", "unknown"] },
    error: text,
  },
} as const;
