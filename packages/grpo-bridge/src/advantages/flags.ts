/**
 * Why an advantage is 0, or what is odd about the group; one for each trajectory, the gravest first.
 *
 * | flag | meaning | advantage |
 * |---|---|---|
 * | `missing-reward` | no reward came | 0, left out of the group |
 * | `nan-reward` | the reward is not a number | 0, left out of the group |
 * | `infinite-reward` | the reward is infinite | 0, left out of the group |
 * | `single-member` | nothing in the group to compare with | 0 |
 * | `zero-variance` | all rewards of the group are equal | 0 |
 * | `mean-not-positive` | `maxrl` cannot divide by the group's mean | 0 |
 * | `wrong-cardinality` | the group has not `groupSize` members | as computed |
 * | `uneven-group` | the group has another size than most | as computed |
 */
export type TrajectoryFlag =
  | "missing-reward"
  | "nan-reward"
  | "infinite-reward"
  | "single-member"
  | "zero-variance"
  | "mean-not-positive"
  | "wrong-cardinality"
  | "uneven-group";

/** The flags by their code in `Advantages.flags`; code 0 is no flag. */
export const flagNames: readonly (TrajectoryFlag | null)[] = [
  null,
  "missing-reward",
  "nan-reward",
  "infinite-reward",
  "single-member",
  "zero-variance",
  "mean-not-positive",
  "wrong-cardinality",
  "uneven-group",
];

/** The code of a flag in `Advantages.flags`. */
export const flagCode = {
  none: 0,
  missingReward: 1,
  nanReward: 2,
  infiniteReward: 3,
  singleMember: 4,
  zeroVariance: 5,
  meanNotPositive: 6,
  wrongCardinality: 7,
  unevenGroup: 8,
} as const;

/** Codes up to this one say that the advantage carries no signal: it is 0 by definition. */
export const lastDegenerate = flagCode.meanNotPositive;

/**
 * Whether a trajectory is worth sending to a trainer: its advantage is not 0 by definition. Dropping
 * the others is the dynamic sampling of DAPO (arXiv 2503.14476).
 *
 * @example
 * ```ts
 * import { isInformative } from "@harnessx/grpo-bridge";
 * [isInformative("zero-variance"), isInformative("uneven-group"), isInformative(null)]; // [false, true, true]
 * ```
 */
export const isInformative = (flag: TrajectoryFlag | null): boolean =>
  flagNames.indexOf(flag) === 0 || flagNames.indexOf(flag) > lastDegenerate;
