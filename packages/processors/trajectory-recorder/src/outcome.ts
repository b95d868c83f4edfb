import type { Evaluation, ExitReason, Json, JsonObject, TaskEndEvent } from "@harnessx/core/plugin";
import type { TrajectoryRecorderOptions } from "./options.ts";
import type { Redactor } from "./redactor.ts";
import type { Turn } from "./turn.ts";

/** The last line. */
export function endLine(
  event: TaskEndEvent,
  turns: number,
  redacted: { readonly count: number },
  redactor: Redactor,
  options: Pick<TrajectoryRecorderOptions, "reward">,
): JsonObject {
  const deciding = event.evaluations.filter(({ name, passed }) =>
    options.reward.length > 0 ? options.reward.includes(name) : passed !== undefined,
  );
  const sum = deciding.reduce((total, { score }) => total + score, 0);
  const { steps, modelCalls, toolCalls, inputTokens, outputTokens, costUsd } = event.totals;
  return {
    type: "end",
    exit: event.exit,
    status: statusOf(event.exit),
    output: redactor.text(event.output),
    // Nothing has judged the run: that is no reward of 0.
    reward: deciding.length === 0 ? null : sum / deciding.length,
    rewardFrom: deciding.map(({ name }) => name),
    evaluations: event.evaluations.map(({ name, score, passed, reason }) => ({
      name,
      score,
      ...(passed === undefined ? {} : { passed }),
      ...(reason === undefined ? {} : { reason: redactor.text(reason) }),
    })),
    totals: { steps, modelCalls, toolCalls, inputTokens, outputTokens, costUsd },
    turns,
    redacted: redacted.count,
  };
}

function statusOf(exit: ExitReason): string {
  switch (exit) {
    case "done":
      return "ok";
    case "budget_time":
      return "timeout";
    case "budget_steps":
    case "budget_tokens":
    case "budget_cost":
      return "truncated";
    default:
      return "error";
  }
}

/** Gives the turns what evaluations say of their steps; what has another form is left out. */
export function annotate(
  turns: readonly Turn[],
  evaluations: readonly Evaluation[],
  redactor: Redactor,
  options: Pick<TrajectoryRecorderOptions, "stepRewards" | "signals">,
): void {
  // The turn that took effect in a step is its last one.
  const byStep = new Map(turns.map((turn) => [turn.step, turn]));
  for (const row of listIn(evaluations, options.stepRewards, "steps")) {
    const [step, reward, value] = Array.isArray(row) ? (row as Json[]) : [];
    const turn = typeof step === "number" ? byStep.get(step) : undefined;
    if (!turn) continue;
    if (typeof reward === "number") turn.reward = reward;
    if (typeof value === "number") turn.return = value;
  }
  for (const signal of listIn(evaluations, options.signals, "signals")) {
    if (typeof signal !== "object" || signal === null || Array.isArray(signal)) continue;
    const step = (signal as JsonObject)["step"];
    const turn = typeof step === "number" ? byStep.get(step) : undefined;
    if (turn) (turn.signals ??= []).push(redactor.json(signal) as JsonObject);
  }
}

function listIn(evaluations: readonly Evaluation[], name: string, field: string): readonly Json[] {
  const details = evaluations.find((evaluation) => evaluation.name === name)?.details;
  if (typeof details !== "object" || details === null || Array.isArray(details)) return [];
  const list = (details as JsonObject)[field];
  return Array.isArray(list) ? (list as readonly Json[]) : [];
}
