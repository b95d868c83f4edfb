import { aegisError } from "../errors.ts";

/** Every number that a verdict depends on beside the outcomes. */
export interface GatePolicy {
  /**
   * `certified` is the gate's own rule. For comparison alone: `paper` is pass@2 with zero tolerance
   * and ever-solved, `strict-increase` ships whatever passes more often in two blocks.
   */
  readonly rule: "certified" | "paper" | "strict-increase";
  /** Probability of any false ship over the run. */
  readonly alphaRun: number;
  /** Certifications among which `alphaRun` is divided. */
  readonly horizon: number;
  /** Smallest effect worth shipping: what futility is judged against. */
  readonly effect: number;
  /** Blocks before anything ships; evidence against the candidate counts from the first. */
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly futility: number;
  readonly harmAlpha: number;
  /** Non-inferiority margin of a cluster. */
  readonly margin: number;
  readonly marginAlpha: number;
  /** Extra blocks of a cluster that is open, or that may still be worth a fork. */
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
  /** Gain of the scope times its share of the tasks that makes a fork worth having. */
  readonly forkGain: number;
  /** Most variants. */
  readonly pool: number;
  /** Sum of the margins that simplifications of one run may give away. */
  readonly degradation: number;
  /** What one simplification may give away before its last block. */
  readonly simplifyMargin: number;
  readonly costLimit: number;
  readonly costAlpha: number;
  readonly audit: boolean;
  readonly auditAlpha: number;
  readonly infraAlpha: number;
}

/** The defaults; operating characteristics are measured in the tests. */
export const gatePolicy: GatePolicy = {
  rule: "certified",
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
  degradation: 0.05,
  simplifyMargin: 0.025,
  costLimit: 1.5,
  costAlpha: 0.05,
  audit: true,
  auditAlpha: 0.05,
  infraAlpha: 0.01,
};

const RULES: readonly GatePolicy["rule"][] = ["certified", "paper", "strict-increase"];
const OPEN_UNIT = [
  "alphaRun",
  "effect",
  "harmAlpha",
  "margin",
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
const UNIT = ["forkGain", "degradation", "simplifyMargin"] as const;
const COUNTS = { horizon: 1, minBlocks: 1, maxBlocks: 1, pool: 1, guardBlocks: 0, challenges: 0 };
/** Above this the repetitions of blocks and of guard blocks would meet. */
const MOST = 400;

/** The defaults with changes, checked. Throws HX_GATE_POLICY_INVALID. */
export function resolvePolicy(changes: Partial<GatePolicy> = {}): GatePolicy {
  const policy = { ...gatePolicy, ...changes };
  const problem = problemOf(changes, policy);
  if (problem) throw aegisError("HX_GATE_POLICY_INVALID", { problem });
  return policy;
}

function problemOf(changes: Partial<GatePolicy>, policy: GatePolicy): string | undefined {
  const unknown = Object.keys(changes).find((key) => !Object.hasOwn(gatePolicy, key));
  if (unknown !== undefined) return `${unknown} is not known`;
  if (!RULES.includes(policy.rule)) return `rule must be one of ${RULES.join(", ")}`;
  if (typeof policy.audit !== "boolean") return "audit must be true or false";
  for (const key of OPEN_UNIT)
    if (!(policy[key] > 0 && policy[key] < 1)) return `${key} must lie between 0 and 1`;
  for (const key of UNIT)
    if (!(policy[key] >= 0 && policy[key] < 1)) return `${key} must be at least 0 and below 1`;
  for (const [key, least] of Object.entries(COUNTS)) {
    const value = policy[key as keyof typeof COUNTS];
    if (!Number.isInteger(value) || value < least || (key !== "horizon" && value > MOST))
      return `${key} must be an integer from ${least} to ${MOST}`;
  }
  if (policy.minBlocks > policy.maxBlocks) return "minBlocks is above maxBlocks";
  if (!(policy.futility > 1)) return "futility must be above 1";
  if (!(policy.watchFloor > -1 && policy.watchFloor < 1))
    return "watchFloor must lie between -1 and 1";
  if (!(policy.costLimit > 1 && policy.costLimit <= 4))
    return "costLimit must be above 1 and at most 4";
  return undefined;
}
