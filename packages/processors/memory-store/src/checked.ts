import type { Memory, MemoryStore } from "@harnessx/core/plugin";
import { storeError } from "./errors.ts";

/** Longest text of one memory. */
export const maxChars = 20_000;

/** What every store relies on: ids and texts of a sane size, times that are numbers, limits that are counts. */
export function checked(store: MemoryStore): MemoryStore {
  return {
    async add(memories) {
      const problem = memories.map(problemOf).find((found) => found !== undefined);
      if (problem !== undefined) throw storeError("HX_MEMORY_INVALID", { problem, maxChars });
      if (memories.length > 0) await store.add(memories);
    },
    async search(query, { limit, now }) {
      const most = Math.floor(limit);
      return most >= 1 ? store.search(query, { limit: most, now }) : [];
    },
    async remove(ids) {
      if (ids.length > 0) await store.remove(ids);
    },
    ...(store.close ? { close: () => store.close!() } : {}),
  };
}

function problemOf({ id, text, at }: Memory): string | undefined {
  if (typeof id !== "string" || id === "" || id.length > 200) return "its id is empty or too long";
  if (typeof text !== "string" || text.trim() === "") return `the memory ${id} has no text`;
  if (text.length > maxChars) return `the text of the memory ${id} is too long`;
  return Number.isFinite(at) ? undefined : `the time of the memory ${id} is no number`;
}
