import type { JournalEvent } from "../journal/index.ts";
import type { RoundArtefacts, RunSummary } from "./artefacts.ts";
import type { SpendRecord, SpendRow } from "./types.ts";

/** The entries of one run. */
interface Run {
  readonly events: readonly JournalEvent[];
}

/** What all runs spent: as they reported it, or, where one was cut off, what its journal shows. */
export function spendOf(
  events: readonly JournalEvent[],
  artefacts: ReadonlyMap<number, RoundArtefacts>,
): SpendRecord {
  const rows = new Map<string, SpendRow>();
  let rollouts = 0;
  let ms: number | undefined = 0;
  let partial = false;
  for (const run of runsIn(events)) {
    const summary = summaryOf(run, artefacts);
    const stages = summary?.spent
      ? Object.entries(summary.spent).map(([stage, spent]) => ({ stage, ...spent }))
      : fromJournal(run, artefacts);
    for (const row of stages) add(rows, row);
    const known = stages.reduce((sum, row) => sum + row.rollouts, 0);
    const told = summary?.rollouts ?? endOf(run) ?? known;
    if (told > known) add(rows, { stage: "not told apart", rollouts: told - known });
    rollouts += Math.max(told, known);
    ms = summary && ms !== undefined ? ms + summary.ms : undefined;
    partial ||= summary?.spent === undefined;
  }
  const stages = [...rows.values()];
  return {
    rollouts,
    tokens: stages.reduce((sum, row) => sum + (row.tokens ?? 0), 0),
    costUsd: stages.reduce((sum, row) => sum + (row.costUsd ?? 0), 0),
    ...(ms === undefined ? {} : { ms }),
    stages,
    partial,
  };
}

function runsIn(events: readonly JournalEvent[]): Run[] {
  const starts = events.flatMap((event, index) => (event.t === "begin" ? [index] : []));
  // Journals of before runs were recorded are one run.
  const from = starts[0] === 0 ? starts : [0, ...starts];
  return from
    .map((start, index) => events.slice(start, from[index + 1]))
    .filter((own) => own.length > 0)
    .map((own) => ({ events: own }));
}

function endOf({ events }: Run): number | undefined {
  const end = events.findLast((event) => event.t === "end");
  return end?.t === "end" ? end.rollouts : undefined;
}

function summaryOf(
  { events }: Run,
  artefacts: ReadonlyMap<number, RoundArtefacts>,
): RunSummary | undefined {
  const [first] = events.flatMap((event) => (event.t === "round" ? [event.round] : []));
  return first === undefined ? undefined : artefacts.get(first)?.summary;
}

/** Screening leaves no rollouts in the journal: what is found here is a lower bound. */
function fromJournal(
  { events }: Run,
  artefacts: ReadonlyMap<number, RoundArtefacts>,
): readonly SpendRow[] {
  const rows = new Map<string, SpendRow>();
  for (const event of events) {
    if (event.t === "floor") add(rows, { stage: "floor", rollouts: 2 * event.pairs });
    else if (event.t === "drift") {
      const { a, b, c } = event.counts;
      add(rows, { stage: "drift", rollouts: 2 * (a + b + c) });
    } else if (event.t === "trials") {
      const costUsd = event.outcomes.reduce((sum, { cost = 0 }) => sum + cost, 0);
      add(rows, { stage: "certify", rollouts: event.outcomes.length, costUsd });
    } else if (event.t === "seal") {
      const played = event.result.arms.filter((arm) => arm.harness || arm.name === "evolved");
      for (const { rollouts, tokens, costUsd } of played)
        add(rows, {
          stage: "seal",
          rollouts,
          tokens: tokens * rollouts,
          costUsd: costUsd * rollouts,
        });
    } else if (event.t === "round") {
      const records = artefacts.get(event.round)?.rollouts ?? [];
      if (records.length > 0)
        add(rows, {
          stage: "baseline",
          rollouts: records.length,
          tokens: records.reduce((sum, record) => sum + record.tokens, 0),
          costUsd: records.reduce((sum, record) => sum + record.costUsd, 0),
        });
    }
  }
  return [...rows.values()];
}

function add(rows: Map<string, SpendRow>, row: SpendRow): void {
  const known = rows.get(row.stage);
  const sum = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
  const tokens = sum(known?.tokens, row.tokens);
  const costUsd = sum(known?.costUsd, row.costUsd);
  rows.set(row.stage, {
    stage: row.stage,
    rollouts: (known?.rollouts ?? 0) + row.rollouts,
    ...(tokens === undefined ? {} : { tokens }),
    ...(costUsd === undefined ? {} : { costUsd }),
  });
}
