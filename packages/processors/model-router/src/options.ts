/** A condition that is absent holds; a rule without conditions always holds. */
export interface RoutingRule {
  /** Role of the models file. */
  readonly role: string;
  /** Steps from 1, both ends included. */
  readonly steps?: { readonly from?: number; readonly to?: number };
  /** Estimated tokens of the request. */
  readonly tokens?: { readonly atLeast?: number; readonly atMost?: number };
  /** One of these tools is offered in this step. */
  readonly tools?: readonly string[];
  /** Regular expression for the task's text; case does not matter. */
  readonly task?: string;
  /** Whether a tool call of the step before did not end as `ok`. */
  readonly lastToolFailed?: boolean;
  /** Share in (0, 1] of the run's steps, tokens or cost that is spent at least. */
  readonly spent?: number;
}

/** How the role `classifier` is asked. */
export interface ClassifierOptions {
  readonly routes: readonly { readonly role: string; readonly when: string }[];
  /** Steps after which it is asked again; 0 never. */
  readonly every: number;
  /** In [0, 1]; an answer with less is not followed. */
  readonly minConfidence: number;
  /** Longest text of the task and of the newest message. */
  readonly maxChars: number;
}

/** Options of the model-router processor. */
export interface ModelRouterOptions {
  readonly rules: readonly RoutingRule[];
  readonly classifier?: ClassifierOptions;
  /** Role where nothing else decides. */
  readonly fallback: string;
}
