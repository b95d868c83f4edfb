import type { PolicyKind } from "@harnessx/core/plugin";
import type { Candidate } from "../evolve/index.ts";
import type { GateContext, GateOutcome, GatePolicy, GateTask, GateVerdict } from "../gate/index.ts";
import type { Attempt } from "../plan/index.ts";

/** A candidate as the journal keeps it: its files are in the round's artefacts and, when shipped, in the store. */
export type ProposedCandidate = Omit<Candidate, "packages"> & {
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    /** SHA-256 over its files. */
    readonly digest: string;
  }[];
};

/** What an installation will make of the workspace: enough to complete it after a crash. */
export interface InstallIntent {
  /** Hash of the harness that will stand, and of those that it comes from. */
  readonly version: string;
  readonly parents: readonly string[];
  readonly verdict: string;
  readonly why: string;
  /** Hash of the manifest file's content before and after, and the contents that are to stand there. */
  readonly before: string;
  readonly after: string;
  readonly manifest: string;
  readonly lock: string;
  /** Store folders that must be there, relative to the workspace. */
  readonly packages: readonly string[];
  /** Number under which the manifest is kept for later. */
  readonly generation: number;
  /** What stood before, when no generation holds it yet. */
  readonly base?: GenerationContent;
  /** Entries for which the gate vouches from now on. */
  readonly attest: readonly AttestedEntry[];
  /** Set when an earlier harness comes back: the verdicts that no longer stand. */
  readonly undone?: readonly string[];
}

/** A harness as it is kept for later, under an ascending number. */
export interface GenerationContent {
  readonly generation: number;
  /** Hash of the harness. */
  readonly version: string;
  /** Content of the two files. */
  readonly manifest: string;
  readonly lock: string;
}

/** A package of the store, by its manifest entry, and what it was let in for. */
export interface AttestedEntry {
  readonly entry: string;
  /** SHA-256 over the files of the package, what was built from them included. */
  readonly archive: string;
  /** SHA-256 of the verification report, and what it was made with. */
  readonly report: string;
  readonly toolchain: string;
  readonly tier: "wasm" | "process";
  /** The person who granted more than the gate did. */
  readonly grantedBy?: string;
}

