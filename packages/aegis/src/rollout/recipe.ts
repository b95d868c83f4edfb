import type { ModelsFile } from "@harnessx/core";
import type { JsonObject } from "@harnessx/core/plugin";

/** How another process makes the suite and the models of a rollout: everything in it survives JSON. */
export interface RolloutRecipe {
  /** Folder from which packages are looked up and to which relative paths refer. */
  readonly root: string;
  readonly suite: { readonly use: string; readonly options?: JsonObject };
  /** Path of a models file, or its content. */
  readonly models: string | ModelsFile;
  /**
   * How generated packages, those in the workspace's plugin store, are opened: behind the wall of the
   * sandbox (`wasm`) or imported like any other (`trusted`).
   */
  readonly isolation?: "wasm" | "trusted";
}
