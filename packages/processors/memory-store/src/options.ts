/** Options of the memory-store processor. */
export interface MemoryStoreOptions {
  /** `in-memory` lasts as long as the process, `sqlite` is one file, `markdown` a folder that people can edit. */
  readonly kind: "in-memory" | "sqlite" | "markdown";
  /** Tells stores of the kind `in-memory` apart. */
  readonly name: string;
  /** File or folder, relative to the working directory of the process; empty for the default of the kind. */
  readonly path: string;
  /** The oldest memories are forgotten beyond this number; 0 for the default of the kind. */
  readonly maxMemories: number;
  /** After this many days a memory counts half in the ranking; 0 turns ageing off. */
  readonly halfLifeDays: number;
}
