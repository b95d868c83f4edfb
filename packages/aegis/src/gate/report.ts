import { futile, saves, shortfall, superior } from "./checks.ts";
import { activationCheck, hardChecks } from "./hard-checks.ts";
import type { GatePolicy } from "./policy.ts";
import type { Protection } from "./protect.ts";
import type { Tally } from "./tally.ts";
import type { ClusterState, ClusterVerdict, GateCheck, GateContext } from "./types.ts";

type Result = GateCheck["result"];

/** Every requirement and how it stands, for the verdict. */
export function allChecks(
  tally: Tally,
  policy: GatePolicy,
  context: GateContext,
  clusters: readonly ClusterVerdict[],
  protection: readonly Protection[],
): GateCheck[] {
  const simplify = context.intent === "simplify";
  return [
    staticCheck(context),
    driftCheck(context),
    ...(simplify ? simplifyChecks(tally, policy, context) : gainChecks(tally, policy)),
    clusterCheck(clusters),
    protectedCheck(protection),
    ...hardChecks(tally, policy),
    activationCheck(tally, context),
  ];
}

function staticCheck({ staticFindings }: GateContext): GateCheck {
  const findings = staticFindings?.length ?? 0;
  const result: Result =
    staticFindings === undefined ? "not_applicable" : findings === 0 ? "pass" : "fail";
  return { check: "static", result, detail: `${findings} findings`, counts: { findings } };
}

function driftCheck({ driftAlarm, intent }: GateContext): GateCheck {
  const applies = driftAlarm !== undefined && intent !== "revert";
  const result: Result = !applies ? "not_applicable" : driftAlarm ? "fail" : "pass";
  const detail =
    driftAlarm === undefined ? "no detector" : driftAlarm ? "the alarm is raised" : "silent";
  return { check: "drift", result, detail, counts: { alarms: Number(driftAlarm ?? false) } };
}

/** Without a single fair pair nothing has been covered, whatever the counts say. */
function judged(tally: Tally, passed: () => boolean): Result {
  const { a, b, c } = tally.counts();
  if (a + b + c === 0) return "no_coverage";
  return passed() ? "pass" : "fail";
}

function gainChecks(tally: Tally, policy: GatePolicy): GateCheck[] {
  const { a, b, c } = tally.counts();
  const counts = { won: a, lost: b, tied: c };
  return [
    {
      check: "superiority",
      result: judged(tally, () => superior(tally, policy)),
      detail: `${a} won, ${b} lost, ${c} tied`,
      counts,
    },
    {
      check: "futility",
      result: judged(tally, () => !futile(tally, policy)),
      detail: `against ${policy.effect}`,
      counts,
    },
  ];
}

function simplifyChecks(
  tally: Tally,
  policy: GatePolicy,
  { marginSpent = 0 }: GateContext,
): GateCheck[] {
  const { a, b, c } = tally.counts();
  const below = shortfall(tally, policy);
  const left = Math.max(0, policy.degradation - marginSpent);
  return [
    {
      check: "non_inferiority",
      result: judged(tally, () => below <= left),
      detail: `at most ${(100 * below).toFixed(2)} points below, of ${(100 * left).toFixed(2)} left`,
      counts: { won: a, lost: b, tied: c },
    },
    {
      check: "saving",
      result: tally.cost.pairs === 0 ? "no_coverage" : saves(tally, policy) ? "pass" : "fail",
      detail: `over ${tally.cost.pairs} pairs with costs`,
      counts: { known: tally.cost.pairs, pairs: a + b + c },
    },
  ];
}

function clusterCheck(clusters: readonly ClusterVerdict[]): GateCheck {
  const count = (state: ClusterState): number =>
    clusters.filter((one) => one.state === state).length;
  const counts = {
    gained: count("GAIN"),
    clear: count("CLEAR"),
    open: count("OPEN"),
    harmed: count("HARM"),
    watched: clusters.filter(({ watch }) => watch).length,
  };
  const covered = clusters.some(({ a, b, c }) => a + b + c > 0);
  const settled = counts.harmed === 0 && counts.open === counts.watched;
  return {
    check: "clusters",
    result: covered ? (settled ? "pass" : "fail") : "no_coverage",
    detail: `${counts.gained} gained, ${counts.clear} clear, ${counts.open} open (${counts.watched} watched), ${counts.harmed} harmed`,
    counts,
  };
}

function protectedCheck(protection: readonly Protection[]): GateCheck {
  const count = (state: Protection["state"]): number =>
    protection.filter((one) => one.state === state).length;
  const counts = { kept: count("kept"), open: count("open"), collapsed: count("collapsed") };
  const result: Result =
    protection.length === 0
      ? "not_applicable"
      : counts.collapsed > 0
        ? "fail"
        : counts.open > 0
          ? "no_coverage"
          : "pass";
  return {
    check: "protected",
    result,
    detail: `${counts.kept} of ${protection.length} kept, ${counts.open} open, ${counts.collapsed} collapsed`,
    counts,
  };
}
