import {
  hashPackage,
  inspectPlugin,
  resolveOptions,
  type InlineProcessor,
  type JsonObject,
  type LoadedHarness,
  type LoadedProcessor,
  type ProcessorDefinition,
} from "@harnessx/core";
import type { IsolatedPlugin, Isolation } from "./types.ts";

/**
 * A package as an inline processor, for `loadHarness` and `defineHarness`: none of its code ever
 * runs outside the tier. A harness that `loadHarness` made by package name has imported the code.
 */
export async function isolatePackage(
  isolation: Isolation,
  name: string,
  dir: string,
  options: JsonObject = {},
): Promise<InlineProcessor> {
  const found = await inspectPlugin(dir);
  const integrity = await hashPackage(found.dir, found.entryFile);
  const unloaded = (): never => {
    throw new Error(`${name} is only run isolated`);
  };
  const plugin = await isolation.open({ processor: { id: name, setup: unloaded }, dir });
  const setup: ProcessorDefinition["setup"] = (run, given) => plugin.setup(run, given);
  // The hash of a harness covers an inline processor by its text: here the package stands for it.
  Object.defineProperty(setup, "toString", { value: () => integrity });
  return {
    name,
    metadata: found.metadata,
    options: resolveOptions(found, name, options),
    definition: { harnessx: "processor", setup },
  };
}

/**
 * The same processor with its code behind a wall: everything else of it stays, so that a harness
 * keeps its hash and its traces.
 */
export async function isolateProcessor(
  isolation: Isolation,
  processor: LoadedProcessor,
  dir: string,
): Promise<{ readonly processor: LoadedProcessor; readonly plugin: IsolatedPlugin }> {
  const plugin = await isolation.open({ processor, dir });
  return { processor: Object.freeze({ ...processor, setup: plugin.setup }), plugin };
}

/**
 * A harness in which the processors that `dirOf` gives a package folder for run in `isolation`.
 * The others stay as they are. Dispose the isolation when no run uses the harness any more.
 */
export async function isolateHarness(
  isolation: Isolation,
  harness: LoadedHarness,
  dirOf: (processor: LoadedProcessor) => string | undefined,
): Promise<LoadedHarness> {
  const processors = await Promise.all(
    harness.processors.map(async (processor) => {
      const dir = dirOf(processor);
      return dir === undefined
        ? processor
        : (await isolateProcessor(isolation, processor, dir)).processor;
    }),
  );
  return Object.freeze({ ...harness, processors: Object.freeze(processors) });
}
