import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson, sha256Hex } from "@harnessx/core";
import { JOURNAL, openJournal, proposedOf, type Candidate, type Journal } from "../../src/index.ts";
import {
  candidateOf,
  certifyInto,
  digestOf,
  hashOf,
  rolloutsOf,
  verificationOf,
} from "./evolution-parts.ts";

/** Texts of a trace and of generated code that want to be more than text. */
export const hostile = {
  quote: `"><script>document.title="owned"</script><img src=x onerror=alert(1)> \u202egnp.exe\u2066`,
  mechanism: `</p></section></main><script src="https://evil.example/x.js"></script>' onload='x ${"A".repeat(3000)}`,
  files: {
    "src/<svg onload=alert(1)>.ts": `</code></pre><style>*{display:none}</style>\u200b\u202e if (admin) {\u2066 }\n`,
    "src/index.ts": `"use strict"; // \u0000 \ud800 ]]> --> \u2028\n${"x".repeat(90_000)}`,
    "README.md": "javascript:alert(1)",
  },
  why: `it is late\u202e <b onclick="x">&amp;`,
} as const;

export interface WorldOptions {
  /** Put hostile texts wherever texts come from outside. */
  readonly hostile?: boolean;
  /** Where the journal ends: in the middle of the second certification, or at its end. */
  readonly until?: "second certification" | "end";
}

/** Version hashes of the made-up evolution, in order. */
export const worldVersions = ["seed", "one", "fork", "two", "old fork"].map(hashOf);
const [seed, one, fork, two, oldFork] = worldVersions as [string, string, string, string, string];

/**
 * Writes a made-up evolution into a folder, with every kind of entry: a ship, a fork, a refused and
 * an undecided candidate, one that the critic and one that verification stops, a rollback, a
 * quarantine, drift with and without alarm, merge, retire, seal. The verdicts are the gate's own.
 */
