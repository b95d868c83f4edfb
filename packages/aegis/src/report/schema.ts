import { count, document, listOf, mapOf, number, record, share, text } from "../schema.ts";

const flag = { type: "boolean" } as const;
const interval = {
  type: "array",
  items: number,
  minItems: 2,
  maxItems: 2,
} as const;
const scope = { anyOf: [{ const: "all" }, listOf(text)] };
const counts = record({ passed: count, trials: count });
const rateFields = { passed: count, trials: count, tasks: count, rate: share, interval };
const rate = record(rateFields);

const sealed = record({
  tasks: count,
  arms: listOf(
    record(
      {
        name: text,
        passRate: share,
        interval,
        rollouts: number,
        tokens: number,
        costUsd: number,
      },
      { harness: text },
    ),
  ),
  gains: listOf(record({ over: text, mean: number, interval })),
  noiseFloor: number,
});

const run = record(
  {
    run: count,
    suite: text,
    verifier: text,
    data: text,
    model: text,
    policy: { enum: ["model", "tiny-policy", "rule", "oracle", "recorded", "scripted"] },
    seed: number,
    harness: text,
  },
  {
    end: record({ harness: text, rollouts: count, why: text }),
    floor: record({ pairs: count, flips: number, difference: number, halfWidth: number }),
    sealed,
  },
);

const round = record(
  {
    round: count,
    run: count,
    harness: text,
    variant: text,
    clusters: listOf(text),
    categories: listOf(record({ category: text, episodes: count })),
    alerts: listOf(text),
    stages: listOf(record({ stage: text, by: text })),
  },
  { passRate: rate, actionability: share },
);

const version = record(
  {
    id: text,
    label: text,
    parents: listOf(text),
    variant: text,
    scope,
    how: { enum: ["start", "ship", "fork"] },
    seq: count,
    why: text,
    state: { enum: ["current", "replaced", "rolled_back", "merged", "retired"] },
    scores: listOf(
      record({ ...rateFields, split: { enum: ["train", "validation", "sealed"] }, source: text }),
    ),
  },
  { verdict: text },
);

const variant = record(
  { id: text, version: text, scope, state: { enum: ["standing", "merged", "retired"] } },
  { parent: text, why: text },
);

const check = record({
  check: text,
  status: text,
  ok: flag,
  counts: mapOf(number),
  findings: listOf(text),
});

const candidate = record(
  {
    key: text,
    id: text,
    round: count,
    parent: text,
    variant: text,
    operator: text,
    scope,
    dims: listOf(text),
    bucket: text,
    intent: text,
    pathology: text,
    mechanism: text,
    predict: record({
      unlock: count,
      stabilise: count,
      atRisk: count,
      delta: number,
      costRatio: number,
    }),
    signature: record({ component: text, minShareOfFlips: number }),
    evidence: listOf(record({ ref: text, trace: text, seq: count }, { quote: text, path: text })),
    diff: listOf(record({ sign: { enum: ["+", "-", " "] }, text })),
    packages: listOf(
      record({
        name: text,
        version: text,
        files: listOf(record({ path: text, bytes: count, text, cut: flag })),
        checks: listOf(check),
      }),
    ),
    critiques: listOf(
      record({ decision: { enum: ["accept", "revise", "reject"] }, findings: listOf(text) }),
    ),
    verdicts: listOf(text),
    outcome: {
      enum: [
        "pending",
        "criticised",
        "invalid",
        "screened_out",
        "inconclusive",
        "refuted",
        "forked",
        "certified",
        "rolled_back",
      ],
    },
  },
  {
    verified: record({ ok: flag, findings: listOf(text) }),
    screened: record({ taken: flag, mean: number, better: number }),
  },
);

const verdict = record(
  {
    id: text,
    round: count,
    variant: text,
    candidates: listOf(text),
    decision: { enum: ["APPLY", "FORK", "REJECT", "INCONCLUSIVE", "PENDING"] },
    reason: text,
    rule: text,
    tasks: count,
    trials: count,
    candidate: rate,
    incumbent: rate,
    checks: listOf(
      record({
        check: text,
        result: { enum: ["pass", "fail", "not_applicable", "no_coverage"] },
        detail: text,
        counts: mapOf(number),
      }),
    ),
    clusters: listOf(
      record({
        id: text,
        won: count,
        lost: count,
        tied: count,
        state: { enum: ["GAIN", "CLEAR", "HARM", "OPEN"] },
        watch: flag,
        candidate: counts,
        incumbent: counts,
      }),
    ),
    collapsed: count,
    replay: { enum: ["identical", "different", "none"] },
  },
  {
    alpha: number,
    effect: number,
    interval,
    scopeEffect: record({ mean: number, interval }),
    noiseFloor: number,
    scope: listOf(text),
  },
);

const headline = record(
  {
    state: { enum: ["changed", "unchanged", "rolled_back"] },
    unfinished: flag,
    from: text,
    to: text,
    changes: listOf(text),
    certified: record({ verdicts: listOf(text), identical: count }),
  },
  {
    effect: record(
      { split: { enum: ["sealed", "validation"] }, over: text, mean: number, interval },
      { noiseFloor: number },
    ),
  },
);

/** JSON Schema of an `EvolutionRecord`. */
export const evolutionRecordSchema = document(
  "Record of an evolution",
  record({
    v: { const: 1 },
    journal: record({ path: text, entries: count, head: text }),
    headline,
    runs: listOf(run),
    rounds: listOf(round),
    versions: listOf(version),
    variants: listOf(variant),
    candidates: listOf(candidate),
    verdicts: listOf(verdict),
    grid: listOf(
      record(
        {
          task: text,
          cluster: text,
          outcomes: mapOf(record({ passed: count, trials: count, infra: count })),
        },
        { text },
      ),
    ),
    happenings: listOf(
      record({
        seq: count,
        kind: {
          enum: [
            "begin",
            "ship",
            "fork",
            "merge",
            "retire",
            "rollback",
            "quarantine",
            "drift",
            "seal",
            "human",
            "end",
          ],
        },
        text,
        alarm: flag,
      }),
    ),
    spend: record(
      {
        rollouts: count,
        tokens: number,
        costUsd: number,
        stages: listOf(
          record({ stage: text, rollouts: count }, { tokens: number, costUsd: number }),
        ),
        partial: flag,
      },
      { ms: number },
    ),
    gaps: listOf(record({ path: text, problem: text })),
  }),
);
