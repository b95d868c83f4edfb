import type { ToolResult } from "@harnessx/core/plugin";
import type { RetryPolicyOptions } from "./options.ts";

/** What a failure means for the same call made again. */
export type FailureKind = "retryable" | "permanent" | "unknown";

type Rules = Pick<RetryPolicyOptions, "retryable" | "permanent" | "retryTimeouts">;

/** Judges a result by its status and code, never by its text; nothing for one that is no failure. */
export function kindOf(
  { status, error }: Pick<ToolResult, "status" | "error">,
  { permanent, retryable, retryTimeouts }: Rules,
): FailureKind | undefined {
  if (status !== "error" && status !== "timeout") return undefined;
  const code = error?.code ?? "";
  if (isAmong(code, permanent)) return "permanent";
  if (status === "timeout") return retryTimeouts ? "retryable" : "permanent";
  return isAmong(code, retryable) ? "retryable" : "unknown";
}

function isAmong(code: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : code === pattern,
  );
}
