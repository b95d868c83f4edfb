import type { ToolStatus } from "../plugin/message.ts";
import type { ToolResult } from "../plugin/tool.ts";
import { cleanParts } from "./content.ts";
import { frozenJson } from "./json.ts";

const STATUSES: ReadonlySet<unknown> = new Set<ToolStatus>([
  "ok",
  "error",
  "refused",
  "timeout",
  "cancelled",
]);

/**
 * A tool result as a deep-frozen copy with the fields of the contract and no others; nothing when the
 * value is no tool result. Throws HX_NOT_JSON, or whatever the value itself throws.
 */
export function cleanToolResult(value: unknown): ToolResult | undefined {
  if (typeof value === "string") return Object.freeze({ status: "ok", content: value });
  if (typeof value !== "object" || value === null) return undefined;
  const { status, content, structured, error, end } = value as Record<string, unknown>;
  if (!STATUSES.has(status)) return undefined;
  const shown = typeof content === "string" ? content : cleanParts(content);
  if (shown === undefined) return undefined;
  const { code, message } = (error ?? {}) as Record<string, unknown>;
  return Object.freeze({
    status: status as ToolStatus,
    content: shown,
    ...(structured === undefined
      ? undefined
      : { structured: frozenJson(structured, "a structured result") }),
    ...(error === undefined || error === null
      ? undefined
      : { error: Object.freeze({ code: String(code), message: String(message) }) }),
    ...(end === true ? { end: true } : undefined),
  });
}
