/** Which way a certification goes. */
export type GateDecision = "APPLY" | "FORK" | "REJECT" | "INCONCLUSIVE";

/** A task as the gate sees it; clusters are fixed before any outcome. */
export interface GateTask {
  readonly id: string;
  readonly cluster: string;
  /** Passes and failures of the incumbent's lineage, decayed: what makes a task protected. */
  readonly hist?: { readonly s: number; readonly f: number };
}

/** One trial to run: `task` is an index into the tasks. */
export interface GateTrial {
  readonly arm: "cand" | "inc";
  readonly task: number;
  readonly rep: number;
}

/** What a trial came to. */
export interface GateOutcome extends GateTrial {
  readonly pass: 0 | 1;
  /** At least 0, in whatever unit both arms share; pairs without it are left out of the cost check. */
  readonly cost?: number;
  /** Second judgement of a pass: 0 refuses it. */
  readonly audit?: 0 | 1;
  /** The trial got no fair score; for the candidate, counted as its fault. */
  readonly infra?: boolean;
  /** Whether a component of the candidate's signature acted; needed on pairs that it won. */
  readonly fired?: 0 | 1;
}

export interface GateRequest {
  readonly type: "request";
  readonly trials: readonly GateTrial[];
}

/** One requirement, how it stands and the counts that say so; `no_coverage` fails it. */
export interface GateCheck {
  readonly check:
    | "static"
    | "drift"
    | "superiority"
    | "non_inferiority"
    | "saving"
    | "futility"
    | "clusters"
    | "protected"
    | "cost"
    | "infra"
    | "audit"
    | "activation";
  readonly result: "pass" | "fail" | "not_applicable" | "no_coverage";
  readonly detail: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** How a cluster stands: certified gain, certified no harm, certified harm, or not decided. */
export type ClusterState = "GAIN" | "CLEAR" | "HARM" | "OPEN";

export interface ClusterVerdict {
  readonly id: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly state: ClusterState;
  /** Open, but let through on its estimate: to be looked at again. */
  readonly watch?: true;
}

export interface GateVerdict {
  readonly type: "verdict";
  readonly decision: GateDecision;
  readonly reason: string;
  /** Level of this certification; half of it for the global test, half shared by the clusters. */
  readonly alpha: number;
  /** Mean paired difference, in [−1, 1]. */
  readonly effect: number;
  /** 95 %, valid whenever one looks. */
  readonly interval: readonly [number, number];
  readonly clusters: readonly ClusterVerdict[];
  /** Ids of protected tasks that the candidate lost. */
  readonly collapsed: readonly string[];
  /** FORK: the clusters for which the candidate is to be used. */
  readonly scope?: readonly string[];
  /** APPLY of a simplification: what it takes from the run's degradation budget. */
  readonly marginSpent?: number;
  readonly checks: readonly GateCheck[];
  readonly trials: number;
}

export interface Gate {
  /** The trials to run next, or the verdict. The same answer until `observe` has been called. */
  next(): GateRequest | GateVerdict;
  /** Takes the outcomes of exactly the requested trials, in any order. Throws HX_GATE_OUTCOME_INVALID otherwise. */
  observe(outcomes: readonly GateOutcome[]): void;
}

/** What the edits are for; it decides what has to be certified. */
export type GateIntent = "gain" | "simplify" | "revert";

/** What a verdict depends on beside policy, tasks and outcomes. */
export interface GateContext {
  /**
   * `gain` (the default) must be certified better. `simplify` must be certified to cost less and to
   * be no worse than the degradation budget allows. `revert` is judged like `gain`, also under a
   * drift alarm.
   */
  readonly intent?: GateIntent;
  /** What simplifications have taken from the degradation budget before (0). */
  readonly marginSpent?: number;
  /** How many certifications the run has spent before (0). */
  readonly confirmIndex?: number;
  /** Findings of static checks: any of them rejects. Absent when none were made. */
  readonly staticFindings?: readonly string[];
  /** Whether the drift detector has raised its alarm: then nothing but a revert ships. Absent without a detector. */
  readonly driftAlarm?: boolean;
  /** Variants that exist (1): a fork needs room. */
  readonly poolSize?: number;
  /** Require that a component of the signature acted in this share of the won pairs. */
  readonly minShareOfFlips?: number;
}
