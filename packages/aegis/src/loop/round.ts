import { join, relative } from "node:path";
import { streamTrace } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import { roundDir, writeArtefact } from "../artefacts.ts";
import { checkEvidence, digestSchema, evidenceOf, type Digest } from "../digest/index.ts";
import type { Candidate } from "../evolve/index.ts";
import type { Attempt } from "../plan/index.ts";
import { rolloutRecordSchema, type RolloutRecord } from "../rollout/index.ts";
import { listOf } from "../schema.ts";
import { groupBy } from "../statistics/group.ts";
import { createRandom, deriveSeed } from "../statistics/index.ts";
import {
  chooseTarget,
  routing,
  variantsOf,
  type RoundTarget,
  type Variant,
} from "../variants/index.ts";
import { StageFailure, stageResult } from "./artefacts.ts";
import { makeCandidates, type Proposed } from "./candidates.ts";
import type { Certified } from "./certify.ts";
import { decide, type Decided } from "./decide.ts";
import { watchDrift } from "./floor.ts";
import { screen, stackOf, type Screening } from "./screen.ts";
import { isUnfair, runTrials, tell, type Session } from "./session.ts";
import type { CandidateReport, DecisionReport, RoundReport } from "./types.ts";
import { clustersOf, loadVariant, settleVariants } from "./variants.ts";
import { removeUnused, verifyAll } from "./verify.ts";

/** Of the train tasks, the share that variants play to which they are not routed. */
const EXPLORATION = 0.1;

/** A round's report, and why no other should follow. */
export interface RoundResult {
  readonly report: RoundReport;
  readonly stop?: string;
}

/**
 * One round: routing is frozen, a variant chosen; its traces on train → digest → plan → candidates →
 * critique → verification → screening → gate → installation or fork; then the pool is settled.
 */
export async function runRound(session: Session, round: number): Promise<RoundResult> {
  const { journal, train } = session;
  const variants = variantsOf(journal.events);
  const target = chooseTarget(variants, routing(variants, clustersOf(session)), train);
  const incumbent = await loadVariant(session, target.variant);
  journal.append({
    t: "round",
    round,
    harness: incumbent.hash,
    seed: session.options.seed,
    variant: target.variant.id,
    clusters: target.clusters,
  });
  const tasks = train.filter(({ cluster }) => target.clusters.includes(cluster));
  const records = await playBaseline(session, round, target, incumbent, tasks);
  await explore(session, round, variants, target.variant);
  const passRate = records.filter((record) => record.passed).length / Math.max(1, records.length);
  const base = {
    round,
    harness: incumbent.hash,
    variant: target.variant.id,
    passRate,
    actionability: 0,
    candidates: [],
    decisions: [],
  };
  if (await watchDrift(session, round, incumbent))
    return { report: base, stop: "the harness has drifted below where it began" };
  try {
    return { report: await improve(session, { ...base, target, incumbent, tasks, records }) };
  } catch (thrown) {
    if (!(thrown instanceof StageFailure)) throw thrown;
    tell(session, round, "evolve", thrown.message);
    return { report: { ...base, failed: thrown.message } };
  }
}

/** What a round knows when its traces are there. */
interface Played extends RoundReport {
  readonly target: RoundTarget;
  readonly incumbent: LoadedHarness;
  readonly tasks: readonly SuiteTask[];
  readonly records: readonly RolloutRecord[];
}

/** From traces to a decision. */
async function improve(
  session: Session,
  { target, incumbent, tasks, records, ...played }: Played,
): Promise<RoundReport> {
  const { options, journal } = session;
  const { round } = played;
  const dir = roundDir(options.dir, round);
  const digest = await makeDigest(session, round, records);
  const base = { ...played, actionability: digest.actionability };
  if (digest.actionability < (options.actionability ?? 0.3)) return base;
  const proposed = await makeCandidates(session, round, incumbent, digest);
  const traces = records.flatMap(({ trace }) => (trace === undefined ? [] : [trace])).slice(0, 3);
  const verified = await verifyAll(session, round, incumbent, proposed.accepted, traces);
  const valid = verified.map(({ candidate }) => candidate);
  const reports = new Map(verified.map((one) => [one.candidate.id, one.reports]));
  const screening: Screening =
    options.screening === false
      ? { stack: await stackOf(session, incumbent, valid), decisions: new Map() }
      : await screen(session, round, tasks, incumbent, valid);
  for (const [candidate, { mean, better }] of screening.decisions) {
    const taken = screening.stack?.members.some(({ id }) => id === candidate) ?? false;
    journal.append({ t: "screened", candidate, taken, mean, better });
  }
  const decided: Decided = screening.stack
    ? await decide(session, round, target, incumbent, screening.stack, reports)
    : { certified: [] };
  const candidates = settle(session, round, proposed, valid, screening, decided.certified);
  await settleVariants(session);
  await removeUnused(session, proposed.all, standing(session));
  const report: RoundReport = {
    ...base,
    candidates,
    decisions: decided.certified.map((one) => decisionOf(round, one)),
    ...(decided.shipped ? { shipped: decided.shipped.hash } : {}),
    ...(decided.forked ? { forked: decided.forked } : {}),
  };
  const verdicts = decided.certified.map(({ id, verdict }) => ({ id, verdict }));
  if (verdicts.length > 0) await writeArtefact(join(dir, "verdicts.json"), verdicts);
  await writeArtefact(join(dir, "round.json"), report);
  return report;
}

