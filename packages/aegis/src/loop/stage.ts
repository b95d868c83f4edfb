import { join } from "node:path";
import { loadHarness } from "@harnessx/core";
import {
  candidatesSchema,
  critiqueSchema,
  readArtefact,
  roundDir,
  writeArtefact,
} from "../artefacts.ts";
import { digestSchema, type Digest } from "../digest/index.ts";
import { candidateSchema, type Candidate } from "../evolve/index.ts";
import { JOURNAL, withoutCode } from "../install/index.ts";
import { attemptsOf, readJournal } from "../journal/index.ts";
import { landscapeSchema, type Landscape } from "../plan/index.ts";
import { rolloutRecordSchema, type RolloutRecord } from "../rollout/index.ts";
import { listOf } from "../schema.ts";
import { deterministicStages } from "../stages/index.ts";
import { contextOf } from "./candidates.ts";
import { chooseTasks } from "./tasks.ts";
import type { EvolveOptions } from "./types.ts";

/** The stages that can be run alone; the gate is a whole run with `artefactStages`. */
export const stageNames = ["digest", "plan", "propose", "critique"] as const;
export type StageName = (typeof stageNames)[number];

/** What one stage came to. */
export interface StageResult {
  readonly stage: StageName;
  readonly round: number;
  /** Path of the artefact. */
  readonly path: string;
  readonly value: unknown;
}

/**
 * Runs one stage of a round again on the artefacts that lie on disk, and writes its own: a person
 * may read and edit them in between. Nothing is measured, installed or entered into the journal.
 * Throws HX_AEGIS_ARTEFACT_INVALID for an artefact that is missing or does not fit.
 */
export async function runStage(
  stage: StageName,
  options: Pick<
    EvolveOptions,
    "dir" | "suite" | "stages" | "catalogue" | "candidates" | "trainTasks" | "seed"
  > & { readonly round: number },
): Promise<StageResult> {
  const { dir, round, suite, stages = deterministicStages } = options;
  const folder = roundDir(dir, round);
  const at = (file: string): string => join(folder, file);
  const done = async (file: string, value: unknown, schema: object): Promise<StageResult> => {
    const path = at(file);
    await writeArtefact(path, value, schema);
    return { stage, round, path, value };
  };
  if (stage === "digest") {
    const portable = await readArtefact<readonly RolloutRecord[]>(
      at("rollouts.json"),
      listOf(rolloutRecordSchema),
    );
    const records = portable.map((one) =>
      one.trace === undefined ? one : { ...one, trace: join(dir, one.trace) },
    );
    const tasks = await chooseTasks(suite, "train", options.trainTasks, options.seed);
    return done("digest.json", await stages.digest({ records, tasks }), digestSchema);
  }
  const digest = await readArtefact<Digest>(at("digest.json"), digestSchema);
  // What happened from this round on is not yet known to it.
  const events = eventsBefore(readJournal(join(dir, JOURNAL)), round);
  const harness = await loadHarness(join(dir, "harness.json"), {
    lock: false,
    // Nothing is run here: the code of no generated package is needed.
    open: withoutCode,
  });
  const context = contextOf({ options }, round, harness, events);
  const history = attemptsOf(events);
  if (stage === "plan") {
    const value = await stages.plan({ digest, context, history });
    return done("landscape.json", value, landscapeSchema);
  }
  const landscape = await readArtefact<Landscape>(at("landscape.json"), landscapeSchema);
  const input = { digest, landscape, context, history, limit: options.candidates ?? 6 };
  if (stage === "propose") {
    const value = await stages.propose(input);
    for (const one of value)
      await writeArtefact(join(folder, "candidates", `${one.id}.json`), one, candidateSchema);
    return done("candidates.json", value, candidatesSchema);
  }
  const candidates = await readArtefact<readonly Candidate[]>(
    at("candidates.json"),
    candidatesSchema,
  );
  const critiques = await stages.critique({ ...input, candidates });
  return done("critique.json", { critiques, revised: [] }, critiqueSchema);
}

function eventsBefore<Event extends { readonly t: string }>(
  events: readonly Event[],
  round: number,
): readonly Event[] {
  const from = events.findIndex(
    (event) => event.t === "round" && (event as unknown as { round: number }).round === round,
  );
  return from === -1 ? events : events.slice(0, from);
}
