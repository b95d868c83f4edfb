import type { ModelResponse, Part, ToolCall } from "@harnessx/core/plugin";
import type { Generated } from "./generation.ts";

/** What a model with tools said, from the JSON that the grammar held it to. */
export function replyOf(
  { text, finish }: Generated,
  id: string,
): Pick<ModelResponse, "content" | "toolCalls" | "finish"> {
  const words = (said: string): readonly Part[] =>
    said === "" ? [] : [{ type: "text", text: said }];
  const called = (call: ToolCall): Pick<ModelResponse, "content" | "toolCalls" | "finish"> => ({
    content: [],
    toolCalls: [call],
    finish: finish === "length" ? "length" : "tool_calls",
  });
  let reply: { readonly tool?: unknown; readonly input?: unknown; readonly answer?: unknown };
  try {
    reply = JSON.parse(text) as typeof reply;
  } catch (thrown) {
    // The answer was cut off at the limit of tokens.
    const name = /^\s*\{\s*"tool"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
    if (name === undefined) return { content: words(text), toolCalls: [], finish };
    return called({
      id,
      name: JSON.parse(`"${name}"`) as string,
      input: text,
      malformed: (thrown as Error).message,
    });
  }
  const { tool, input, answer } = reply;
  if (typeof tool === "string") return called({ id, name: tool, input: input ?? {} });
  return { content: words(String(answer ?? text)), toolCalls: [], finish: "stop" };
}
