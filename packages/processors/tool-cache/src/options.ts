/** Options of the tool-cache processor. */
export interface ToolCacheOptions {
  /** Tags of tools that only read. */
  readonly tags: readonly string[];
  /** Names of tools that only read, with `*` for any text. */
  readonly tools: readonly string[];
  /** Names of tools, with `*` for any text, that are always asked anew, such as a clock. */
  readonly except: readonly string[];
  /** Results to keep; the oldest is forgotten first. */
  readonly maxEntries: number;
  /** Characters of all results that are kept together; a longer result is not kept. */
  readonly maxChars: number;
  /** Steps after which a result is asked for anew; 0 never. */
  readonly maxAge: number;
  /** Line before a result that was kept; `{step}`. Empty for none. */
  readonly note: string;
}
