import type { Limits, Manifest } from "@harnessx/core";
import type { SuiteTask } from "@harnessx/core/plugin";
import type { RolloutRecipe } from "../recipe.ts";
import type { RolloutRecord } from "../record.ts";

/** A rollout as it travels to a worker. */
export interface Job {
  /** `keyOf` of the spec: what the worker would play must have the same. */
  readonly id: string;
  readonly harness: string;
  readonly task: SuiteTask;
  readonly seed: number;
  readonly repetition: number;
  readonly limits?: Limits;
  readonly traceDir?: string;
  readonly watch?: boolean;
}

/** A harness as it travels to a worker, which loads it once. */
export interface PortableHarness {
  readonly hash: string;
  readonly manifest: Manifest;
  readonly root: string;
}

export type ToWorker =
  | { readonly t: "open"; readonly recipe: RolloutRecipe; readonly phaseFile: string }
  | { readonly t: "play"; readonly job: Job; readonly harness: PortableHarness };

export type FromWorker =
  | { readonly t: "ready" }
  /** It lives: its event loop turns. */
  | { readonly t: "beat" }
  | { readonly t: "played"; readonly record: RolloutRecord }
  /** It can never play what it was asked to. */
  | { readonly t: "unfit"; readonly problem: string };
