import type { Memory, MemoryStore } from "@harnessx/core/plugin";
import { rank } from "./ranking.ts";

/** Process-wide on purpose: a store outlasts its run, and runs that name the same store share it. */
const stores = new Map<string, Map<string, Memory>>();

/** A store that lives as long as the process. */
export function inMemoryStore(options: {
  readonly name: string;
  readonly maxMemories: number;
  readonly halfLifeDays: number;
}): MemoryStore {
  const { name, maxMemories, halfLifeDays } = options;
  let memories = stores.get(name);
  if (!memories) stores.set(name, (memories = new Map()));
  const kept = memories;
  return {
    async add(added) {
      // A copy: what the caller does to its own later must not change the store.
      for (const memory of added) kept.set(memory.id, structuredClone(memory));
      for (const { id } of oldest([...kept.values()], kept.size - maxMemories)) kept.delete(id);
    },
    async search(query, { limit, now }) {
      return structuredClone(rank([...kept.values()], query, { limit, now, halfLifeDays }));
    },
    async remove(ids) {
      for (const id of ids) kept.delete(id);
    },
  };
}

/** The `count` oldest memories. */
export function oldest(memories: readonly Memory[], count: number): Memory[] {
  if (count <= 0) return [];
  return [...memories].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).slice(0, count);
}
