import { readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { streamTrace } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import {
  checkEvidence,
  digestRollouts,
  digestSchema,
  evidenceOf,
  type Digest,
} from "../digest/index.ts";
import {
  candidateSchema,
  propose,
  STORE,
  storeName,
  usePath,
  type Candidate,
} from "../evolve/index.ts";
import { install, storePackages } from "../install/index.ts";
import { attemptsOf } from "../journal/index.ts";
import { landscapeSchema, plan, type Attempt } from "../plan/index.ts";
import { rolloutRecordSchema, type RolloutRecord } from "../rollout/index.ts";
import { listOf } from "../schema.ts";
import { deriveSeed } from "../statistics/index.ts";
import { verificationSchema, verifyPackage } from "../verify/index.ts";
import { certify, type Certified } from "./certify.ts";
import { screen, type Screening } from "./screen.ts";
import { roundDir, runTrials, tell, writeArtefact, type Session } from "./session.ts";
import type { CandidateReport, DecisionReport, RoundReport } from "./types.ts";

/** A round's report, its verdict if it came to one, and the harness that stands after it. */
export interface RoundResult {
  readonly report: RoundReport;
  readonly decision: DecisionReport | undefined;
  readonly harness: LoadedHarness;
}

/** One round: traces of the incumbent on train → digest → plan → candidates → verification → screening → gate → installation. */
export async function runRound(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
): Promise<RoundResult> {
  const { options, journal, train } = session;
  const dir = roundDir(options.dir, round);
  journal.append({ t: "round", round, harness: incumbent.hash, seed: options.seed });
  const records = await runTrials(session, incumbent, {
    tasks: train,
    reps: Array.from({ length: options.reps ?? 2 }, (_, rep) => rep),
    seed: deriveSeed("baseline", options.seed, round),
    traceDir: join(dir, "traces"),
  });
  const passRate = records.filter((record) => record.passed).length / Math.max(1, records.length);
  tell(
    session,
    round,
    "baseline",
    `${(100 * passRate).toFixed(1)} % of ${records.length} train rollouts pass`,
  );
  const digest = await makeDigest(session, dir, records);
  tell(
    session,
    round,
    "digest",
    digest.categories.map(({ category, episodes }) => `${category} ${episodes}`).join(", "),
  );
  const base = { round, harness: incumbent.hash, passRate, actionability: digest.actionability };
  if (digest.actionability < (options.actionability ?? 0.3)) {
    return { report: { ...base, candidates: [] }, decision: undefined, harness: incumbent };
  }
  const candidates = await makeCandidates(session, round, dir, incumbent, digest);
  const traces = records.flatMap(({ trace }) => (trace === undefined ? [] : [trace])).slice(0, 3);
  const valid = await verifyAll(session, round, dir, candidates, traces);
  const screening = await screen(session, round, incumbent, valid);
  for (const [candidate, { mean, better }] of screening.decisions) {
    const taken = screening.stack?.members.some(({ id }) => id === candidate) ?? false;
    journal.append({ t: "screened", candidate, taken, mean, better });
  }
  const certified = screening.stack && (await certify(session, round, incumbent, screening.stack));
  let harness = incumbent;
  if (screening.stack && certified?.verdict.decision === "APPLY") {
    harness = await install({
      dir: options.dir,
      journal,
      edits: screening.stack.edits,
      measured: screening.stack.harness.hash,
      verdict: certified.id,
      why: certified.verdict.reason,
    });
    tell(session, round, "install", `${harness.hash.slice(0, 19)}`);
  }
  const reports = settle(session, round, candidates, valid, screening, certified);
  await removeUnused(session, candidates, harness);
  const report: RoundReport = {
    ...base,
    candidates: reports,
    ...(certified ? { verdict: certified.id, decision: certified.verdict.decision } : {}),
    ...(harness === incumbent ? {} : { shipped: harness.hash }),
  };
  if (certified) await writeArtefact(join(dir, "verdict.json"), certified);
  await writeArtefact(join(dir, "round.json"), report);
  return { report, decision: certified && decisionOf(round, certified), harness };
}

async function makeDigest(
  { options }: Session,
  dir: string,
  records: readonly RolloutRecord[],
): Promise<Digest> {
  const tasks = (await options.suite.tasks()).filter((task) => task.split === "train");
  const digest = await digestRollouts(records, tasks);
  await checkEvidence(evidenceOf(digest), (trace) =>
    streamTrace(join(dir, "traces", `${trace}.jsonl`)),
  );
  const portable = records.map((record) =>
    record.trace === undefined ? record : { ...record, trace: relative(options.dir, record.trace) },
  );
  await writeArtefact(join(dir, "rollouts.json"), portable, listOf(rolloutRecordSchema));
  await writeArtefact(join(dir, "digest.json"), digest, digestSchema);
  return digest;
}

async function makeCandidates(
  session: Session,
  round: number,
  dir: string,
  incumbent: LoadedHarness,
  digest: Digest,
): Promise<Candidate[]> {
  const { options, journal } = session;
  const history = attemptsOf(journal.events);
  const landscape = plan(digest, incumbent.manifest, history, round);
  await writeArtefact(join(dir, "landscape.json"), landscape, landscapeSchema);
  tell(
    session,
    round,
    "plan",
    landscape.directions
      .slice(0, 3)
      .map(({ dimension, pathology }) => `${dimension} against ${pathology}`)
      .join(", "),
  );
  // What shipped or was refuted does not come back as it is; what was only screened out may, with new parameters.
  const exclude = new Set(
    history
      .filter(({ outcome }) => outcome === "certified" || outcome === "refuted")
      .map(({ operator }) => operator),
  );
  const context = {
    round,
    parent: incumbent.hash,
    manifest: incumbent.manifest,
    options: Object.fromEntries(incumbent.processors.map((one) => [one.id, one.options])),
    catalogue: options.catalogue ?? [],
    exclude,
  };
  const candidates = propose(digest, landscape, context, options.candidates ?? 6);
  for (const candidate of candidates) {
    await writeArtefact(
      join(dir, "candidates", `${candidate.id}.json`),
      candidate,
      candidateSchema,
    );
    const packages = candidate.packages.map(({ name, version }) => ({ name, version }));
    journal.append({ t: "proposed", round, candidate: { ...candidate, packages } });
  }
  tell(session, round, "evolve", candidates.map(({ operator }) => operator).join(", "));
  return candidates;
}

async function verifyAll(
  session: Session,
  round: number,
  dir: string,
  candidates: readonly Candidate[],
  traces: readonly string[],
): Promise<Candidate[]> {
  const valid: Candidate[] = [];
  for (const candidate of candidates) {
    const findings: string[] = [];
    for (const generated of candidate.packages) {
      const { report } = await verifyPackage(generated, { dir: session.options.dir, traces });
      await writeArtefact(
        join(dir, "verification", `${generated.name}.json`),
        report,
        verificationSchema,
      );
      for (const check of report.checks)
        findings.push(...check.findings.map((finding) => `${check.check}: ${finding}`));
    }
    findings.push(...undeclared(candidate));
    session.journal.append({
      t: "verified",
      candidate: candidate.id,
      ok: findings.length === 0,
      findings,
    });
    tell(
      session,
      round,
      "verify",
      `${candidate.operator}: ${findings.length === 0 ? "passed" : findings[0]}`,
    );
    if (findings.length === 0) valid.push(candidate);
  }
  return valid;
}

/** A package that no edit names, or an edit that names a package of the store that the candidate does not bring. */
function undeclared({ edits, packages }: Candidate): string[] {
  const brought = packages.map(usePath);
  const used = edits.flatMap((edit) =>
    edit.op === "insert" && "use" in edit.entry ? [edit.entry.use] : [],
  );
  return [
    ...brought.filter((use) => !used.includes(use)).map((use) => `manifest: no edit uses ${use}`),
    ...used
      .filter((use) => use.startsWith(`./${STORE}/`) && !brought.includes(use))
      .map((use) => `manifest: ${use} is not part of the candidate`),
  ];
}

function settle(
  { journal }: Session,
  round: number,
  candidates: readonly Candidate[],
  valid: readonly Candidate[],
  { stack, decisions }: Screening,
  certified: Certified | undefined,
): CandidateReport[] {
  const ended = {
    APPLY: "certified",
    FORK: "forked",
    REJECT: "refuted",
    INCONCLUSIVE: "inconclusive",
  } as const;
  return candidates.map((candidate) => {
    const member = stack?.members.includes(candidate) ?? false;
    const outcome = !valid.includes(candidate)
      ? "invalid"
      : member && certified
        ? ended[certified.verdict.decision]
        : "screened_out";
    const attempt: Attempt = {
      round,
      dimension: candidate.manifest.dims[0]!,
      pathology: candidate.manifest.pathology,
      operator: candidate.operator,
      // Nothing routes to a fork yet: what it showed is kept, the edit may come back.
      outcome: outcome === "forked" ? "inconclusive" : outcome,
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

/** Takes packages out of the store that this round put there and nothing uses. */
async function removeUnused(
  { options }: Session,
  candidates: readonly Candidate[],
  harness: LoadedHarness,
): Promise<void> {
  const used = new Set(storePackages(harness.manifest));
  const store = join(options.dir, STORE);
  const there = new Set(await readdir(store).catch(() => []));
  for (const generated of candidates.flatMap(({ packages }) => packages)) {
    const name = storeName(generated);
    if (there.has(name) && !used.has(`${STORE}/${name}`))
      await rm(join(store, name), { recursive: true, force: true });
  }
}

const decisionOf = (round: number, { id, verdict }: Certified): DecisionReport => ({
  round,
  verdict: id,
  decision: verdict.decision,
  reason: verdict.reason,
  effect: verdict.effect,
  interval: verdict.interval,
  trials: verdict.trials,
});
