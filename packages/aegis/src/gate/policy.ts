import { aegisError } from "../errors.ts";

/** Every number that a verdict depends on beside the outcomes. */
export interface GatePolicy {
  /** `certify` is the gate's own rule; `paper` is pass@2 with zero tolerance and ever-solved, for comparison. */
  readonly rule: "certify" | "paper";
  /** Probability of any false ship over the run. */
  readonly alphaRun: number;
  /** Certifications among which `alphaRun` is divided. */
  readonly horizon: number;
  /** Smallest effect worth shipping: what futility is judged against. */
  readonly effect: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly futility: number;
  readonly harmAlpha: number;
  /** Non-inferiority margin of a cluster. */
  readonly margin: number;
  readonly marginAlpha: number;
  readonly guardBlocks: number;
  /** A cluster that is still open after its guard blocks needs an estimate above this. */
  readonly watchFloor: number;
  /** Pass rate that a task must have been shown to exceed to be protected. */
  readonly theta: number;
  readonly protectAlpha: number;
  readonly collapseMargin: number;
  readonly collapseAlpha: number;
  readonly collapseBeta: number;
  readonly challenges: number;
  readonly forkGain: number;
  readonly pool: number;
  readonly costLimit: number;
  readonly costAlpha: number;
  readonly audit: boolean;
  readonly auditAlpha: number;
  readonly infraAlpha: number;
}

/** The defaults; operating characteristics are measured in the tests. */
export const gatePolicy: GatePolicy = {
  rule: "certify",
  alphaRun: 0.1,
  horizon: 15,
  effect: 0.08,
  minBlocks: 2,
  maxBlocks: 10,
  futility: 10,
  harmAlpha: 0.1,
  margin: 0.1,
  marginAlpha: 0.2,
  guardBlocks: 5,
  watchFloor: -0.05,
  theta: 0.6,
  protectAlpha: 0.1,
  collapseMargin: 0.4,
  collapseAlpha: 0.05,
  collapseBeta: 0.1,
  challenges: 12,
  forkGain: 0.03,
  pool: 8,
  costLimit: 1.5,
  costAlpha: 0.05,
  audit: true,
  auditAlpha: 0.05,
  infraAlpha: 0.01,
};

const OPEN_UNIT = [
  "alphaRun",
  "harmAlpha",
  "marginAlpha",
  "theta",
  "protectAlpha",
  "collapseMargin",
  "collapseAlpha",
  "collapseBeta",
  "costAlpha",
  "auditAlpha",
  "infraAlpha",
] as const;
const COUNTS = ["horizon", "minBlocks", "maxBlocks", "pool"] as const;

/** The defaults with changes, checked. Throws HX_GATE_POLICY_INVALID. */
export function resolvePolicy(changes: Partial<GatePolicy> = {}): GatePolicy {
  const policy = { ...gatePolicy, ...changes };
  const fail = (problem: string) => aegisError("HX_GATE_POLICY_INVALID", { problem });
  for (const key of Object.keys(changes))
    if (!Object.hasOwn(gatePolicy, key)) throw fail(`${key} is not known`);
  for (const key of OPEN_UNIT)
    if (!(policy[key] > 0 && policy[key] < 1)) throw fail(`${key} must lie between 0 and 1`);
  for (const key of COUNTS)
    if (!Number.isInteger(policy[key]) || policy[key] < 1)
      throw fail(`${key} must be a positive integer`);
  if (policy.minBlocks > policy.maxBlocks) throw fail("minBlocks is above maxBlocks");
  if (policy.costLimit <= 1 || policy.costLimit > 4)
    throw fail("costLimit must be above 1 and at most 4");
  return policy;
}
