/** What happens to a call. */
export type PolicyDecision = "allow" | "ask" | "refuse";

/** A line of the policy. A call must fit everything that the rule names. */
export interface PolicyRule {
  /** Names, with `*` for any text; without it every name. */
  readonly tools?: readonly string[];
  /** At least one of these tags; without it any or none. */
  readonly tags?: readonly string[];
  /**
   * Regular expressions for arguments, by name (`a.b` for a field of an object). In an `allow` rule
   * the whole value must fit, in the other two a part of it is enough: both err on the safe side.
   */
  readonly arguments?: Readonly<Record<string, string>>;
  readonly decision: PolicyDecision;
  /** Told to the person who is asked, or to the model that is refused. */
  readonly reason?: string;
}

/** Options of the tool-policy processor. */
export interface ToolPolicyOptions {
  /** The first rule that fits a call decides. */
  readonly rules: readonly PolicyRule[];
  /** Names of tools, with `*` for any text, that ask unless a rule decides. */
  readonly dangerous: readonly string[];
  /** Tags of tools that ask unless a rule decides. */
  readonly dangerousTags: readonly string[];
  /** What happens to a call that no rule fits and that is not dangerous. */
  readonly default: PolicyDecision;
  /** Result of a refused call; `{tool}`, `{reason}`. */
  readonly message: string;
  /** What a person is asked; `{tool}`, `{reason}`. */
  readonly question: string;
}
