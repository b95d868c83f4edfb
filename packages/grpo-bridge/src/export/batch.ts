import { canonicalJson, sha256Hex } from "@harnessx/core";
import {
  advantagesOf,
  harnessName,
  isInformative,
  resolveAdvantageOptions,
  type AdvantageOptions,
  type RewardAdvantages,
  type RewardRecord,
} from "../advantages/index.ts";
import { grpoError } from "../errors.ts";
import { serializeTrajectory, type Trajectory } from "../records/index.ts";

/** Settings of `exportBatch`. */
export interface ExportOptions extends AdvantageOptions {
  /** Also writes trajectories whose advantage is 0 by definition, for KL terms and statistics (false). */
  readonly keepDegenerate?: boolean;
}

/** A batch as JSON Lines. */
export interface ExportedBatch {
  /** SHA-256 of the manifest. */
  readonly id: string;
  /** Hashes of everything that the batch came from. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** One trajectory each, with `advantage`, `flag` and `group`; each ends with a line feed. */
  readonly lines: readonly string[];
  readonly stats: RewardAdvantages["stats"];
}

/**
 * Computes advantages and writes a batch. The same trajectories and options give the same bytes and
 * the same id, in whatever order they come.
 * Errors: HX_GRPO_COLUMNS_INVALID (an id twice), HX_GRPO_TRAJECTORY_INVALID, HX_GRPO_OPTIONS_INVALID.
 *
 * @example
 * ```ts
 * import { exportBatch } from "@harnessx/grpo-bridge";
 * exportBatch([], { mode: "cross", estimator: "grpo" }).lines; // []
 * ```
 */
export function exportBatch(
  trajectories: readonly Trajectory[],
  options: ExportOptions,
): ExportedBatch {
  const ordered = trajectories.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  for (let at = 1; at < ordered.length; at += 1)
    if (ordered[at]!.id === ordered[at - 1]!.id)
      throw grpoError("HX_GRPO_COLUMNS_INVALID", {
        problem: `the trajectory ${ordered[at]!.id} is there twice`,
      });
  const { keepDegenerate = false, ...advantageOptions } = options;
  const { advantages, flags, stats } = advantagesOf(ordered.map(rewardRecord), advantageOptions);
  const written = [...ordered.keys()].filter((at) => keepDegenerate || isInformative(flags[at]!));
  const lines = written.map((at) => {
    const trajectory = ordered[at]!;
    const signal = {
      advantage: advantages[at]!,
      flag: flags[at]!,
      group: groupOf(trajectory, options.mode),
    };
    return `${serializeTrajectory(trajectory, signal)}\n`;
  });
  const distinct = (of: (trajectory: Trajectory) => string): string[] =>
    [...new Set(ordered.map(of))].toSorted();
  const manifest = {
    v: 1,
    trajectories: ordered.length,
    written: lines.length,
    lines: sha256Hex(lines.join("")),
    groups: sha256Hex(
      canonicalJson(
        ordered.map((trajectory) => [trajectory.id, groupOf(trajectory, options.mode)]),
      ),
    ),
    harnesses: distinct(({ harness }) => harness.configHash),
    models: distinct(({ model }) => model),
    tokenizers: distinct(({ tokenizer }) => tokenizer),
    verifiers: distinct(({ verifier }) => verifier),
    seeds: sha256Hex(canonicalJson(ordered.map(({ seed }) => seed))),
    options: { ...resolveAdvantageOptions(options), keepDegenerate },
  };
  return { id: sha256Hex(canonicalJson(manifest)), manifest, lines, stats };
}

const rewardRecord = (trajectory: Trajectory): RewardRecord => ({
  taskId: trajectory.taskId,
  taskSetId: trajectory.taskSetId,
  rewardSpec: trajectory.verifier,
  tokenizer: trajectory.tokenizer,
  harness: lineOf(trajectory),
  reward: trajectory.reward,
  modelVersion: trajectory.minModelVersion,
});

/** A version is what its hash says; two harnesses of one name and version may differ in options. */
const lineOf = ({ harness }: Trajectory): string =>
  [harnessName(harness), harness.variant ?? "", harness.configHash].join("#");

function groupOf(trajectory: Trajectory, mode: AdvantageOptions["mode"]): string {
  const { taskSetId, taskId, verifier, tokenizer } = trajectory;
  const key = [taskSetId, taskId, verifier, tokenizer];
  return sha256Hex(canonicalJson(mode === "within" ? [...key, lineOf(trajectory)] : key)).slice(
    0,
    16,
  );
}
