import type { Dimension, PolicyKind } from "@harnessx/core/plugin";
import type { GateCheck, GateDecision, ClusterState } from "../gate/index.ts";
import type { SealResult } from "../journal/index.ts";
import type { CheckResult } from "../verify/index.ts";

/** Passes of some trials, with the 95 % interval of the rate. */
export interface RateRecord {
  readonly passed: number;
  readonly trials: number;
  readonly tasks: number;
  readonly rate: number;
  readonly interval: readonly [number, number];
}

/** One `hx evolve`. */
export interface RunRecord {
  readonly run: number;
  readonly suite: string;
  readonly verifier: string;
  readonly data: string;
  readonly model: string;
  readonly policy: PolicyKind;
  readonly seed: number;
  /** The harness at the beginning. */
  readonly harness: string;
  /** Absent while it is going on, and when it was cut off. */
  readonly end?: { readonly harness: string; readonly rollouts: number; readonly why: string };
  readonly floor?: {
    readonly pairs: number;
    readonly flips: number;
    readonly difference: number;
    readonly halfWidth: number;
  };
  readonly sealed?: SealResult;
}

/** A measured pass rate of a version. */
export interface ScoreRecord extends RateRecord {
  readonly split: "train" | "validation" | "sealed";
  /** Where it was measured, such as `round 1`, `verdict-1` or `seal`. */
  readonly source: string;
}

/** A harness that stood, or was forked for some clusters. */
export interface VersionRecord {
  /** Hash of the harness. */
  readonly id: string;
  /** `v0`, `v1` … in the order in which they came to be. */
  readonly label: string;
  readonly parents: readonly string[];
  readonly variant: string;
  readonly scope: "all" | readonly string[];
  readonly how: "start" | "ship" | "fork";
  /** Of the journal. */
  readonly seq: number;
  readonly verdict?: string;
  readonly why: string;
  /** `current` stands now, as `harness.json` or for the clusters of its scope. */
  readonly state: "current" | "replaced" | "rolled_back" | "merged" | "retired";
  readonly scores: readonly ScoreRecord[];
}

/** A harness of the pool, as it ended. */
export interface VariantRecord {
  readonly id: string;
  readonly version: string;
  readonly parent?: string;
  readonly scope: "all" | readonly string[];
  readonly state: "standing" | "merged" | "retired";
  readonly why?: string;
}

/** A claim's place in a trace, and the words that stand there. */
export interface EvidenceRecord {
  /** `<trace>#<seq>`. */
  readonly ref: string;
  readonly trace: string;
  readonly seq: number;
  /** Absent when the digest does not hold it. */
  readonly quote?: string;
  /** The trace file, relative to the workspace; absent when it is not there. */
  readonly path?: string;
}

/** A file of a generated package. */
export interface FileRecord {
  readonly path: string;
  readonly bytes: number;
  /** Cut after 64 KiB. */
  readonly text: string;
  readonly cut: boolean;
}

export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** Empty when the candidate's artefact is missing. */
  readonly files: readonly FileRecord[];
  readonly checks: readonly CheckResult[];
}

/** A line of a manifest edit: `+` comes, `-` goes, a space tells where. */
export interface DiffLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

export type CandidateOutcome =
  | "pending"
  | "criticised"
  | "invalid"
  | "screened_out"
  | "inconclusive"
  | "refuted"
  | "forked"
  | "certified"
  | "rolled_back";

export interface CandidateRecord {
  /** `<round>-<id>`: a proposal may come back in a later round. */
  readonly key: string;
  readonly id: string;
  readonly round: number;
  readonly parent: string;
  readonly variant: string;
  readonly operator: string;
  readonly scope: "all" | readonly string[];
  readonly dims: readonly Dimension[];
  readonly bucket: string;
  readonly intent: string;
  readonly pathology: string;
  readonly mechanism: string;
  readonly predict: {
    readonly unlock: number;
    readonly stabilise: number;
    readonly atRisk: number;
    readonly delta: number;
    readonly costRatio: number;
  };
  readonly signature: { readonly component: string; readonly minShareOfFlips: number };
  readonly evidence: readonly EvidenceRecord[];
  readonly diff: readonly DiffLine[];
  readonly packages: readonly PackageRecord[];
  readonly critiques: readonly {
    readonly decision: "accept" | "revise" | "reject";
    readonly findings: readonly string[];
  }[];
  readonly verified?: { readonly ok: boolean; readonly findings: readonly string[] };
  /** On train: the mean difference in points, and how probable it is that the candidate is better. */
  readonly screened?: { readonly taken: boolean; readonly mean: number; readonly better: number };
  readonly verdicts: readonly string[];
  readonly outcome: CandidateOutcome;
}

/** A cluster of validation tasks in one certification; single tasks are not told. */
export interface ClusterRecord {
  readonly id: string;
  readonly won: number;
  readonly lost: number;
  readonly tied: number;
  readonly state: ClusterState;
  readonly watch: boolean;
  readonly candidate: { readonly passed: number; readonly trials: number };
  readonly incumbent: { readonly passed: number; readonly trials: number };
}

