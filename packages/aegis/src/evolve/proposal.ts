import type { ManifestEdit } from "@harnessx/core";
import type { Dimension, HookName } from "@harnessx/core/plugin";
import type { Digest, Evidence } from "../digest/index.ts";
import type { Direction, Pathology } from "../plan/index.ts";
import type { ChangeManifest, EvolveContext, GeneratedPackage } from "./types.ts";

/** What an operator proposes; `evolve` makes a candidate of it. */
export interface Proposal {
  readonly operator: string;
  readonly dimension: Dimension;
  readonly pathology: Pathology;
  readonly bucket: ChangeManifest["bucket"];
  readonly mechanism: string;
  readonly evidence: readonly Evidence[];
  readonly hooks: readonly HookName[];
  /** Id of the entry whose activity the gain is attributed to. */
  readonly component: string;
  readonly edits: readonly ManifestEdit[];
  readonly packages: readonly GeneratedPackage[];
  readonly costRatio: number;
  /** (`gain`) */
  readonly intent?: ChangeManifest["intent"];
}

/** A way to answer a direction; undefined when it does not apply. */
export type Operator = (
  direction: Direction,
  digest: Digest,
  context: EvolveContext,
) => Proposal | undefined;

/** Whether the manifest has an entry of this id, a processor or tools. */
export const hasEntry = ({ manifest }: EvolveContext, id: string): boolean =>
  [...(manifest.processors ?? []), ...(manifest.tools ?? [])].some((entry) => entry.id === id);
