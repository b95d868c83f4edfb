import { createGate } from "../../src/gate/index.ts";
import type {
  GateCheck,
  GateContext,
  GateOutcome,
  GatePolicy,
  GateTask,
  GateTrial,
  GateVerdict,
} from "../../src/gate/index.ts";
import { createRandom } from "../../src/statistics/index.ts";

export const tasksOf = (count: number, clusters = 4, hist?: { s: number; f: number }): GateTask[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    cluster: `c${index % clusters}`,
    ...(hist ? { hist } : {}),
  }));

export type Answer = (trial: GateTrial) => Omit<GateOutcome, keyof GateTrial>;

/** Drives a gate to its verdict and keeps the log. */
export function drive(
  tasks: readonly GateTask[],
  answer: Answer,
  policy: Partial<GatePolicy> = {},
  context: GateContext = {},
  order = <T>(list: T[]): T[] => list,
) {
  const gate = createGate(policy, tasks, context);
  const log: GateOutcome[][] = [];
  for (;;) {
    const step = gate.next();
    if (step.type === "verdict") return { verdict: step, log };
    const outcomes = step.trials.map((trial) => ({ ...trial, ...answer(trial) }));
    log.push(outcomes);
    gate.observe(order(outcomes));
  }
}

export const checkOf = ({ checks }: GateVerdict, name: GateCheck["check"]): GateCheck =>
  checks.find(({ check }) => check === name)!;

/** Independent coin flips with a pass rate for each arm and task. */
export const coins =
  (seed: number | string, rate: (trial: GateTrial) => number): Answer =>
  (trial) => {
    const random = createRandom(`${seed} ${trial.arm} ${trial.task} ${trial.rep}`);
    return { pass: random.next() < rate(trial) ? 1 : 0 };
  };
