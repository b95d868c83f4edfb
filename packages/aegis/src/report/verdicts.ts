import { passInterval } from "../bench/summary.ts";
import { confidenceInterval } from "../gate/interval.ts";
import { resolvePolicy, type GateOutcome, type GateTask } from "../gate/index.ts";
import { CHALLENGE_REP, GUARD_REP } from "../gate/tally.ts";
import { replayVerdicts, type JournalEvent } from "../journal/index.ts";
import { groupBy } from "../statistics/group.ts";
import { MAIN } from "../variants/index.ts";
import type { ClusterRecord, RateRecord, VerdictRecord } from "./types.ts";

type Event<Kind extends JournalEvent["t"]> = Extract<JournalEvent, { readonly t: Kind }>;

/** Every certification with its verdict, derived once more from the recorded outcomes. */
export function verdictsOf(events: readonly JournalEvent[]): VerdictRecord[] {
  const records: VerdictRecord[] = [];
  let round = 0;
  let floor: number | undefined;
  for (const event of events) {
    if (event.t === "round") round = event.round;
    else if (event.t === "begin") floor = undefined;
    else if (event.t === "floor") floor = event.halfWidth;
    else if (event.t === "certify")
      records.push(
        certification(events, event, { round, ...(floor === undefined ? {} : { floor }) }),
      );
  }
  return records;
}

interface Place {
  readonly round: number;
  readonly floor?: number;
}

function certification(
  events: readonly JournalEvent[],
  begun: Event<"certify">,
  { round, floor }: Place,
): VerdictRecord {
  const { id, tasks } = begun;
  const own = events.filter((event) => "id" in event && event.id === id);
  const outcomes = own.flatMap((event) => (event.t === "trials" ? event.outcomes : []));
  const settled = own.find((event): event is Event<"verdict"> => event.t === "verdict");
  const verdict = settled?.verdict;
  const policy = policyFor(begun);
  const arm = (name: GateOutcome["arm"]): RateRecord =>
    rateOf(
      outcomes.filter((one) => one.arm === name && one.rep < GUARD_REP),
      policy.audit,
    );
  const base = {
    id,
    round,
    variant: begun.variant ?? MAIN,
    candidates: begun.candidates.map((candidate) => `${round}-${candidate}`),
    rule: policy.rule,
    tasks: tasks.length,
    trials: outcomes.length,
    ...(floor === undefined ? {} : { noiseFloor: floor }),
    candidate: arm("cand"),
    incumbent: arm("inc"),
  };
  if (!verdict)
    return {
      ...base,
      decision: "PENDING",
      reason: "the journal ends before the verdict",
      checks: [],
      clusters: [],
      collapsed: 0,
      replay: "none",
    };
  return {
    ...base,
    decision: verdict.decision,
    reason: anonymous(verdict.reason, tasks),
    alpha: verdict.alpha,
    effect: verdict.effect,
    interval: verdict.interval,
    ...scopeEffect(verdict),
    checks: verdict.checks.map(({ check, result, detail, counts }) => ({
      check,
      result,
      detail: anonymous(detail, tasks),
      // Journals from before checks had counts.
      counts: counts ?? {},
    })),
    clusters: verdict.clusters.map(({ id: cluster, a, b, c, state, watch }): ClusterRecord => {
      const within = outcomes.filter(
        ({ task, rep }) => tasks[task]?.cluster === cluster && rep < CHALLENGE_REP,
      );
      const side = (name: GateOutcome["arm"]) => {
        const { passed, trials } = tally(
          within.filter((one) => one.arm === name),
          policy.audit,
        );
        return { passed, trials };
      };
      return {
        id: cluster,
        won: a,
        lost: b,
        tied: c,
        state,
        watch: watch ?? false,
        candidate: side("cand"),
        incumbent: side("inc"),
      };
    }),
    collapsed: verdict.collapsed.length,
    ...(verdict.scope ? { scope: verdict.scope } : {}),
    replay: replayOf(own),
  };
}

/** The gate runs over the recorded outcomes again; outcomes that it refuses lead to no verdict. */
function replayOf(own: readonly JournalEvent[]): VerdictRecord["replay"] {
  try {
    return replayVerdicts(own).every(({ identical }) => identical) ? "identical" : "different";
  } catch {
    return "different";
  }
}

function policyFor({ policy }: Event<"certify">): { rule: string; audit: boolean } {
  try {
    return resolvePolicy(policy);
  } catch {
    return { rule: "invalid", audit: true };
  }
}

function scopeEffect({ scope, clusters }: Event<"verdict">["verdict"]) {
  if (!scope) return {};
  const within = clusters.filter(({ id }) => scope.includes(id));
  const sum = (of: "a" | "b" | "c"): number => within.reduce((total, one) => total + one[of], 0);
  const counts = { a: sum("a"), b: sum("b"), c: sum("c") };
  const pairs = counts.a + counts.b + counts.c;
  if (pairs === 0) return {};
  return {
    scopeEffect: { mean: (counts.a - counts.b) / pairs, interval: confidenceInterval(counts) },
  };
}

function tally(outcomes: readonly GateOutcome[], audit: boolean) {
  const fair = outcomes.filter(({ infra }) => !infra);
  const passed = fair.filter((one) => one.pass === 1 && !(audit && one.audit === 0));
  return { passed: passed.length, trials: fair.length, fair, good: new Set(passed) };
}

function rateOf(outcomes: readonly GateOutcome[], audit: boolean): RateRecord {
  const { passed, trials, fair, good } = tally(outcomes, audit);
  const groups = [...groupBy(fair, ({ task }) => task).values()].map((group) =>
    group.map((one) => Number(good.has(one))),
  );
  return {
    passed,
    trials,
    tasks: groups.length,
    rate: trials === 0 ? 0 : passed / trials,
    interval: passInterval(groups, passed, trials, 1),
  };
}

/** Validation tasks have no names in a report. */
function anonymous(text: string, tasks: readonly GateTask[]): string {
  return tasks.reduce(
    (rest, { id }) => (id.length >= 6 ? rest.replaceAll(id, "a validation task") : rest),
    text,
  );
}
