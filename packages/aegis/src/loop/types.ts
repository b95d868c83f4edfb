import type { Limits, ModelsInput } from "@harnessx/core";
import type { PolicyKind, Suite } from "@harnessx/core/plugin";
import type { CatalogueEntry } from "../evolve/index.ts";
import type { GateDecision, GatePolicy } from "../gate/index.ts";

/** The stages of a round, in order. */
export type EvolutionStage =
  | "baseline"
  | "digest"
  | "plan"
  | "evolve"
  | "verify"
  | "screen"
  | "certify"
  | "install";

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
  readonly concurrency?: number;
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
  /** On train, with the traces that were digested. */
  readonly passRate: number;
  readonly actionability: number;
  readonly candidates: readonly CandidateReport[];
  readonly verdict?: string;
  readonly decision?: GateDecision;
  readonly shipped?: string;
}

/** A verdict of the run. */
export interface DecisionReport {
  readonly round: number;
  readonly verdict: string;
  readonly decision: GateDecision;
  readonly reason: string;
  readonly effect: number;
  readonly interval: readonly [number, number];
  readonly trials: number;
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
  /** Installed generated packages, relative to the workspace. */
  readonly packages: readonly string[];
  readonly rollouts: number;
  readonly decisions: readonly DecisionReport[];
  /** Relative to the workspace. */
  readonly journal: string;
  readonly ms: number;
}