export function writeWorld(dir: string, options: WorldOptions = {}): void {
  const text = options.hostile ? hostile : undefined;
  const journal = openJournal(join(dir, JOURNAL));
  const round = roundWriter(dir, journal, text);
  journal.append({
    t: "begin",
    run: 1,
    suite: "kitchen",
    verifier: "kitchen-1",
    data: text
      ? `generated ${text.quote}`
      : "generated kitchens, 24 train, 24 validation, 40 sealed",
    model: "cook",
    policy: "rule",
    seed: 7,
    harness: seed,
    options: sha256Hex("options"),
  });
  journal.append({
    t: "floor",
    run: 1,
    harness: seed,
    pairs: 24,
    flips: 0.25,
    difference: 0.02,
    halfWidth: 0.09,
  });

  const first = ["place-memory", "cache-replies", "copy-answers", "shorten-prompt"];
  const [good, broken, cheat, weak] = round(1, seed, 0.4, first) as [
    Candidate,
    Candidate,
    Candidate,
    Candidate,
  ];
  journal.append({
    t: "critique",
    round: 1,
    candidate: good.id,
    decision: "revise",
    findings: ["it cites too little"],
  });
  journal.append({ t: "critique", round: 1, candidate: good.id, decision: "accept", findings: [] });
  journal.append({
    t: "critique",
    round: 1,
    candidate: cheat.id,
    decision: "reject",
    findings: ["it holds the answer of a task"],
  });
  verify(dir, journal, 1, good);
  verify(dir, journal, 1, weak);
  verify(dir, journal, 1, broken, text?.why ?? "it reaches for the network");
  journal.append({ t: "screened", candidate: good.id, taken: true, mean: 21.5, better: 0.998 });
  journal.append({ t: "screened", candidate: weak.id, taken: false, mean: -1.2, better: 0.31 });
  certifyInto(journal, {
    id: "verdict-1",
    variant: "main",
    candidates: [good.id],
    rate: () => [0.4, 0.85],
  });
  journal.append({
    t: "ship",
    version: one,
    parents: [seed],
    verdict: "verdict-1",
    why: "certified better, and nothing is harmed",
  });
  attempt(journal, 1, "place-memory", "certified");

  const [split] = round(2, one, 0.7, ["hot-procedure"]) as [Candidate];
  verify(dir, journal, 2, split);
  journal.append({
    t: "drift",
    anchor: seed,
    harness: one,
    counts: { a: 9, b: 2, c: 13 },
    alarm: false,
  });
  journal.append({ t: "screened", candidate: split.id, taken: true, mean: 6, better: 0.93 });
  const stop = options.until === "second certification";
  certifyInto(journal, {
    id: "verdict-2",
    variant: "main",
    candidates: [split.id],
    rate: (cluster) =>
      cluster === "boil" ? [0.1, 0.99] : cluster === "find" ? [0.9, 0.1] : [0.8, 0.8],
    ...(stop ? { stopAfter: 2 } : {}),
  });
  if (stop) return;
  const scoped = {
    t: "fork",
    parent: "main",
    manifest: "{}",
    verdict: "verdict-2",
    why: "some clusters gain",
  } as const;
  journal.append({ ...scoped, variant: "fork-2", version: oldFork, scope: ["chill"] });
  journal.append({ ...scoped, variant: "fork-1", version: fork, scope: ["boil"] });
  attempt(journal, 2, "hot-procedure", "certified");

  const [worse] = round(3, one, 0.7, ["skip-checks"]) as [Candidate];
  verify(dir, journal, 3, worse);
  journal.append({ t: "screened", candidate: worse.id, taken: true, mean: 2, better: 0.8 });
  certifyInto(journal, {
    id: "verdict-3",
    variant: "main",
    candidates: [worse.id],
    rate: () => [0.8, 0.4],
  });
  attempt(journal, 3, "skip-checks", "refuted");

  const [late] = round(4, one, 0.7, ["retry-once"]) as [Candidate];
  verify(dir, journal, 4, late);
  journal.append({ t: "screened", candidate: late.id, taken: true, mean: 9, better: 0.95 });
  certifyInto(journal, {
    id: "verdict-4",
    variant: "main",
    candidates: [late.id],
    rate: () => [0.5, 0.95],
  });
  journal.append({
    t: "ship",
    version: two,
    parents: [one],
    verdict: "verdict-4",
    why: "certified better",
  });
  journal.append({
    t: "drift",
    anchor: seed,
    harness: two,
    counts: { a: 1, b: 12, c: 11 },
    alarm: true,
  });
  journal.append({
    t: "quarantine",
    entry: "retry-once",
    why: text?.why ?? "its files were changed",
  });
  journal.append({
    t: "rollback",
    version: one,
    parents: [two],
    why: text?.why ?? "the drift alarm",
  });
  journal.append({ t: "human", who: "ann", act: "rolled back" });

  journal.append({
    t: "begin",
    run: 2,
    suite: "kitchen",
    verifier: "kitchen-1",
    data: "generated kitchens",
    model: "cook",
    policy: "rule",
    seed: 8,
    harness: one,
    options: sha256Hex("options"),
  });
  journal.append({
    t: "merge",
    variant: "fork-2",
    into: "main",
    why: "nothing is routed to it any more",
  });
  const [idle] = round(5, one, 0.7, ["polite-prompt"]) as [Candidate];
  verify(dir, journal, 5, idle);
  journal.append({ t: "screened", candidate: idle.id, taken: true, mean: 1, better: 0.6 });
  certifyInto(journal, {
    id: "verdict-5",
    variant: "main",
    candidates: [idle.id],
    rate: () => [0.8, 0.82],
  });
  attempt(journal, 5, "polite-prompt", "inconclusive");
  journal.append({ t: "seal", run: 2, result: sealResult });
  journal.append({ t: "end", run: 2, harness: one, rollouts: 900, why: "all rounds are played" });
  put(dir, ".harnessx/evolution/5/evolution.json", {
    v: 1,
    rollouts: 900,
    ms: 65_000,
    spent: {
      baseline: { rollouts: 48, tokens: 58_000, costUsd: 0.048 },
      screen: { rollouts: 300, tokens: 410_000, costUsd: 0.3 },
      certify: { rollouts: 312, tokens: 400_000, costUsd: 0.31 },
      seal: { rollouts: 240, tokens: 300_000, costUsd: 0.24 },
    },
  });
}

