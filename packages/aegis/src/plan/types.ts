import type { Dimension } from "@harnessx/core/plugin";
import type { FailureCategory } from "../digest/taxonomy.ts";
import type { Beta } from "../statistics/index.ts";

/** What went wrong, as plans and candidates name it: a failure category, or a habit that mining found. */
export type Pathology =
  | FailureCategory
  | "forgets_places"
  | "navigation_loop"
  | "tool_unusable"
  | "follow_up_missing"
  | "order_of_search"
  | "procedure_incomplete";

/** How an earlier attempt at a pathology in a dimension ended. */
export interface Attempt {
  readonly round: number;
  readonly dimension: Dimension;
  readonly pathology: string;
  /** Name of the operator or package, so that a refuted one is not proposed again. */
  readonly operator: string;
  /** `screened_out` on train, `refuted` or `inconclusive` by the gate, `certified` when it shipped. */
  readonly outcome: "invalid" | "screened_out" | "refuted" | "inconclusive" | "certified";
}

/** Where to look for an improvement; never the edit itself. */
export interface Direction {
  readonly dimension: Dimension;
  readonly pathology: Pathology;
  /** In points of pass rate over all train tasks, an optimistic bound. */
  readonly expectedGain: number;
  /** Whether it asks for new components rather than other parameters. */
  readonly structural: boolean;
  /** Whether the round must try it: see `alerts`. */
  readonly mandatory: boolean;
}

/** The picture from which candidates are made. */
export interface Landscape {
  readonly v: 1;
  readonly round: number;
  readonly clusters: readonly {
    readonly id: string;
    readonly tasks: readonly string[];
    readonly routeFeatures: readonly string[];
  }[];
  readonly pathologies: readonly {
    readonly id: Pathology;
    readonly tasks: readonly string[];
    readonly expectedGain: number;
  }[];
  readonly tried: readonly {
    readonly dimension: Dimension;
    readonly pathology: string;
    readonly n: number;
    readonly certified: number;
    readonly refuted: number;
  }[];
  readonly untried: readonly { readonly dimension: Dimension; readonly pathology: Pathology }[];
  /** Of dimensions over the last six decided edits, in [0, 1]; 1 without any. */
  readonly entropy: number;
  /** By dimension: certified and refuted edits, decaying. */
  readonly reputation: Readonly<Partial<Record<Dimension, Beta>>>;
  readonly alerts: readonly string[];
  readonly directions: readonly Direction[];
}
