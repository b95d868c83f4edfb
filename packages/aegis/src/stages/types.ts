import type { SuiteTask } from "@harnessx/core/plugin";
import type { Critique } from "../critique/index.ts";
import type { Digest } from "../digest/index.ts";
import type { Candidate, EvolveContext } from "../evolve/index.ts";
import type { Attempt, Landscape } from "../plan/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";

export interface DigestInput {
  /** Rollouts of train tasks, with their traces. */
  readonly records: readonly RolloutRecord[];
  readonly tasks: readonly SuiteTask[];
}

export interface PlanInput {
  readonly digest: Digest;
  readonly context: EvolveContext;
  /** What was tried before, oldest first. */
  readonly history: readonly Attempt[];
}

export interface ProposeInput extends PlanInput {
  readonly landscape: Landscape;
  /** Candidates at most. */
  readonly limit: number;
}

export interface CritiqueInput extends ProposeInput {
  readonly candidates: readonly Candidate[];
}

/**
 * The four stages of a round before anything is verified or measured. What they see comes from train
 * tasks alone. Their results are checked against the schemas of the artefacts, whoever makes them.
 */
export interface Stages {
  /** Recorded in the journal: the work of a model or of a person is not repeated when a run is resumed. */
  readonly by: "program" | "model" | "human";
  digest(input: DigestInput): Digest | Promise<Digest>;
  plan(input: PlanInput): Landscape | Promise<Landscape>;
  propose(input: ProposeInput): readonly Candidate[] | Promise<readonly Candidate[]>;
  /** One critique for each candidate, in their order. */
  critique(input: CritiqueInput): readonly Critique[] | Promise<readonly Critique[]>;
  /** A better version of a candidate that was sent back; asked once. */
  revise?(
    candidate: Candidate,
    findings: readonly string[],
    input: ProposeInput,
  ): Candidate | undefined | Promise<Candidate | undefined>;
}
