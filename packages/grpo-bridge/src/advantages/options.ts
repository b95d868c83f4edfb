import { grpoError } from "../errors.ts";

/**
 * Which trajectories are compared with each other.
 *
 * | mode | a trajectory is compared with | source |
 * |---|---|---|
 * | `within` | those of its task and its harness version | what trainers do when one harness plays |
 * | `cross` | all of its task, whatever the harness and model version | HarnessX, arXiv 2606.14249, Eq. 2 |
 * | `residual` | all of its task, after its harness's mean over the *other* tasks was taken off | leave-one-out residuals |
 * | `hybrid` | λ · mean of its harness on the task + (1−λ) · mean of the task | between `within` (λ = 1) and `cross` (λ = 0) |
 *
 * Whether `cross` helps is open: arXiv 2609.04518 found no difference on a harness that training
 * never saw (+0.25 points, interval −0.48 to +1.02).
 */
export type GroupingMode = "within" | "cross" | "residual" | "hybrid";

/**
 * How a difference to the group becomes an advantage; μ, n and σ (over n−1) are the group's.
 *
 * | estimator | advantage | source |
 * |---|---|---|
 * | `grpo` | (r−μ) / (σ+ε) | DeepSeekMath, arXiv 2402.03300, with the unbiased σ that trainers use |
 * | `dr-grpo` | r−μ | arXiv 2503.20783 |
 * | `rloo` | r minus the mean of the others = n/(n−1) · (r−μ) | Kool et al. 2019; arXiv 2402.14740 |
 * | `maxrl` | (r−μ) / μ | arXiv 2602.02710 |
 */
export type Estimator = "grpo" | "dr-grpo" | "rloo" | "maxrl";

/** What the difference is divided by: the group's standard deviation plus ε, or nothing. */
export type Normalization = "std" | "none";

/** All modes, in the order of the documentation. */
export const groupingModes: readonly GroupingMode[] = ["within", "cross", "residual", "hybrid"];

/** All estimators, in the order of the documentation. */
export const estimators: readonly Estimator[] = ["grpo", "dr-grpo", "rloo", "maxrl"];

/** Settings of `computeAdvantages`. */
export interface AdvantageOptions {
  readonly mode: GroupingMode;
  readonly estimator: Estimator;
  /** Added to σ (1e-6). */
  readonly epsilon?: number;
  /** Share of the harness's own mean in the baseline of `hybrid`, from 0 to 1 (0.5). */
  readonly lambda?: number;
  /** `std` for `grpo`, except in mode `residual`; `none` otherwise. `std` and `maxrl` exclude each other. */
  readonly normalize?: Normalization;
  /** Members that every group must have; others are flagged `wrong-cardinality`. */
  readonly groupSize?: number;
  /** Model version now; with versions per trajectory, the stats say how stale they are. */
  readonly currentModelVersion?: number;
}

/** The options with all defaults filled in. */
export interface ResolvedAdvantageOptions {
  readonly mode: GroupingMode;
  readonly estimator: Estimator;
  readonly epsilon: number;
  readonly lambda: number;
  readonly normalize: Normalization;
  readonly groupSize?: number;
  readonly currentModelVersion?: number;
}

const fail = (problem: string): never => {
  throw grpoError("HX_GRPO_OPTIONS_INVALID", { problem });
};

/**
 * Fills in the defaults. Throws HX_GRPO_OPTIONS_INVALID for values out of range.
 *
 * @example
 * ```ts
 * import { resolveAdvantageOptions } from "@harnessx/grpo-bridge";
 * resolveAdvantageOptions({ mode: "residual", estimator: "grpo" }).normalize; // "none"
 * ```
 */
export function resolveAdvantageOptions(options: AdvantageOptions): ResolvedAdvantageOptions {
  const { mode, estimator, epsilon = 1e-6, lambda = 0.5 } = options;
  if (!groupingModes.includes(mode)) fail(`mode is one of ${groupingModes.join(", ")}`);
  if (!estimators.includes(estimator)) fail(`estimator is one of ${estimators.join(", ")}`);
  const byDefault = estimator === "grpo" && mode !== "residual" ? "std" : "none";
  const { normalize = byDefault, groupSize, currentModelVersion } = options;
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) fail("epsilon is a number of at least 0");
  if (!(lambda >= 0 && lambda <= 1)) fail("lambda is a number from 0 to 1");
  if (normalize !== "std" && normalize !== "none") fail("normalize is std or none");
  if (normalize === "std" && estimator === "maxrl")
    fail("maxrl divides by the mean, so normalize cannot be std");
  if (groupSize !== undefined && !(Number.isSafeInteger(groupSize) && groupSize >= 1))
    fail("groupSize is a whole number of at least 1");
  return {
    mode,
    estimator,
    epsilon,
    lambda,
    normalize,
    ...(groupSize === undefined ? {} : { groupSize }),
    ...(currentModelVersion === undefined ? {} : { currentModelVersion }),
  };
}
