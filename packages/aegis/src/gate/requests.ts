import { aegisError } from "../errors.ts";
import { CHALLENGE_REP, GUARD_REP } from "./tally.ts";
import type { GateOutcome, GateRequest, GateTask, GateTrial } from "./types.ts";

/** Which trials have been asked for. Repetitions of blocks, extra blocks and challenges never meet. */
export class Schedule {
  /** Blocks over all tasks so far. */
  blocks = 0;
  /** Challenges so far. */
  challenges = 0;
  readonly #tasks: readonly GateTask[];
  readonly #extra = new Map<string, number>();

  constructor(tasks: readonly GateTask[]) {
    this.#tasks = tasks;
  }

  /** Extra blocks that a cluster has had. */
  extra(cluster: string): number {
    return this.#extra.get(cluster) ?? 0;
  }

  /** One trial of both arms on every task, the arm that goes first alternating. */
  block(): GateRequest {
    const rep = this.blocks;
    this.blocks += 1;
    return { type: "request", trials: this.#tasks.flatMap((_, task) => pairOf(task, rep)) };
  }

  /** One more pair on every task of the clusters given. */
  extend(clusters: readonly string[]): GateRequest {
    const reps = new Map(clusters.map((id) => [id, this.extra(id)]));
    for (const [id, rep] of reps) this.#extra.set(id, rep + 1);
    const trials = this.#tasks.flatMap(({ cluster }, task) => {
      const rep = reps.get(cluster);
      return rep === undefined ? [] : pairOf(task, GUARD_REP + rep);
    });
    return { type: "request", trials };
  }

  /** One more trial of the candidate on each of the tasks. */
  challenge(tasks: readonly number[]): GateRequest {
    const rep = CHALLENGE_REP + this.challenges;
    this.challenges += 1;
    return { type: "request", trials: tasks.map((task) => ({ arm: "cand", task, rep })) };
  }
}

function pairOf(task: number, rep: number): GateTrial[] {
  const pair: GateTrial[] = [
    { arm: "cand", task, rep },
    { arm: "inc", task, rep },
  ];
  return (task + rep) % 2 === 0 ? pair : pair.reverse();
}

/**
 * The outcomes of exactly the requested trials, in the order of the request, whatever the order of
 * delivery. Throws HX_GATE_OUTCOME_INVALID.
 */
export function inOrder(
  requested: readonly GateTrial[],
  outcomes: readonly GateOutcome[],
): GateOutcome[] {
  let positions: Map<string, number> | undefined;
  const position = (outcome: GateOutcome): number | undefined => {
    positions ??= new Map(requested.map((trial, index) => [keyOf(trial), index]));
    return positions.get(keyOf(outcome));
  };
  const ordered = Array.from<GateOutcome | undefined>({ length: requested.length });
  outcomes.forEach((outcome, at) => {
    // Most are delivered as they were requested; only the others are looked up.
    const index = isSame(requested[at], outcome) ? at : position(outcome);
    if (index === undefined || ordered[index])
      throw refused(outcome, "it was not requested, or was reported twice");
    const problem = problemOf(outcome);
    if (problem) throw refused(outcome, problem);
    ordered[index] = outcome;
  });
  const missing = ordered.findIndex((outcome) => outcome === undefined);
  if (missing >= 0) throw refused(requested[missing]!, "it is missing");
  return ordered as GateOutcome[];
}

const isSame = (trial: GateTrial | undefined, { arm, task, rep }: GateTrial): boolean =>
  trial !== undefined && trial.task === task && trial.arm === arm && trial.rep === rep;

const keyOf = ({ arm, task, rep }: GateTrial): string => `${arm} ${task} ${rep}`;

const bit = (value: unknown): boolean => value === 0 || value === 1;

function problemOf({ pass, audit, fired, cost, infra }: GateOutcome): string | undefined {
  if (!bit(pass)) return "pass is neither 0 nor 1";
  if (audit !== undefined && !bit(audit)) return "audit is neither 0 nor 1";
  if (fired !== undefined && !bit(fired)) return "fired is neither 0 nor 1";
  if (cost !== undefined && !(Number.isFinite(cost) && cost >= 0)) return "cost is no amount";
  if (infra !== undefined && typeof infra !== "boolean") return "infra is neither true nor false";
  return undefined;
}

const refused = ({ arm, task, rep }: GateTrial, problem: string) =>
  aegisError("HX_GATE_OUTCOME_INVALID", { arm, task, rep, problem });
