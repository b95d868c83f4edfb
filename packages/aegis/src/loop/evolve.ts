import { join } from "node:path";
import { loadHarness, messageOf } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { JOURNAL, recoverInstall, storePackages } from "../install/index.ts";
import { openJournal } from "../journal/index.ts";
import { createRolloutPool, modelName, policyOf } from "../rollout/index.ts";
import { runRound } from "./round.ts";
import { roundDir, writeArtefact, type Session } from "./session.ts";
import { chooseTasks } from "./tasks.ts";
import type { DecisionReport, EvolutionReport, EvolveOptions, RoundReport } from "./types.ts";

/**
 * Evolves the harness in a workspace: round after round, from recorded failures to installed
 * plugins, with the gate between.
 *
 * Traces and outcomes of train tasks are visible to every stage; validation tasks give a verdict
 * only; sealed ones are not touched. Every artefact is written under `.harnessx/evolution/<round>/`.
 * One seed gives one result. An installation that an earlier process left unfinished is settled first.
 *
 * Errors: HX_AEGIS_WORKSPACE_INVALID, HX_ROLLOUT_ABORTED, HX_AEGIS_JOURNAL_CORRUPT.
 */
export async function evolve(options: EvolveOptions): Promise<EvolutionReport> {
  const started = performance.now();
  const { dir, suite, seed } = options;
  const journal = openJournal(join(dir, JOURNAL));
  let harness = await openWorkspace(dir, journal);
  const before = harness.hash;
  let rollouts = 0;
  const session: Session = {
    options,
    journal,
    pool: createRolloutPool({
      onRecord: () => (rollouts += 1),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
    train: await chooseTasks(suite, "train", options.trainTasks, seed),
    validation: await chooseTasks(suite, "validation", options.validationTasks, seed),
    count: () => rollouts,
  };
  const rounds: RoundReport[] = [];
  const decisions: DecisionReport[] = [];
  const first = 1 + journal.events.filter((event) => event.t === "round").length;
  let idle = 0;
  for (
    let round = first;
    round < first + (options.rounds ?? 1) && idle < (options.patience ?? 3);
    round += 1
  ) {
    const result = await runRound(session, round, harness);
    rounds.push(result.report);
    if (result.decision) decisions.push(result.decision);
    idle = result.report.shipped === undefined ? idle + 1 : 0;
    harness = result.harness;
  }
  const report: EvolutionReport = {
    v: 1,
    suite: suite.name,
    data: suite.data,
    policy: policyOf(options.models),
    model: modelName(options.models),
    seed,
    rounds,
    before,
    after: harness.hash,
    packages: storePackages(harness.manifest),
    rollouts,
    decisions,
    journal: JOURNAL,
    ms: performance.now() - started,
  };
  await writeArtefact(join(roundDir(dir, first), "evolution.json"), report);
  return report;
}

async function openWorkspace(
  dir: string,
  journal: ReturnType<typeof openJournal>,
): Promise<LoadedHarness> {
  try {
    await recoverInstall(dir, journal);
    return await loadHarness(join(dir, "harness.json"));
  } catch (thrown) {
    throw aegisError("HX_AEGIS_WORKSPACE_INVALID", { dir, problem: messageOf(thrown) }, thrown);
  }
}
