import type { ToolCall } from "@harnessx/core/plugin";

/** Names of arguments that hold a whole command, which then says by itself what the call does. */
const commandKeys = new Set(["command", "action", "cmd"]);
const maxChars = 100;

/** A call in a few words: "go to shelf 1" of a tool that takes commands, "read_file a.txt" of others. */
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
