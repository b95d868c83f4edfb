import { sha256Hex } from "@harnessx/core";
import { createRandom } from "../../src/statistics/index.ts";
import {
  createGate,
  verificationChecks,
  type Candidate,
  type Digest,
  type GateContext,
  type GateTask,
  type GateVerdict,
  type Journal,
  type RolloutRecord,
  type VerificationReport,
} from "../../src/index.ts";

/* The pieces of a made-up evolution: hashes, rollouts, digests, candidates, certifications. */

export const hashOf = (name: string): string => `sha256-${sha256Hex(name)}`;
export const clusters = ["boil", "chill", "find", "place twice"] as const;

const idOf = (name: string): string => sha256Hex(name).slice(0, 16);

export const validationTasks: readonly GateTask[] = Array.from({ length: 24 }, (_, at) => ({
  id: idOf(`validation ${at}`),
  cluster: clusters[at % clusters.length]!,
}));

export const traceId = (round: number, at: number): string =>
  sha256Hex(`trace ${round} ${at}`).slice(0, 32);

/** Two repetitions of every train task. */
export function rolloutsOf(round: number, harness: string, rate: number): RolloutRecord[] {
  const random = createRandom(`rollouts ${round}`);
  return Array.from({ length: 48 }, (_, at) => ({
    id: sha256Hex(`rollout ${round} ${at}`),
    suite: "kitchen",
    task: idOf(`train ${at % 24}`),
    family: `room ${at % 24}`,
    cluster: clusters[at % clusters.length]!,
    split: "train" as const,
    harness,
    repetition: Math.floor(at / 24),
    seed: 1,
    model: "cook",
    policy: "rule" as const,
    passed: random.next() < rate,
    score: 0,
    reason: "",
    steps: 9,
    tokens: 1200 + at,
    costUsd: 0.001,
    ms: 12,
    trace: `.harnessx/evolution/${round}/traces/${traceId(round, at)}.jsonl`,
  }));
}

export function digestOf(round: number, harness: string, quote: string): Digest {
  return {
    v: 1,
    harness,
    rollouts: { pass: 20, fail: 28, infra: 0 },
    clusters: [],
    exits: { max_steps: 28 },
    steps: { pass: 6, fail: 9 },
    tools: [],
    noEffect: [],
    processors: {},
    categories: [
      {
        category: "repeat_without_progress",
        episodes: 21,
        share: 0.75,
        tasks: [],
        evidence: [
          { trace: traceId(round, 0), seq: 7, quote },
          { trace: traceId(round, 1), seq: 11, quote: "Nothing happens." },
        ],
      },
    ],
    tasks: [],
    mined: { procedures: [] },
    actionability: 0.75,
  };
}

export interface CandidateSeed {
  readonly name: string;
  readonly round: number;
  readonly parent: string;
  readonly mechanism?: string;
  readonly files?: Readonly<Record<string, string>>;
}

export function candidateOf({ name, round, parent, mechanism, files }: CandidateSeed): Candidate {
  const use = `./.harnessx/plugins/evolved-${name}-0.1.0-abc`;
  return {
    v: 1,
    id: idOf(`${name} ${round}`),
    parent,
    operator: `template:${name}`,
    scope: "all",
    edits: [{ op: "insert", section: "processors", after: null, entry: { id: name, use } }],
    packages: [
      {
        name: `evolved-${name}`,
        version: "0.1.0",
        files: files ?? {
          "package.json": `{ "name": "evolved-${name}", "version": "0.1.0" }\n`,
          "src/index.ts": `// ${name}\nexport default 1 < 2 && "a";\n`,
          "README.md": `# ${name}\n`,
        },
      },
    ],
    manifest: {
      dims: ["memory"],
      bucket: "processor",
      intent: "gain",
      pathology: "repeat_without_progress",
      evidence: [`${traceId(round, 0)}#7`, `${traceId(round, 1)}#11`, `${traceId(round, 2)}#3`],
      mechanism: mechanism ?? `With ${name} the agent is told what each place held.`,
      touches: [{ hook: "model.request", slot: "advice", key: name }],
      predict: {
        unlock: [idOf("train 1")],
        stabilise: [],
        atRisk: [],
        delta: 12.5,
        costRatio: 1.1,
      },
      signature: { component: name, minShareOfFlips: 0.5 },
      capability: [],
      rollback: { to: parent, sideEffects: "none", undo: [] },
    },
  };
}

/** A verification that passes up to the given check, which fails. */
export function verificationOf(
  { name, version }: Candidate["packages"][number],
  failing?: { readonly check: (typeof verificationChecks)[number]; readonly finding: string },
): VerificationReport {
  const last = failing ? verificationChecks.indexOf(failing.check) : verificationChecks.length - 1;
  return {
    v: 1,
    package: name,
    version,
    digest: "d",
    content: "c",
    policy: "p",
    toolchain: "t",
    seed: 1,
    ok: failing === undefined,
    retry: false,
    checks: verificationChecks.slice(0, last + 1).map((check, at) => {
      const bad = failing !== undefined && at === last;
      return {
        check,
        status: bad ? "fail" : "pass",
        ok: !bad,
        counts: { files: 3 },
        findings: bad ? [failing.finding] : [],
      };
    }),
  };
}

export interface Contest {
  readonly id: string;
  readonly variant: string;
  readonly candidates: readonly string[];
  readonly context?: GateContext;
  /** By cluster: pass rates of incumbent and candidate. */
  readonly rate: (cluster: string) => readonly [incumbent: number, candidate: number];
  /** Blocks after which the journal ends. */
  readonly stopAfter?: number;
}

/** Lets the gate decide over made-up outcomes, and writes down what a run would. */
export function certifyInto(journal: Journal, contest: Contest): GateVerdict | undefined {
  const { id, variant, candidates, context = {}, rate, stopAfter = Infinity } = contest;
  const policy = {};
  journal.append({
    t: "certify",
    id,
    variant,
    candidates,
    policy,
    tasks: validationTasks,
    context,
  });
  const gate = createGate(policy, validationTasks, context);
  const random = createRandom(`contest ${id}`);
  for (let block = 0; block < stopAfter; block += 1) {
    const step = gate.next();
    if (step.type === "verdict") {
      journal.append({ t: "verdict", id, verdict: step });
      return step;
    }
    const outcomes = step.trials.map((trial) => {
      const [incumbent, candidate] = rate(validationTasks[trial.task]!.cluster);
      const pass = random.next() < (trial.arm === "cand" ? candidate : incumbent);
      return {
        ...trial,
        pass: pass ? (1 as const) : (0 as const),
        cost: 0.002,
        audit: 1 as const,
        fired: 1 as const,
      };
    });
    journal.append({ t: "trials", id, outcomes });
    gate.observe(outcomes);
  }
  return undefined;
}
