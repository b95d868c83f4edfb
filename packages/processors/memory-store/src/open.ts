import type { MemoryStore } from "@harnessx/core/plugin";
import { checked } from "./checked.ts";
import { inMemoryStore } from "./in-memory.ts";
import { markdownStore } from "./markdown/store.ts";
import type { MemoryStoreOptions } from "./options.ts";
import { sqliteStore } from "./sqlite/store.ts";

/** What the kinds do where an option is left to them; searching a folder reads every file of it. */
const defaults = {
  "in-memory": { path: "", maxMemories: 200 },
  sqlite: { path: ".harnessx/memory.sqlite", maxMemories: 10_000 },
  markdown: { path: ".harnessx/memory", maxMemories: 1_000 },
} as const;

/** The store that the options describe; touches nothing before it is used. */
export function openStore(options: MemoryStoreOptions): MemoryStore {
  const { kind, name, halfLifeDays } = options;
  const path = options.path === "" ? defaults[kind].path : options.path;
  const maxMemories = options.maxMemories === 0 ? defaults[kind].maxMemories : options.maxMemories;
  switch (kind) {
    case "in-memory":
      return checked(inMemoryStore({ name, maxMemories, halfLifeDays }));
    case "sqlite":
      return checked(sqliteStore({ path, maxMemories, halfLifeDays }));
    case "markdown":
      return checked(markdownStore({ path, maxMemories, halfLifeDays }));
  }
}
