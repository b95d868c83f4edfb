import {
  logBoundedEValue,
  logEValue,
  logFutile,
  logHarm,
  logNonInferior,
  reaches,
} from "./e-value.ts";
import type { GatePolicy } from "./policy.ts";
import { estimate, type Tally } from "./tally.ts";
import type { ClusterVerdict, GateCheck, GateContext } from "./types.ts";

/** Mean paired log₂ of the cost ratio is clipped to this. */
const COST_BOUND = 2;

/** Level of one certification: the run's level, divided among those that the horizon allows. */
export const alphaOf = (policy: GatePolicy): number => policy.alphaRun / policy.horizon;

/** Whether the candidate is certified better over all tasks. */
export function superior(tally: Tally, policy: GatePolicy): boolean {
  return reaches(logEValue(0, tally.counts()), 2 / alphaOf(policy));
}

export function futile(tally: Tally, policy: GatePolicy): boolean {
  return reaches(logFutile(policy.effect, tally.counts()), policy.futility);
}

/** Where each cluster stands. `guarded` are clusters whose guard blocks are used up. */
export function clusterVerdicts(
  tally: Tally,
  clusters: readonly string[],
  policy: GatePolicy,
  guarded: ReadonlySet<string>,
): ClusterVerdict[] {
  return clusters.map((id) => {
    const counts = tally.counts(id);
    if (reaches(logHarm(counts), clusters.length / policy.harmAlpha))
      return { id, ...counts, state: "HARM" };
    if (reaches(logEValue(0, counts), (2 * clusters.length) / alphaOf(policy)))
      return { id, ...counts, state: "GAIN" };
    if (reaches(logNonInferior(policy.margin, counts), 1 / policy.marginAlpha))
      return { id, ...counts, state: "CLEAR" };
    const watch = guarded.has(id) && estimate(counts) > policy.watchFloor;
    return { id, ...counts, state: "OPEN", ...(watch ? { watch: true as const } : {}) };
  });
}

/** The candidate costs more than the limit allows, certified on pairs that both have a cost. */
export function costCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const ratios = tally
    .pairs(false)
    .filter(
      ({ cand, inc }) => !cand.infra && !inc.infra && (cand.cost ?? 0) > 0 && (inc.cost ?? 0) > 0,
    )
    .map(({ cand, inc }) => Math.log2(cand.cost! / inc.cost!));
  if (ratios.length === 0)
    return { check: "cost", result: "not_applicable", detail: "no pair has costs" };
  const over = reaches(
    logBoundedEValue(ratios, Math.log2(policy.costLimit), COST_BOUND),
    1 / policy.costAlpha,
  );
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return {
    check: "cost",
    result: over ? "fail" : "pass",
    detail: `ratio ${(2 ** mean).toFixed(2)} over ${ratios.length} pairs`,
  };
}

/** The candidate breaks more episodes than the incumbent does. */
export function infraCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const pairs = tally.pairs(false);
  const cand = pairs.filter((pair) => pair.cand.infra && !pair.inc.infra).length;
  const inc = pairs.filter((pair) => pair.inc.infra && !pair.cand.infra).length;
  const failed = reaches(logEValue(0, { a: cand, b: inc, c: 0 }), 1 / policy.infraAlpha);
  return {
    check: "infra",
    result: failed ? "fail" : "pass",
    detail: `${cand} of the candidate, ${inc} of the incumbent`,
  };
}

/** The audit refuses more of the candidate's passes than of the incumbent's: it plays to the verifier. */
export function auditCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const pairs = tally.pairs(false);
  const judged = pairs.some(({ cand, inc }) => cand.audit !== undefined || inc.audit !== undefined);
  if (!policy.audit || !judged)
    return { check: "audit", result: "not_applicable", detail: "no outcome has an audit" };
  const refused = (pass: 0 | 1, audit: 0 | 1 | undefined): boolean => pass === 1 && audit === 0;
  const cand = pairs.filter(
    (pair) => refused(pair.cand.pass, pair.cand.audit) && !refused(pair.inc.pass, pair.inc.audit),
  ).length;
  const inc = pairs.filter(
    (pair) => refused(pair.inc.pass, pair.inc.audit) && !refused(pair.cand.pass, pair.cand.audit),
  ).length;
  const failed = reaches(logEValue(0, { a: cand, b: inc, c: 0 }), 1 / policy.auditAlpha);
  return {
    check: "audit",
    result: failed ? "fail" : "pass",
    detail: `${cand} refused passes of the candidate, ${inc} of the incumbent`,
  };
}

/** The component that the gain is attributed to acted where the candidate won. */
export function activationCheck(tally: Tally, { minShareOfFlips }: GateContext): GateCheck {
  if (minShareOfFlips === undefined)
    return { check: "activation", result: "not_applicable", detail: "no signature was given" };
  const won = tally.pairs(false).filter((pair) => tally.difference(pair) > 0);
  const known = won.filter(({ cand }) => cand.fired !== undefined);
  if (won.length === 0 || known.length < won.length) {
    return {
      check: "activation",
      result: "no_coverage",
      detail: `known for ${known.length} of ${won.length} won pairs`,
    };
  }
  const fired = known.filter(({ cand }) => cand.fired === 1).length;
  const result = fired >= won.length * minShareOfFlips ? "pass" : "fail";
  return { check: "activation", result, detail: `acted in ${fired} of ${won.length} won pairs` };
}

/** Checks that reject at once. */
export const hardChecks = (tally: Tally, policy: GatePolicy): GateCheck[] => [
  infraCheck(tally, policy),
  auditCheck(tally, policy),
  costCheck(tally, policy),
];

/** Every requirement and how it stands, for the verdict. */
export function allChecks(
  tally: Tally,
  policy: GatePolicy,
  context: GateContext,
  clusters: readonly ClusterVerdict[],
  protection: readonly { readonly state: string }[],
): GateCheck[] {
  const { a, b, c } = tally.counts();
  const { staticFindings = [] } = context;
  const count = (state: string): number => clusters.filter((one) => one.state === state).length;
  const kept = protection.filter(({ state }) => state === "kept").length;
  const settled = clusters.every(
    ({ state, watch }) => state !== "HARM" && (state !== "OPEN" || watch),
  );
  // Without a single fair pair nothing has been covered, whatever the counts say.
  const judged = (passed: boolean): GateCheck["result"] => {
    if (a + b + c === 0) return "no_coverage";
    return passed ? "pass" : "fail";
  };
  return [
    {
      check: "static",
      result: staticFindings.length === 0 ? "pass" : "fail",
      detail: `${staticFindings.length} findings`,
    },
    {
      check: "superiority",
      result: judged(superior(tally, policy)),
      detail: `${a} won, ${b} lost, ${c} tied`,
    },
    {
      check: "futility",
      result: judged(!futile(tally, policy)),
      detail: `against ${policy.effect}`,
    },
    {
      check: "clusters",
      result: judged(settled),
      detail: `${count("GAIN")} gained, ${count("CLEAR")} clear, ${count("OPEN")} open, ${count("HARM")} harmed`,
    },
    {
      check: "protected",
      result:
        protection.length === 0 ? "not_applicable" : kept === protection.length ? "pass" : "fail",
      detail: `${kept} of ${protection.length} kept`,
    },
    ...hardChecks(tally, policy),
    activationCheck(tally, context),
  ];
}