/** One harness on the sealed tasks, or what retries of the seed come to. */
export interface SealedArm {
  readonly name: string;
  /** Absent for an arm that is computed from the others. */
  readonly harness?: string;
  readonly passRate: number;
  /** 95 %. */
  readonly interval: readonly [number, number];
  /** Rollouts, and mean tokens and price of one answer. */
  readonly rollouts: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/** A paired difference in pass rate with its 95 % interval. */
export interface SealedGain {
  readonly over: string;
  readonly mean: number;
  readonly interval: readonly [number, number];
}

/** What the sealed tasks say about a release. */
export interface SealResult {
  readonly tasks: number;
  readonly arms: readonly SealedArm[];
  /** Of the evolved harness over the others. */
  readonly gains: readonly SealedGain[];
  /** Half width of the interval that two measurements of one harness differ by. */
  readonly noiseFloor: number;
}

/** What happened. No time stands in it: two runs with one seed write the same journal. */
export type JournalEntry =
  | {
      readonly t: "begin";
      readonly run: number;
      readonly suite: string;
      readonly verifier: string;
      readonly data: string;
      readonly model: string;
      readonly policy: PolicyKind;
      readonly seed: number;
      /** Hash of the harness at the start, which is also the anchor against which drift is watched. */
      readonly harness: string;
      /** SHA-256 of every other option that the course of the run depends on. */
      readonly options: string;
    }
  | {
      /** The incumbent against itself: what a difference is worth. */
      readonly t: "floor";
      readonly run: number;
      readonly harness: string;
      readonly pairs: number;
      /** Share of pairs whose outcomes differ. */
      readonly flips: number;
      readonly difference: number;
      readonly halfWidth: number;
    }
  | {
      readonly t: "round";
      readonly round: number;
      readonly harness: string;
      readonly seed: number;
      /** Variant that the round works on, and the clusters that are routed to it. */
      readonly variant: string;
      readonly clusters: readonly string[];
    }
  | {
      /** An artefact of a stage lies on disk. */
      readonly t: "stage";
      readonly round: number;
      readonly stage: "digest" | "plan" | "propose" | "critique";
      readonly by: "program" | "model" | "human";
      /** SHA-256 of its content. */
      readonly digest: string;
    }
  | {
      /** A stage came to nothing, and with it the round. */
      readonly t: "failed";
      readonly round: number;
      readonly stage: string;
      readonly problem: string;
    }
  | { readonly t: "proposed"; readonly round: number; readonly candidate: ProposedCandidate }
  | {
      readonly t: "critique";
      readonly round: number;
      readonly candidate: string;
      readonly decision: "accept" | "revise" | "reject";
      readonly findings: readonly string[];
    }
  | {
      readonly t: "verified";
      readonly candidate: string;
      readonly ok: boolean;
      readonly findings: readonly string[];
    }
  | {
      readonly t: "screened";
      readonly candidate: string;
      readonly taken: boolean;
      readonly mean: number;
      readonly better: number;
    }
  | { readonly t: "attempt"; readonly attempt: Attempt }
  | {
      /** What a variant's rollouts on train came to, by cluster: what routing goes by. */
      readonly t: "ledger";
      readonly round: number;
      readonly variant: string;
      readonly clusters: Readonly<Record<string, { readonly s: number; readonly f: number }>>;
    }
  | {
      readonly t: "certify";
      readonly id: string;
      readonly variant: string;
      readonly candidates: readonly string[];
      readonly policy: Partial<GatePolicy>;
      readonly tasks: readonly GateTask[];
      readonly context: GateContext;
    }
  | { readonly t: "trials"; readonly id: string; readonly outcomes: readonly GateOutcome[] }
  | { readonly t: "verdict"; readonly id: string; readonly verdict: GateVerdict }
  | {
      /** What was let through, on tasks that nobody can solve: passes are an alarm. */
      readonly t: "canary";
      readonly verdict: string;
      readonly played: number;
      readonly passed: number;
      readonly blocked: boolean;
    }
  | { readonly t: "install"; readonly intent: InstallIntent }
  | {
      /** `harness.json` is another harness from here on. */
      readonly t: "ship";
      readonly version: string;
      readonly parents: readonly string[];
      readonly verdict: string;
      readonly why: string;
    }
  | {
      /** A harness of its own for some clusters; `harness.json` stays. */
      readonly t: "fork";
      readonly variant: string;
      readonly version: string;
      readonly parent: string;
      readonly scope: readonly string[];
      /** Content of its manifest: nothing else holds a variant. */
      readonly manifest: string;
      readonly verdict: string;
      readonly why: string;
    }
  | { readonly t: "merge"; readonly variant: string; readonly into: string; readonly why: string }
  | { readonly t: "retire"; readonly variant: string; readonly why: string }
  | {
      /** A comparison of the incumbent with the anchor. */
      readonly t: "drift";
      readonly anchor: string;
      readonly harness: string;
      readonly counts: { readonly a: number; readonly b: number; readonly c: number };
      readonly alarm: boolean;
    }
  | { readonly t: "seal"; readonly run: number; readonly result: SealResult }
  | {
      /** `harness.json` is an earlier harness again, or an installation was given up. */
      readonly t: "rollback";
      readonly version: string;
      /** The harness that stood before; none when an installation was given up. */
      readonly parents: readonly string[];
      readonly why: string;
      /** Verdicts that no longer stand: what they let in must not come back without new evidence. */
      readonly undone?: readonly string[];
    }
  | { readonly t: "quarantine"; readonly entry: string; readonly why: string }
  | { readonly t: "human"; readonly who: string; readonly act: string }
  | {
      readonly t: "end";
      readonly run: number;
      readonly harness: string;
      readonly rollouts: number;
      readonly why: string;
    };

/** An entry in its place: `hash` covers the entry, its number and the hash of the one before. */
export type JournalEvent = JournalEntry & {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
};