const arm = (name: string, passRate: number, harness?: string) => ({
  name,
  ...(harness ? { harness } : {}),
  passRate,
  interval: [passRate - 0.1, Math.min(1, passRate + 0.1)] as const,
  rollouts: 80,
  tokens: 1300,
  costUsd: 0.001,
});

const sealResult = {
  tasks: 40,
  arms: [
    arm("seed", 0.425, seed),
    arm("seed best-of-2", 0.55),
    arm("no-op evolver", 0.41, seed),
    arm("evolved", 0.8125),
  ],
  gains: [
    { over: "seed", mean: 0.3875, interval: [0.25, 0.51] as const },
    { over: "seed best-of-2", mean: 0.2625, interval: [0.12, 0.4] as const },
  ],
  noiseFloor: 0.08,
};

type Texts = typeof hostile | undefined;

/** Writes a round's beginning: rollouts, traces, digest, candidates. */
function roundWriter(dir: string, journal: Journal, text: Texts) {
  return (round: number, harness: string, rate: number, names: readonly string[]): Candidate[] => {
    const folder = `.harnessx/evolution/${round}`;
    journal.append({ t: "round", round, harness, seed: 7, variant: "main", clusters: [] });
    const rollouts = rolloutsOf(round, harness, rate);
    put(dir, `${folder}/rollouts.json`, rollouts);
    for (const { trace, task } of rollouts.slice(0, 24))
      put(dir, trace!, {
        type: "run.start",
        v: 1,
        seq: 0,
        at: 0,
        run: "r",
        task: {
          id: task,
          text: text?.quote ?? `a kitchen\nYour task is to: cook dish ${task.slice(0, 4)}`,
        },
        harness: { proposed: harness, deployed: harness, executed: harness },
        manifest: {},
        models: {},
        seed: 1,
        tools: [],
        environment: { node: "20", core: "0" },
      });
    const digest = digestOf(
      round,
      harness,
      (text?.quote ?? "You open the box 3. In it, you see nothing.").slice(0, 200),
    );
    put(dir, `${folder}/digest.json`, digest);
    journal.append({
      t: "stage",
      round,
      stage: "digest",
      by: "program",
      digest: sha256Hex(canonicalJson(digest)),
    });
    return names.map((name) => {
      const candidate = candidateOf({
        name,
        round,
        parent: harness,
        ...(text ? { mechanism: text.mechanism, files: text.files } : {}),
      });
      put(dir, `${folder}/candidates/${candidate.id}.json`, candidate);
      journal.append({ t: "proposed", round, candidate: proposedOf(candidate) });
      return candidate;
    });
  };
}

function verify(
  dir: string,
  journal: Journal,
  round: number,
  candidate: Candidate,
  finding?: string,
): void {
  const [generated] = candidate.packages as [Candidate["packages"][number]];
  const report = verificationOf(
    generated,
    finding === undefined ? undefined : { check: "source-policy", finding },
  );
  put(dir, `.harnessx/evolution/${round}/verification/${generated.name}.json`, report);
  const findings = finding === undefined ? [] : [`source-policy: ${finding}`];
  journal.append({ t: "verified", candidate: candidate.id, ok: findings.length === 0, findings });
}

function attempt(
  journal: Journal,
  round: number,
  operator: string,
  outcome: "certified" | "refuted" | "inconclusive",
): void {
  journal.append({
    t: "attempt",
    attempt: {
      round,
      dimension: "memory",
      pathology: "repeat_without_progress",
      operator: `template:${operator}`,
      outcome,
    },
  });
}

function put(dir: string, path: string, value: unknown): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), `${JSON.stringify(value)}\n`);
}
