/**
 * How fast advantages are computed and turns are assembled.
 *
 *   npm run bench:grpo [-- --out results.json]
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { seededRandom } from "@harnessx/core";
import {
  advantagesOf,
  computeAdvantages,
  createAssembler,
  estimators,
  groupingModes,
  type RewardColumns,
  type RewardRecord,
} from "@harnessx/grpo-bridge";

const TRAJECTORIES = 1_000_000;
const MEMBERS = 8;
const HARNESSES = 4;

interface Speed {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Of the process, its inputs included. */
  readonly peakMegabytes: number;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The best of `times`: what else the machine does only makes it slower. */
function measure(times: number, work: () => unknown): Speed {
  let best: Speed | undefined;
  for (let time = 0; time < times; time += 1) {
    const cpu = process.cpuUsage();
    const began = performance.now();
    work();
    const wallSeconds = round((performance.now() - began) / 1000);
    const { user, system } = process.cpuUsage(cpu);
    const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    if (!best || wallSeconds < best.wallSeconds)
      best = { wallSeconds, cpuSeconds: round((user + system) / 1e6), peakMegabytes };
  }
  return best!;
}

function columns(): RewardColumns {
  const random = seededRandom("grpo");
  const rewards = new Float64Array(TRAJECTORIES);
  const tasks = new Int32Array(TRAJECTORIES);
  const harnesses = new Int32Array(TRAJECTORIES);
  for (let at = 0; at < TRAJECTORIES; at += 1) {
    rewards[at] = random() < 0.4 ? 1 : 0;
    tasks[at] = Math.floor(at / MEMBERS);
    harnesses[at] = at % HARNESSES;
  }
  return { rewards, tasks, harnesses };
}

const records = ({ rewards, tasks, harnesses }: RewardColumns): RewardRecord[] =>
  Array.from(rewards, (reward, at) => ({
    taskId: `task-${tasks[at]}`,
    harness: `harness-${harnesses[at]}`,
    reward,
  }));

/** An episode whose prompts grow by what was said and what a tool replied. */
function episode(turns: number, said: number, told: number) {
  const conversation = Array.from({ length: 1000 + turns * (said + told) }, (_, at) => at % 50_000);
  return Array.from({ length: turns }, (_, seq) => {
    const prompt = 1000 + seq * (said + told);
    return {
      seq,
      promptIds: conversation.slice(0, prompt),
      outputIds: conversation.slice(prompt, prompt + said),
      logprobs: Array.from({ length: said }, () => -0.5),
    };
  });
}

function assembling(): object {
  const turns = episode(20, 200, 300);
  const EPISODES = 200;
  const rowTokens = turns.at(-1)!.promptIds.length + turns.at(-1)!.outputIds.length;
  const given = turns.reduce((sum, turn) => sum + turn.promptIds.length + turn.outputIds.length, 0);
  const speed = measure(3, () => {
    for (let time = 0; time < EPISODES; time += 1) {
      const assembler = createAssembler();
      for (const turn of turns) assembler.add(turn);
      if (assembler.rows()[0]!.tokenIds.length !== rowTokens) throw new Error("not one row");
    }
  });
  return {
    ...speed,
    turnsAnEpisode: turns.length,
    tokensOfARow: rowTokens,
    millionTokensOfRowsASecond: round((EPISODES * rowTokens) / speed.wallSeconds / 1e6),
    millionTokensGivenASecond: round((EPISODES * given) / speed.wallSeconds / 1e6),
  };
}

const input = columns();
const byColumns = Object.fromEntries(
  groupingModes.flatMap((mode) =>
    estimators.map((estimator) => [
      `${mode} ${estimator}`,
      measure(3, () => computeAdvantages(input, { mode, estimator })),
    ]),
  ),
);
const assembler = assembling();
const list = records(input);
const byRecords = measure(2, () => advantagesOf(list, { mode: "within", estimator: "grpo" }));
const results = {
  machine: {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    load: loadavg()[0],
  },
  trajectories: TRAJECTORIES,
  columns: byColumns,
  "records with names, within grpo": byRecords,
  assembler,
};
const text = `${JSON.stringify(results, null, 2)}\n`;
const at = process.argv.indexOf("--out");
if (at > 0) writeFileSync(process.argv[at + 1]!, text);
process.stdout.write(text);
