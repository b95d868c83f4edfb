import { join } from "node:path";
import { messageOf } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { JOURNAL } from "../install/index.ts";
import { readJournal, type JournalEvent } from "../journal/index.ts";
import { checkArtefact } from "../schema.ts";
import { ArtefactReader, ofRound, type RoundArtefacts } from "./artefacts.ts";
import { candidatesOf } from "./candidates.ts";
import { happeningsOf } from "./happenings.ts";
import { headlineOf } from "./headline.ts";
import { lineageOf, type Lineage } from "./lineage.ts";
import { evolutionRecordSchema } from "./schema.ts";
import { spendOf } from "./spend.ts";
import { gridOf, trainRate } from "./train.ts";
import type {
  CandidateRecord,
  EvolutionRecord,
  RoundRecord,
  RunRecord,
  ScoreRecord,
  VerdictRecord,
} from "./types.ts";
import { verdictsOf } from "./verdicts.ts";

/**
 * Reads what a workspace's journal and artefacts tell about its evolution; changes nothing. Also of a
 * run that is going on or was cut off: what is missing or was changed stands in `gaps`.
 *
 * Single tasks are told of `train` alone; validation comes as counts by cluster.
 *
 * Errors: HX_AEGIS_REPORT_EMPTY without a journal, HX_AEGIS_JOURNAL_CORRUPT,
 * HX_AEGIS_ARTEFACT_INVALID when the entries of the journal do not make sense.
 */
export async function readEvolution(dir: string): Promise<EvolutionRecord> {
  const events = readJournal(join(dir, JOURNAL));
  if (events.length === 0) throw aegisError("HX_AEGIS_REPORT_EMPTY", { dir });
  let record: EvolutionRecord;
  try {
    record = await fold(dir, events);
  } catch (thrown) {
    throw aegisError(
      "HX_AEGIS_ARTEFACT_INVALID",
      { artefact: JOURNAL, problem: messageOf(thrown) },
      thrown,
    );
  }
  // Through JSON once: what the schema judges is what `--json` prints.
  return checkArtefact(
    JOURNAL,
    evolutionRecordSchema,
    JSON.parse(JSON.stringify(record)) as EvolutionRecord,
  );
}

async function fold(dir: string, events: readonly JournalEvent[]): Promise<EvolutionRecord> {
  const reader = new ArtefactReader(dir);
  const artefacts = new Map<number, RoundArtefacts>();
  for (const event of events)
    if (event.t === "round") artefacts.set(event.round, await reader.round(event.round, events));
  const lineage = lineageOf(events);
  const verdicts = verdictsOf(events);
  const runs = runsOf(events);
  const candidates: CandidateRecord[] = [];
  for (const [round, own] of artefacts)
    candidates.push(...(await candidatesOf(events, round, own, reader, verdicts, lineage)));
  const records = [...artefacts.values()].flatMap(({ rollouts = [] }) => rollouts);
  const known = new Map(lineage.versions.map(({ id, label }) => [id, label]));
  return {
    v: 1,
    journal: { path: JOURNAL, entries: events.length, head: events.at(-1)!.hash },
    headline: headlineOf(events, lineage, runs, verdicts),
    runs,
    rounds: [...artefacts].map(([round, own]) => roundOf(events, round, own)),
    versions: scored(lineage, verdicts, runs, artefacts),
    variants: lineage.variants,
    candidates,
    verdicts,
    grid: await gridOf(records, reader),
    happenings: happeningsOf(events, (hash) => known.get(hash) ?? hash.slice(0, 19)),
    spend: spendOf(events, artefacts),
    gaps: reader.gaps,
  };
}

function runsOf(events: readonly JournalEvent[]): RunRecord[] {
  return events.flatMap((event): RunRecord[] => {
    if (event.t !== "begin") return [];
    const { run, suite, verifier, data, model, policy, seed, harness } = event;
    const next = events.findIndex(({ t, seq }) => t === "begin" && seq > event.seq);
    const own = events.slice(event.seq + 1, next === -1 ? undefined : next);
    const end = own.findLast((other) => other.t === "end");
    const floor = own.findLast((other) => other.t === "floor");
    const seal = own.findLast((other) => other.t === "seal");
    return [
      {
        run,
        suite,
        verifier,
        data,
        model,
        policy,
        seed,
        harness,
        ...(end?.t === "end"
          ? { end: { harness: end.harness, rollouts: end.rollouts, why: end.why } }
          : {}),
        ...(floor?.t === "floor"
          ? {
              floor: {
                pairs: floor.pairs,
                flips: floor.flips,
                difference: floor.difference,
                halfWidth: floor.halfWidth,
              },
            }
          : {}),
        ...(seal?.t === "seal" ? { sealed: seal.result } : {}),
      },
    ];
  });
}

function roundOf(
  events: readonly JournalEvent[],
  round: number,
  { rollouts, digest, landscape }: RoundArtefacts,
): RoundRecord {
  const own = ofRound(events, round);
  const begun = own[0];
  if (begun?.t !== "round") throw new Error(`round ${round} has no beginning`);
  const run = events.findLast((event) => event.t === "begin" && event.seq < begun.seq);
  return {
    round,
    run: run?.t === "begin" ? run.run : 0,
    harness: begun.harness,
    variant: begun.variant,
    clusters: begun.clusters,
    ...(rollouts ? { passRate: trainRate(rollouts) } : {}),
    ...(digest ? { actionability: digest.actionability } : {}),
    categories: (digest?.categories ?? []).map(({ category, episodes }) => ({
      category,
      episodes,
    })),
    alerts: landscape?.alerts ?? [],
    stages: own.flatMap((event) =>
      event.t === "stage" ? [{ stage: event.stage, by: event.by }] : [],
    ),
  };
}

/** The versions with everything that was measured of them. */
function scored(
  { versions, incumbents, results, sealed }: Lineage,
  verdicts: readonly VerdictRecord[],
  runs: readonly RunRecord[],
  artefacts: ReadonlyMap<number, RoundArtefacts>,
): EvolutionRecord["versions"] {
  const scores = new Map<string, ScoreRecord[]>();
  const add = (id: string, score: ScoreRecord): void => {
    scores.set(id, [...(scores.get(id) ?? []), score]);
  };
  for (const [round, { rollouts = [] }] of artefacts) {
    const [first] = rollouts;
    if (first)
      add(first.harness, { split: "train", source: `round ${round}`, ...trainRate(rollouts) });
  }
  for (const { id, candidate, incumbent } of verdicts) {
    const measured = { split: "validation", source: id } as const;
    const before = incumbents.get(id);
    const after = results.get(id);
    if (before && incumbent.trials > 0) add(before.id, { ...measured, ...incumbent });
    if (after && candidate.trials > 0) add(after.id, { ...measured, ...candidate });
  }
  for (const { run, sealed: result } of runs)
    for (const { name, harness, passRate, interval, rollouts } of result?.arms ?? []) {
      const id = name === "evolved" ? sealed.get(run)?.id : name === "seed" ? harness : undefined;
      if (id !== undefined)
        add(id, {
          split: "sealed",
          source: "seal",
          passed: Math.round(passRate * rollouts),
          trials: rollouts,
          tasks: result!.tasks,
          rate: passRate,
          interval,
        });
    }
  return versions.map((version) => ({ ...version, scores: scores.get(version.id) ?? [] }));
}
