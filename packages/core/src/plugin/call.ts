import type { ToolCall } from "./message.ts";

/**
 * A text that is equal for equal calls, whatever the order of their argument keys.
 *
 * @example
 * ```ts
 * import { callKey } from "@harnessx/core/plugin";
 * callKey({ name: "add", input: { a: 1, b: 2 } }) === callKey({ name: "add", input: { b: 2, a: 1 } }); // true
 * ```
 */
export function callKey(call: Pick<ToolCall, "name" | "input">): string {
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

/** Names of arguments that hold a whole command, which then says by itself what the call does. */
const commandKeys = new Set(["command", "action", "cmd"]);
const maxChars = 100;

/**
 * A call in a few words, at most 100 characters: what a person or a model is reminded of.
 *
 * @example
 * ```ts
 * import { describeCall } from "@harnessx/core/plugin";
 * describeCall({ name: "act", input: { command: "go to shelf 1" } }); // "go to shelf 1"
 * describeCall({ name: "read_file", input: { path: "a.txt" } }); // "read_file a.txt"
 * ```
 */
export function describeCall({ name, input }: Pick<ToolCall, "name" | "input">): string {
  if (typeof input !== "object" || input === null) return short(`${name} ${plain(input)}`);
  const fields = Object.entries(input);
  const [first] = fields;
  if (first && fields.length === 1 && commandKeys.has(first[0]) && typeof first[1] === "string") {
    return short(first[1]);
  }
  return short([name, ...fields.map(([, value]) => plain(value))].join(" "));
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
}