async function playBaseline(
  session: Session,
  round: number,
  { variant }: RoundTarget,
  incumbent: LoadedHarness,
  tasks: readonly SuiteTask[],
): Promise<readonly RolloutRecord[]> {
  const { options } = session;
  const records = await runTrials(session, "baseline", incumbent, {
    tasks,
    reps: Array.from({ length: options.reps ?? 2 }, (_, rep) => rep),
    seed: deriveSeed("baseline", options.seed, round),
    traceDir: join(roundDir(options.dir, round), "traces"),
  });
  enterLedger(session, round, variant.id, records);
  const passed = records.filter((record) => record.passed).length;
  tell(
    session,
    round,
    "baseline",
    `${((100 * passed) / Math.max(1, records.length)).toFixed(1)} % of ${records.length} train rollouts pass`,
  );
  return records;
}

/** Lets the other variants play a share of the tasks, so that routing can find out that it is wrong. */
async function explore(
  session: Session,
  round: number,
  variants: readonly Variant[],
  target: Variant,
): Promise<void> {
  const { options, train } = session;
  for (const variant of variants) {
    if (variant.id === target.id) continue;
    const random = createRandom(`explore ${options.seed} ${round} ${variant.id}`);
    const tasks = random.shuffle([...train]).slice(0, Math.ceil(EXPLORATION * train.length));
    const harness = await loadVariant(session, variant);
    const seed = deriveSeed("explore", options.seed, round);
    const records = await runTrials(session, "baseline", harness, { tasks, reps: [0], seed });
    enterLedger(session, round, variant.id, records);
  }
}

function enterLedger(
  { journal }: Session,
  round: number,
  variant: string,
  records: readonly RolloutRecord[],
): void {
  const fair = groupBy(
    records.filter((record) => !isUnfair(record)),
    ({ cluster }) => cluster,
  );
  const clusters = Object.fromEntries(
    [...fair]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([cluster, group]) => {
        const s = group.filter(({ passed }) => passed).length;
        return [cluster, { s, f: group.length - s }];
      }),
  );
  journal.append({ t: "ledger", round, variant, clusters });
}

async function makeDigest(
  session: Session,
  round: number,
  records: readonly RolloutRecord[],
): Promise<Digest> {
  const { options, stages, train } = session;
  const dir = roundDir(options.dir, round);
  const portable = records.map((record) =>
    record.trace === undefined ? record : { ...record, trace: relative(options.dir, record.trace) },
  );
  await writeArtefact(join(dir, "rollouts.json"), portable, listOf(rolloutRecordSchema));
  const digest = await stageResult(
    session,
    round,
    "digest",
    "digest.json",
    digestSchema,
    async () => {
      const made = await stages.digest({ records, tasks: train });
      await checkEvidence(evidenceOf(made), (trace) =>
        streamTrace(join(dir, "traces", `${trace}.jsonl`)),
      );
      return made;
    },
  );
  const found = digest.categories.map(({ category, episodes }) => `${category} ${episodes}`);
  tell(session, round, "digest", found.join(", ") || "no failures with a known reason");
  return digest;
}

/** Enters how each candidate ended. */
function settle(
  { journal }: Session,
  round: number,
  { all, accepted }: Proposed,
  valid: readonly Candidate[],
  { decisions }: Screening,
  certified: readonly Certified[],
): CandidateReport[] {
  const ended = {
    APPLY: "certified",
    FORK: "forked",
    REJECT: "refuted",
    INCONCLUSIVE: "inconclusive",
  } as const;
  return all.map((candidate) => {
    // The last verdict on the smallest stack that it was part of.
    const last = certified.findLast(({ stack }) =>
      stack.members.some(({ id }) => id === candidate.id),
    );
    let outcome: CandidateReport["outcome"] = "screened_out";
    if (!accepted.includes(candidate)) outcome = "criticised";
    else if (!valid.includes(candidate)) outcome = "invalid";
    else if (last) outcome = last.blocked ? "refuted" : ended[last.verdict.decision];
    const attempt: Attempt = {
      round,
      dimension: candidate.manifest.dims[0]!,
      pathology: candidate.manifest.pathology,
      operator: candidate.operator,
      outcome: attemptOutcome(outcome),
    };
    journal.append({ t: "attempt", attempt });
    const screened = decisions.get(candidate.id);
    return {
      id: candidate.id,
      operator: candidate.operator,
      packages: candidate.packages.map(({ name }) => name),
      outcome,
      ...(screened ? { screened: { mean: screened.mean, better: screened.better } } : {}),
    };
  });
}

function attemptOutcome(outcome: CandidateReport["outcome"]): Attempt["outcome"] {
  if (outcome === "criticised") return "invalid";
  return outcome === "forked" ? "certified" : outcome;
}

/** Every harness that somebody may still be routed to. */
const standing = ({ harnesses, journal }: Session): LoadedHarness[] =>
  variantsOf(journal.events).flatMap(({ version }) => harnesses.get(version) ?? []);

const decisionOf = (round: number, { id, verdict, stack }: Certified): DecisionReport => ({
  round,
  verdict: id,
  candidates: stack.members.map((member) => member.id),
  decision: verdict.decision,
  reason: verdict.reason,
  effect: verdict.effect,
  interval: verdict.interval,
  trials: verdict.trials,
});
