import { logEValue, reaches } from "./e-value.ts";
import type { GatePolicy } from "./policy.ts";
import type { Tally } from "./tally.ts";
import type { GateCheck, GateContext } from "./types.ts";

/** Under this share of pairs with a cost on both sides the cost is not known. */
const COST_COVERAGE = 0.5;

/** The candidate breaks more episodes than the incumbent does. */
export function infraCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const { cand, inc } = tally.infra;
  const failed = reaches(logEValue(0, { a: cand, b: inc, c: 0 }), 1 / policy.infraAlpha);
  return {
    check: "infra",
    result: tally.pairs === 0 ? "no_coverage" : failed ? "fail" : "pass",
    detail: `${cand} of the candidate, ${inc} of the incumbent`,
    counts: { cand, inc, pairs: tally.pairs },
  };
}

/**
 * The audit refuses more of the candidate's passes than of the incumbent's: it plays to the verifier.
 * Where audits are made, every pass that the candidate has won with needs one.
 */
export function auditCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const { cand, inc, judged } = tally.audit;
  const unseen = tally.won.pairs - tally.won.audited;
  const counts = { cand, inc, judged, unseen };
  if (!policy.audit || judged === 0)
    return { check: "audit", result: "not_applicable", detail: "no outcome has an audit", counts };
  const failed = reaches(logEValue(0, { a: cand, b: inc, c: 0 }), 1 / policy.auditAlpha);
  const detail = `${cand} refused passes of the candidate, ${inc} of the incumbent, ${unseen} won passes without an audit`;
  return {
    check: "audit",
    result: failed ? "fail" : unseen > 0 ? "no_coverage" : "pass",
    detail,
    counts,
  };
}

/** The candidate costs more than the limit allows, certified on pairs that both have a cost. */
export function costCheck(tally: Tally, policy: GatePolicy): GateCheck {
  const { pairs, sum } = tally.cost;
  const { a, b, c } = tally.counts();
  const counts = { known: pairs, pairs: a + b + c };
  if (pairs === 0)
    return { check: "cost", result: "not_applicable", detail: "no pair has costs", counts };
  const over = reaches(tally.overLimit.log, 1 / policy.costAlpha);
  const known = pairs >= counts.pairs * COST_COVERAGE;
  return {
    check: "cost",
    result: over ? "fail" : known ? "pass" : "no_coverage",
    detail: `ratio ${(2 ** (sum / pairs)).toFixed(2)} over ${pairs} of ${counts.pairs} pairs`,
    counts,
  };
}

/** The component that the gain is attributed to acted where the candidate won. */
export function activationCheck(tally: Tally, { minShareOfFlips, intent }: GateContext): GateCheck {
  const { pairs: won, known, fired } = tally.won;
  const counts = { won, known, fired };
  if (minShareOfFlips === undefined || intent === "simplify") {
    const detail =
      intent === "simplify" ? "a simplification claims no wins" : "no signature was given";
    return { check: "activation", result: "not_applicable", detail, counts };
  }
  if (won === 0 || known < won) {
    const detail = `known for ${known} of ${won} won pairs`;
    return { check: "activation", result: "no_coverage", detail, counts };
  }
  return {
    check: "activation",
    result: fired >= won * minShareOfFlips ? "pass" : "fail",
    detail: `acted in ${fired} of ${won} won pairs`,
    counts,
  };
}

/** Checks that reject at once. */
export const hardChecks = (tally: Tally, policy: GatePolicy): GateCheck[] => [
  infraCheck(tally, policy),
  auditCheck(tally, policy),
  costCheck(tally, policy),
];
