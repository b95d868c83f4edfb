import { join } from "node:path";
import { roundDir, writeArtefact } from "../artefacts.ts";
import type { PluginToOpen } from "@harnessx/core";
import type { Suite } from "@harnessx/core/plugin";
import { STORE } from "../evolve/index.ts";
import { JOURNAL, storePackages, withWorkspace } from "../install/index.ts";
import { createWasmIsolation, openIsolated } from "../isolation/index.ts";
import { openJournal, type JournalEvent } from "../journal/index.ts";
import {
  createRolloutPool,
  modelName,
  openRolloutStore,
  policyOf,
  tasksOf,
} from "../rollout/index.ts";
import { deterministicStages } from "../stages/index.ts";
import { MAIN, variantsOf } from "../variants/index.ts";
import { createLeakIndex, type HeldOut } from "../verify/index.ts";
import { begin } from "./begin.ts";
import { measureFloor } from "./floor.ts";
import { runRound } from "./round.ts";
import { seal } from "./seal.ts";
import { Spend, type Opening, type Session } from "./session.ts";
import { chooseTasks } from "./tasks.ts";
import type { EvolutionReport, EvolveOptions, NoiseFloor, RoundReport } from "./types.ts";

/** Outcomes of rollouts within a workspace, so that none is played twice. */
const ROLLOUTS = ".harnessx/evolution/rollouts.jsonl";

/**
 * Evolves the harness in a workspace: round after round, from recorded failures to installed
 * plugins, with the gate between.
 *
 * Traces and outcomes of train tasks are visible to every stage; validation tasks give a verdict
 * only; sealed ones are played once, at the end. Every artefact is written under
 * `.harnessx/evolution/<round>/`, every outcome is kept, and a run that was cut off is gone on with:
 * its journal ends up the same, byte for byte. One seed gives one result.
 *
 * Errors: HX_AEGIS_WORKSPACE_INVALID, HX_AEGIS_RUN_UNFINISHED, HX_ROLLOUT_ABORTED,
 * HX_AEGIS_JOURNAL_CORRUPT, HX_AEGIS_JOURNAL_DIVERGED.
 */
export async function evolve(options: EvolveOptions): Promise<EvolutionReport> {
  const { isolation = "wasm" } = options;
  const wall = isolation === "wasm" ? createWasmIsolation({ placement: "inline" }) : isolation;
  const opening = wall === "trusted" ? {} : { open: openIsolated(wall, { which: isGenerated }) };
  try {
    return await withWorkspace(options.dir, () => evolveIn({ ...options, ...opening }));
  } finally {
    // One that the caller brought is the caller's to end.
    if (isolation === "wasm" && wall !== "trusted") await wall.dispose();
  }
}

const isGenerated = ({ use }: PluginToOpen): boolean => use.startsWith(`./${STORE}/`);

async function evolveIn(options: EvolveOptions & Opening): Promise<EvolutionReport> {
  const started = performance.now();
  const { dir, suite, seed, concurrency, signal } = options;
  const begun = await begin(openJournal(join(dir, JOURNAL)), options);
  const store = openRolloutStore(join(dir, ROLLOUTS), { run: `run-${begun.run}` });
  const session: Session = {
    ...begun,
    options,
    stages: options.stages ?? deterministicStages,
    anchor: begun.harness,
    harnesses: new Map([[begun.harness.hash, begun.harness]]),
    pool: (options.createPool ?? createRolloutPool)({
      store,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(signal === undefined ? {} : { signal }),
    }),
    train: await chooseTasks(suite, "train", options.trainTasks, seed),
    validation: await chooseTasks(suite, "validation", options.validationTasks, seed),
    heldOut: await heldOutOf(suite),
    spend: new Spend(),
  };
  try {
    return await evolveThrough(session, started);
  } finally {
    store.close();
  }
}

async function evolveThrough(session: Session, started: number): Promise<EvolutionReport> {
  const { journal, run, spend, options, anchor } = session;
  const { dir, suite, models, seed } = options;
  await measureFloor(session, anchor);
  const { rounds, ended, first } = await runRounds(session);
  const sealed = await seal(session);
  const main = variantsOf(journal.events)[0]!.version;
  journal.append({ t: "end", run, harness: main, rollouts: spend.rollouts, why: ended });
  const report: EvolutionReport = {
    v: 1,
    suite: suite.name,
    data: suite.data,
    policy: policyOf(models),
    model: modelName(models),
    seed,
    rounds,
    before: anchor.hash,
    after: main,
    variants: Object.fromEntries(
      variantsOf(journal.events)
        .filter(({ id }) => id !== MAIN)
        .map(({ id, version, scope }) => [id, { version, scope: scope === "all" ? [] : scope }]),
    ),
    packages: storePackages(session.harnesses.get(main)!.manifest),
    ...floorOf(journal.events),
    ...(sealed ? { sealed } : {}),
    rollouts: spend.rollouts,
    spent: spend.stages,
    decisions: rounds.flatMap(({ decisions }) => decisions),
    ended,
    journal: JOURNAL,
    ms: performance.now() - started,
    rolloutMs: spend.ms,
  };
  await writeArtefact(join(roundDir(dir, first), "evolution.json"), report);
  return report;
}

async function runRounds(session: Session): Promise<{
  readonly rounds: readonly RoundReport[];
  readonly first: number;
  readonly ended: string;
}> {
  const { options, journal } = session;
  const { rounds: most = 1, patience = 3 } = options;
  const first = 1 + journal.events.filter((event) => event.t === "round").length;
  const rounds: RoundReport[] = [];
  let idle = 0;
  while (rounds.length < most) {
    const { report, stop } = await runRound(session, first + rounds.length);
    rounds.push(report);
    if (stop !== undefined) return { rounds, first, ended: stop };
    idle = report.shipped === undefined && report.forked === undefined ? idle + 1 : 0;
    if (idle >= patience)
      return { rounds, first, ended: `${patience} rounds in a row changed nothing` };
  }
  return { rounds, first, ended: "all rounds are played" };
}

/** Task texts and ids of every split but train; wording that train has too is no secret. */
async function heldOutOf(suite: Suite): Promise<HeldOut> {
  const tasks = await tasksOf(suite);
  const held = tasks.filter(({ split }) => split !== "train");
  return createLeakIndex({
    texts: held.map(({ text }) => text),
    ids: held.map(({ id }) => id),
    known: tasks.filter(({ split }) => split === "train").map(({ text }) => text),
  });
}

function floorOf(events: readonly JournalEvent[]): { readonly floor?: NoiseFloor } {
  const floor = events.findLast((event) => event.t === "floor");
  if (floor?.t !== "floor") return {};
  const { pairs, flips, halfWidth } = floor;
  return { floor: { pairs, flips, halfWidth } };
}
