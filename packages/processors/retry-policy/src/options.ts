/** Options of the retry-policy processor. A code may end in `*`, which stands for anything. */
export interface RetryPolicyOptions {
  /** Error codes of failures that may pass by themselves. */
  readonly retryable: readonly string[];
  /** Whether a call that timed out may be repeated. */
  readonly retryTimeouts: boolean;
  /** Error codes of failures that the same call meets again; they win over `retryable`. */
  readonly permanent: readonly string[];
  /** Identical failures in a row after which a failure of another code counts as permanent; 0 never. */
  readonly assumePermanentAfter: number;
  /** How often one call is worth repeating. */
  readonly maxRetries: number;
  /** Steps to wait before the first retry; every further one waits twice as long. */
  readonly backoffSteps: number;
  /** Longest wait in steps. */
  readonly maxBackoffSteps: number;
  /** Refuse a retry that comes before its time, in place of advising alone. */
  readonly enforceBackoff: boolean;
  readonly wording: RetryPolicyWording;
}

/** What the model is told. */
export interface RetryPolicyWording {
  /** Added to a result: worth a retry: `{retry}`, `{max}`, `{steps}` */
  readonly retry: string;
  /** Added to a result: no retries are left: `{count}` */
  readonly exhausted: string;
  /** Added to a result: the same call fails again: `{count}` */
  readonly permanent: string;
  /** Result of a refused call: `{call}`, `{step}` */
  readonly refusal: string;
  /** Result of a call before its time: `{call}`, `{step}`, `{steps}` */
  readonly early: string;
}
