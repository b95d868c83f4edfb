import type { Tool, ToolCall } from "@harnessx/core/plugin";
import type { SelfVerifyOptions } from "./options.ts";

/** Tells calls that change something, and calls that check it. */
export interface CallKinds {
  /** Remembers the tags of a tool that is about to run. */
  meet(tool: Tool): void;
  isChange(call: ToolCall): boolean;
  isCheck(call: ToolCall): boolean;
}

/** Prepares the names and tags of the options. */
export function createCallKinds(options: SelfVerifyOptions): CallKinds {
  const writeTools = new Set(options.writeTools.map(bareName));
  const checkTools = new Set(options.checkTools.map(bareName));
  const writeTags = new Set(options.writeTags);
  /** Only the event before a call shows the tool. */
  const tagged = new Set<string>();
  return {
    meet({ name, tags = [] }) {
      if (tags.some((tag) => writeTags.has(tag))) tagged.add(name);
    },
    isCheck: ({ name }) => checkTools.has(bareName(name)),
    isChange: (call) =>
      tagged.has(call.name) || (writeTools.has(bareName(call.name)) && !isLook(call)),
  };
}

function bareName(name: string): string {
  return name.replace(/^.*__/s, "").toLowerCase();
}

/** Editors with many commands in one tool can look as well. */
function isLook({ input }: ToolCall): boolean {
  return (
    typeof input === "object" && input !== null && "command" in input && input.command === "view"
  );
}

const maxChars = 80;

/** A change in a few words: the tool and its first text, mostly a path. */
export function describeChange({ name, input }: ToolCall): string {
  const values = typeof input === "object" && input !== null ? Object.values(input) : [];
  const first = values.find((value) => typeof value === "string");
  const line = `${name} ${typeof first === "string" ? first : ""}`.replace(/\s+/g, " ").trim();
  return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
}
