import type { NavigationFinding } from "../mine/navigation.ts";
import type { OfferedFinding } from "../mine/offered.ts";
import type { PlaceFinding } from "../mine/places.ts";
import type { ProcedureFinding } from "../mine/procedures.ts";
import type { RepetitionFinding } from "../mine/repetition.ts";
import type { ReplacementFinding } from "../mine/tool-paths.ts";
import type { RewardFinding } from "../mine/reward.ts";
import type { UsualFinding } from "../mine/usual.ts";
import type { Contrast } from "./contrast.ts";
import type { Evidence } from "./evidence.ts";
import type { FailureCategory } from "./taxonomy.ts";

/** How a task stands, by an anytime-valid test: see `taskStatus`. */
export type TaskStatus = "SOLVED" | "FLAKY" | "FAILED";

/** What the rollouts of one task show. */
export interface TaskDigest {
  readonly task: string;
  readonly cluster: string;
  readonly trials: { readonly pass: number; readonly fail: number; readonly infra: number };
  readonly status: TaskStatus;
  /** Lower 95 % bound of the pass rate. */
  readonly lcb: number;
  readonly failure?: {
    readonly category: FailureCategory;
    readonly strength: number;
    readonly components: readonly string[];
  };
  readonly contrast?: Contrast;
  readonly evidence: readonly Evidence[];
}

/** Use of one tool over all episodes. */
export interface ToolDigest {
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  readonly noEffect: number;
  readonly repeats: number;
  /** Results whose news nobody came back to. */
  readonly unused?: number;
}

/** What the episodes of one outcome spend, on average. */
export interface BudgetDigest {
  readonly inputTokens: number;
  /** Of the largest model call. */
  readonly peak: number;
  /** Of the input tokens of a call, from the first to the last quarter of the episode: 1 is flat. */
  readonly growth: number;
  /** Responses cut off by a length limit. */
  readonly truncated: number;
  /** Steps with many calls at once. */
  readonly bursts: number;
}

/** A reason for failures and how many episodes have it as their strongest. */
export interface CategoryDigest {
  readonly category: FailureCategory;
  readonly episodes: number;
  /** Of the failing ones. */
  readonly share: number;
  readonly tasks: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** What a model says about the runs; a program has looked up every quotation. */
export interface Claim {
  readonly claim: string;
  readonly evidence: readonly Evidence[];
}

/** The compressed picture of a round's rollouts; everything that later stages know of them. */
export interface Digest {
  readonly v: 1;
  readonly harness: string;
  readonly rollouts: { readonly pass: number; readonly fail: number; readonly infra: number };
  readonly clusters: readonly {
    readonly id: string;
    readonly tasks: readonly string[];
    readonly pass: number;
    readonly fail: number;
  }[];
  readonly exits: Readonly<Record<string, number>>;
  readonly steps: { readonly pass: number; readonly fail: number };
  readonly tools: readonly ToolDigest[];
  /** Replies that say that nothing came of a call. */
  readonly noEffect: readonly string[];
  /** By manifest entry. */
  readonly processors: Readonly<
    Record<
      string,
      {
        readonly ran: number;
        readonly acted: number;
        /** Kinds of edits that it made. */
        readonly changes?: Readonly<Record<string, number>>;
      }
    >
  >;
  readonly budget?: { readonly pass: BudgetDigest; readonly fail: BudgetDigest };
  readonly categories: readonly CategoryDigest[];
  readonly tasks: readonly TaskDigest[];
  /** What templates of generated plugins take their parameters from. */
  readonly mined: {
    readonly places?: PlaceFinding;
    readonly repetition?: RepetitionFinding;
    readonly procedures: readonly ProcedureFinding[];
    readonly usual?: UsualFinding;
    readonly navigation?: NavigationFinding;
    readonly replacements?: readonly ReplacementFinding[];
    readonly reward?: RewardFinding;
    readonly offered?: OfferedFinding;
  };
  /** Of a digester that is a model. */
  readonly claims?: readonly Claim[];
  /** In [0, 1]: the share of failing episodes whose reason is known, times whether there are any. */
  readonly actionability: number;
}
