import type { LoadedHarness, LoadedProcessor } from "@harnessx/core";
import type { IsolatedPlugin, Isolation } from "./types.ts";

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
      return dir === undefined ? processor : (await isolateProcessor(isolation, processor, dir)).processor;
    }),
  );
  return Object.freeze({ ...harness, processors: Object.freeze(processors) });
}
