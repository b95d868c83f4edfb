import type { InjectionKind } from "./patterns.ts";

/** Options of the prompt-injection-guard processor. */
export interface PromptInjectionGuardOptions {
  /** Names of tools whose results are looked at, with `*` for any text. */
  readonly tools: readonly string[];
  /** Names of tools whose results are trusted, with `*` for any text. */
  readonly trusted: readonly string[];
  /** Whether to put results between delimiters that nobody outside the run can know. */
  readonly delimit: boolean;
  /** Whether to take out characters that a reader does not see. */
  readonly stripInvisible: boolean;
  /** What happens to a result with text that poses as instructions. */
  readonly action: "mark" | "strip" | "block" | "none";
  /** Kinds of such text that are not looked for. */
  readonly except: readonly InjectionKind[];
  /** Further regular expressions, matched with each line whatever its case. */
  readonly patterns: readonly string[];
  /** Added to the system prompt once, with `{open}` and `{close}`; empty for nothing. */
  readonly instruction: string;
  /** Line before a result that was marked; `{kinds}`. */
  readonly warning: string;
  /** What is shown in place of a line that was taken out, or of a result that was blocked; `{kinds}`. */
  readonly removed: string;
}
