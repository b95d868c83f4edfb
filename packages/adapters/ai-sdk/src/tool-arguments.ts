import type { ToolCall } from "@harnessx/core/plugin";

/** A tool call from the arguments' text; text that is no JSON is kept and marked as malformed. */
export function callOf(id: string, name: string, text: string): ToolCall {
  // Many servers send nothing for a tool without arguments.
  if (text.trim() === "") return { id, name, input: {} };
  try {
    return { id, name, input: JSON.parse(text) as unknown };
  } catch (thrown) {
    return { id, name, input: text, malformed: (thrown as Error).message };
  }
}
