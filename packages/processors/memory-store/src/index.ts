import { defineProcessor, memorySlot } from "@harnessx/core/plugin";
import { openStore } from "./open.ts";
import type { MemoryStoreOptions } from "./options.ts";

export type { MemoryStoreOptions } from "./options.ts";

/** Provides the agent's memory in the slot `memory`; other processors write it and search it. */
export default defineProcessor<MemoryStoreOptions>((run, options) => {
  const store = openStore(options);
  run.slots.provide(memorySlot, store);
  // A store is shared by runs: which one this run used belongs into its trace.
  run.hooks.taskStart.tap("name the store", () => {
    const { kind, name, path } = options;
    run.log("memory-store: provided", kind === "in-memory" ? { kind, name } : { kind, path });
  });
  run.onDispose(() => store.close?.());
});
