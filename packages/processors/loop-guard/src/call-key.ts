import type { ToolCall } from "@harnessx/core/plugin";

/** A text that is equal for equal calls, whatever the order of their argument keys. */
export function callKey(call: ToolCall): string {
  return `${call.name} ${canonical(call.input)}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`);
  return `{${fields.join(",")}}`;
}
