import type { Limits, Manifest, ManifestEdit } from "@harnessx/core";
import type { Dimension, HookName, JsonObject } from "@harnessx/core/plugin";
import type { Pathology } from "../plan/index.ts";

/** What a caller offers for insertion: data about a published package. */
export interface CatalogueEntry {
  /** Name of an installed package. */
  readonly package: string;
  /** Tells several entries of one package apart; also the id of the entry that is inserted. */
  readonly id?: string;
  readonly dimension: Dimension;
  readonly pathologies: readonly Pathology[];
  readonly defaultOptions?: JsonObject;
  /**
   * `insert` (the default) adds it where its package is not there yet. `replace` takes the place of the
   * entry of its package or group, and is added where there is none. `tune` sets these options of the
   * entry that is there and leaves its others.
   */
  readonly mode?: "insert" | "replace" | "tune";
  /** The job that it does, and the hooks that it taps, as in the package's metadata. */
  readonly group?: string;
  readonly hooks?: readonly HookName[];
  /** Least limits that it needs: raised where the harness has lower ones. */
  readonly limits?: Limits;
  /** Expected cost of a run over the present one (1.5 with limits, 1.2 without). */
  readonly costRatio?: number;
}

/** A package as text, before it is verified: source only, the gate builds. */
export interface GeneratedPackage {
  readonly name: string;
  readonly version: string;
  /** By path within the package, with forward slashes. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a candidate claims about itself; checked against what it is and, later, against what happened. */
export interface ChangeManifest {
  readonly dims: readonly Dimension[];
  readonly bucket: "prompt" | "config" | "processor" | "tools" | "control-flow";
  readonly intent: "gain" | "simplify" | "revert";
  readonly pathology: Pathology;
  /** `<trace>#<seq>` of the evidence. */
  readonly evidence: readonly string[];
  readonly mechanism: string;
  readonly touches: readonly {
    readonly hook: string;
    readonly slot: string;
    readonly key: string;
  }[];
  readonly predict: {
    readonly unlock: readonly string[];
    readonly stabilise: readonly string[];
    readonly atRisk: readonly string[];
    /** In points. */
    readonly delta: number;
    readonly costRatio: number;
  };
  /** The component that must have acted in this share of the won pairs. */
  readonly signature: { readonly component: string; readonly minShareOfFlips: number };
  readonly capability: readonly {
    readonly claim: string;
    readonly command: string;
    readonly output: string;
  }[];
  readonly rollback: {
    readonly to: string;
    readonly sideEffects: "none" | "declared";
    readonly undo: readonly string[];
  };
}

/** A complete proposal: edits of the manifest and the packages that they name. */
export interface Candidate {
  readonly v: 1;
  /** Hash of edits and packages: the same proposal has the same id in every round. */
  readonly id: string;
  /** Hash of the harness that it edits. */
  readonly parent: string;
  /** What made it, for the history. */
  readonly operator: string;
  readonly scope: "all" | readonly string[];
  readonly edits: readonly ManifestEdit[];
  readonly packages: readonly GeneratedPackage[];
  readonly manifest: ChangeManifest;
}

/** What operators work with. */
export interface EvolveContext {
  readonly round: number;
  readonly parent: string;
  readonly manifest: Manifest;
  readonly catalogue: readonly CatalogueEntry[];
  /** By entry id: the options with which processors of the parent run, defaults filled in. */
  readonly options: Readonly<Record<string, JsonObject>>;
  /** By entry id: what kind of processor it is. Entries without are neither removed nor moved. */
  readonly facts?: Readonly<
    Record<
      string,
      {
        readonly dimension?: Dimension;
        readonly group?: string;
        readonly hooks?: readonly HookName[];
      }
    >
  >;
  /** Operators that shipped or were refuted before. */
  readonly exclude: ReadonlySet<string>;
}
