/** Options of the tool-call-repair processor. */
export interface ToolCallRepairOptions {
  /** Whether to repair the names of tools. */
  readonly names: boolean;
  /** How many letters of a name may be wrong, missing or swapped; 0: only upper and lower case, separators and prefixes. */
  readonly maxNameDistance: number;
  /** Whether to repair arguments. */
  readonly inputs: boolean;
  /** Names of tools, with `*` for any text, that are left alone. */
  readonly except: readonly string[];
}
