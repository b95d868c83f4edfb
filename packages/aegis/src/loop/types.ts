import type { Limits, ModelsInput } from "@harnessx/core";
import type { PolicyKind, Suite } from "@harnessx/core/plugin";
import type { CatalogueEntry } from "../evolve/index.ts";
import type { GateDecision, GatePolicy } from "../gate/index.ts";
import type { Isolation } from "../isolation/index.ts";
import type { SealResult } from "../journal/index.ts";
import type { RolloutPool, RolloutPoolOptions } from "../rollout/index.ts";
import type { Stages } from "../stages/index.ts";
import type { AllowedCapabilities } from "../verify/index.ts";

/** The stages of a run, in order. */
export type EvolutionStage =
  | "floor"
  | "drift"
  | "baseline"
  | "digest"
  | "plan"
  | "evolve"
  | "critique"
  | "verify"
  | "screen"
  | "certify"
  | "canary"
  | "install"
  | "seal";

/** How far an evolution has come. */
export interface EvolutionProgress {
  readonly round: number;
  readonly stage: EvolutionStage;
  readonly message: string;
  /** Rollouts so far, all stages together. */
  readonly rollouts: number;
}

export interface EvolveOptions {
  /** The workspace: a folder with a harness.json. */
  readonly dir: string;
  readonly suite: Suite;
  readonly models: ModelsInput;
  /** Published packages that may be inserted beside the generated ones. */
  readonly catalogue?: readonly CatalogueEntry[];
  /** (1) */
  readonly rounds?: number;
  /** How many tasks of the split `train`, or which; all when absent. */
  readonly trainTasks?: number | readonly string[];
  /** The same of the split `validation`. */
  readonly validationTasks?: number | readonly string[];
  /** Play the split `sealed` when the run ends: how many tasks, or which; not at all when absent. */
  readonly sealedTasks?: number | readonly string[] | "all";
  /** Repetitions of every train task for the digest (2). */
  readonly reps?: number;
  readonly seed: number;
  readonly limits?: Limits;
  /** Candidates of a round (6). */
  readonly candidates?: number;
  /** Under this actionability a round ends early (0.3). */
  readonly actionability?: number;
  /** Rounds without a ship after which the run ends (3). */
  readonly patience?: number;
  /** Changes of the gate's policy. */
  readonly policy?: Partial<GatePolicy>;
  /** False takes every verified candidate to the gate without asking train first. */
  readonly screening?: boolean;
  /** Who digests, plans, proposes and criticises: programs unless given. */
  readonly stages?: Stages;
  /** What generated packages may ask for beyond nothing; more needs a person. */
  readonly allow?: AllowedCapabilities;
  /**
   * The wall behind which generated packages run (`wasm`, in the thread of the rollouts); `trusted`
   * is none and for comparisons only.
   */
  readonly isolation?: "wasm" | "trusted" | Isolation;
  /** Folder of the signing key; see `keysFolder`. */
  readonly keys?: string;
  readonly concurrency?: number;
  /** Makes the pool that plays (in this process unless given). */
  readonly createPool?: (options: RolloutPoolOptions) => RolloutPool;
  /** End a run that was cut off instead of going on with it. */
  readonly abandon?: boolean;
  readonly onProgress?: (progress: EvolutionProgress) => void;
  readonly signal?: AbortSignal;
}

/** What became of a candidate in its round. */
export interface CandidateReport {
  readonly id: string;
  readonly operator: string;
  readonly packages: readonly string[];
  readonly outcome:
    | "invalid"
    | "criticised"
    | "screened_out"
    | "refuted"
    | "inconclusive"
    | "certified"
    | "forked";
  /** Screening on train, in points; absent when it was not screened. */
  readonly screened?: { readonly mean: number; readonly better: number };
}

export interface RoundReport {
  readonly round: number;
  readonly harness: string;
  /** Variant that the round worked on. */
  readonly variant: string;
  /** On train, with the traces that were digested. */
  readonly passRate: number;
  readonly actionability: number;
  readonly candidates: readonly CandidateReport[];
  readonly decisions: readonly DecisionReport[];
  /** Why the round came to nothing, when a stage failed. */
  readonly failed?: string;
  /** Hash of the harness that shipped as the new `harness.json`. */
  readonly shipped?: string;
  /** A variant that was made or replaced. */
  readonly forked?: {
    readonly variant: string;
    readonly version: string;
    readonly scope: readonly string[];
  };
}

/** A verdict of the run. */
export interface DecisionReport {
  readonly round: number;
  readonly verdict: string;
  readonly candidates: readonly string[];
  readonly decision: GateDecision;
  readonly reason: string;
  readonly effect: number;
  readonly interval: readonly [number, number];
  readonly trials: number;
}

/** What was spent on one stage. */
export interface StageSpend {
  readonly rollouts: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/** The incumbent measured against itself. */
export interface NoiseFloor {
  readonly pairs: number;
  /** Share of pairs whose outcomes differ. */
  readonly flips: number;
  /** Half width of the 95 % interval of a difference. */
  readonly halfWidth: number;
}

/** What an evolution came to. */
export interface EvolutionReport {
  readonly v: 1;
  readonly suite: string;
  readonly data: string;
  readonly policy: PolicyKind;
  readonly model: string;
  readonly seed: number;
  readonly rounds: readonly RoundReport[];
  /** Harness hashes. */
  readonly before: string;
  readonly after: string;
  /** Variants beside `main`, by id. */
  readonly variants: Readonly<
    Record<string, { readonly version: string; readonly scope: readonly string[] }>
  >;
  /** Installed generated packages, relative to the workspace. */
  readonly packages: readonly string[];
  readonly floor?: NoiseFloor;
  readonly sealed?: SealResult;
  readonly rollouts: number;
  readonly spent: Readonly<Partial<Record<EvolutionStage, StageSpend>>>;
  readonly decisions: readonly DecisionReport[];
  /** Why the run ended. */
  readonly ended: string;
  /** Relative to the workspace. */
  readonly journal: string;
  readonly ms: number;
  /** Wall time in which rollouts were played. */
  readonly rolloutMs: number;
}