/** A certification. */
export interface VerdictRecord {
  readonly id: string;
  readonly round: number;
  readonly variant: string;
  /** Keys of candidates. */
  readonly candidates: readonly string[];
  /** `PENDING` when the journal ends before the verdict. */
  readonly decision: GateDecision | "PENDING";
  readonly reason: string;
  readonly rule: string;
  readonly tasks: number;
  readonly trials: number;
  /** Level of this certification. */
  readonly alpha?: number;
  readonly effect?: number;
  readonly interval?: readonly [number, number];
  /** FORK: the effect on the clusters of its scope. */
  readonly scopeEffect?: { readonly mean: number; readonly interval: readonly [number, number] };
  /** Half width of what two measurements of one harness differ by; absent when it was not measured. */
  readonly noiseFloor?: number;
  readonly candidate: RateRecord;
  readonly incumbent: RateRecord;
  readonly checks: readonly GateCheck[];
  readonly clusters: readonly ClusterRecord[];
  /** Solved tasks that were lost: how many. */
  readonly collapsed: number;
  readonly scope?: readonly string[];
  /** Whether the recorded outcomes lead to the recorded verdict once more, byte for byte. */
  readonly replay: "identical" | "different" | "none";
}

/** A train task and what it came to under each version, by the version's hash. */
export interface GridRow {
  readonly task: string;
  readonly cluster: string;
  /** The last line of what the agent was asked; absent without a trace. */
  readonly text?: string;
  readonly outcomes: Readonly<
    Record<string, { readonly passed: number; readonly trials: number; readonly infra: number }>
  >;
}

/** A round, its plan and its place. */
export interface RoundRecord {
  readonly round: number;
  readonly run: number;
  readonly harness: string;
  readonly variant: string;
  readonly clusters: readonly string[];
  readonly passRate?: RateRecord;
  readonly actionability?: number;
  readonly categories: readonly { readonly category: string; readonly episodes: number }[];
  readonly alerts: readonly string[];
  readonly stages: readonly { readonly stage: string; readonly by: string }[];
}

export interface SpendRow {
  readonly stage: string;
  readonly rollouts: number;
  /** Absent where nobody recorded it. */
  readonly tokens?: number;
  readonly costUsd?: number;
}

/** What the runs spent. */
export interface SpendRecord {
  readonly rollouts: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** Wall time; absent unless every run ended. */
  readonly ms?: number;
  readonly stages: readonly SpendRow[];
  /** Whether something is missing, as in a run that was cut off: then the sums are lower bounds. */
  readonly partial: boolean;
}

/** Something that happened beside candidates and verdicts. */
export interface HappeningRecord {
  readonly seq: number;
  readonly kind:
    | "begin"
    | "ship"
    | "fork"
    | "merge"
    | "retire"
    | "rollback"
    | "quarantine"
    | "drift"
    | "seal"
    | "human"
    | "end";
  readonly text: string;
  /** Something to look at. */
  readonly alarm: boolean;
}

/** The first thing to know. */
export interface HeadlineRecord {
  /** `unfinished` runs may still change something. */
  readonly state: "changed" | "unchanged" | "rolled_back";
  readonly unfinished: boolean;
  readonly from: string;
  readonly to: string;
  /** Keys of the candidates that stand in the present harness or in a standing variant. */
  readonly changes: readonly string[];
  /** The best evidence that there is: sealed tasks where they were played, else the latest ship's validation. */
  readonly effect?: {
    readonly split: "sealed" | "validation";
    readonly over: string;
    readonly mean: number;
    readonly interval: readonly [number, number];
    readonly noiseFloor?: number;
  };
  /** Verdicts that let something through, and how many of them replay to the same bytes. */
  readonly certified: { readonly verdicts: readonly string[]; readonly identical: number };
}

/** An artefact that is missing, broken or not what the journal recorded. */
export interface GapRecord {
  /** Relative to the workspace. */
  readonly path: string;
  readonly problem: string;
}

/** Everything that a workspace's journal and artefacts tell about its evolution. */
export interface EvolutionRecord {
  readonly v: 1;
  readonly journal: {
    /** Relative to the workspace. */
    readonly path: string;
    readonly entries: number;
    /** Hash of the last entry, which covers all before it. */
    readonly head: string;
  };
  readonly headline: HeadlineRecord;
  readonly runs: readonly RunRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly versions: readonly VersionRecord[];
  readonly variants: readonly VariantRecord[];
  readonly candidates: readonly CandidateRecord[];
  readonly verdicts: readonly VerdictRecord[];
  readonly grid: readonly GridRow[];
  readonly happenings: readonly HappeningRecord[];
  readonly spend: SpendRecord;
  readonly gaps: readonly GapRecord[];
}
