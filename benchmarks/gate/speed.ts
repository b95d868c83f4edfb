/** How fast the gate decides and how fast a recorded certification is replayed. */
import { createGate, createRandom, type GateOutcome, type GateTask } from "@harnessx/aegis";

const TASKS = 500;

export interface SpeedResult {
  readonly tasks: number;
  /** Milliseconds of `observe` and the following `next`, over the blocks of one certification. */
  readonly blockMs: { readonly median: number; readonly worst: number; readonly verdict: number };
  /** Block 10 over block 3: what growth with the log there is. */
  readonly growth: number;
  readonly replayOutcomesPerSecond: number;
}

/** A certification that never decides: ten full blocks with costs, audits and histories. */
export function measureSpeed(rounds = 15): SpeedResult {
  const random = createRandom("speed");
  const tasks: GateTask[] = Array.from({ length: TASKS }, (_, index) => ({
    id: `t${index}`,
    cluster: `c${index % 10}`,
    hist: { s: 5 + 0.8 * random.int(12), f: 0.8 * random.int(3) },
  }));
  // Out of reach: neither a gain nor futility ends it before the tenth block.
  const policy = { effect: 0.01, futility: 1e9, alphaRun: 1e-9 };
  const log: GateOutcome[][] = [];
  const times: number[][] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const gate = createGate(policy, tasks);
    const spent: number[] = [];
    for (let block = 0; ; block += 1) {
      const step = gate.next();
      if (step.type === "verdict") {
        if (block < 10) throw new Error(`decided after ${block} blocks: ${step.reason}`);
        break;
      }
      log[block] ??= step.trials.map((trial) => {
        const pass = random.next() < 0.55 ? 1 : 0;
        return { ...trial, pass, cost: 1 + random.next(), ...(pass ? { audit: 1 as const } : {}) };
      });
      const began = performance.now();
      gate.observe(log[block]!);
      gate.next();
      spent.push(performance.now() - began);
    }
    times.push(spent);
    const began = performance.now();
    const replay = createGate(policy, tasks);
    for (const batch of log) replay.observe(batch);
    if (replay.next().type !== "verdict") throw new Error("the replay has not ended");
    best = Math.min(best, performance.now() - began);
  }
  // Each block at its best over the rounds: on a shared machine other jobs only ever add.
  const blocks = log.map((_, block) => Math.min(...times.map((spent) => spent[block]!)));
  const outcomes = log.reduce((sum, batch) => sum + batch.length, 0);
  const digits = (value: number): number => Number(value.toPrecision(3));
  return {
    tasks: TASKS,
    blockMs: {
      median: digits(blocks.toSorted((a, b) => a - b)[blocks.length >> 1]!),
      worst: digits(Math.max(...blocks)),
      verdict: digits(blocks.at(-1)!),
    },
    growth: digits(blocks[8]! / blocks[2]!),
    replayOutcomesPerSecond: Math.round((outcomes / best) * 1_000),
  };
}
