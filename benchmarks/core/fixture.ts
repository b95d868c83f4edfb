/** The work that every contestant does: one model call and one tool call a step, two steps a run. */
import {
  defineHarness,
  defineProcessor,
  inline,
  tool,
  type LoadedHarness,
  type ModelClient,
  type ModelResponse,
  type Tool,
} from "@harnessx/core";

export const usage = { input: 10, output: 5 };

export const echo: Tool = tool<{ q: string }>({
  name: "echo",
  description: "Says it back.",
  inputSchema: {
    type: "object",
    properties: { q: { type: "string" } },
    required: ["q"],
    additionalProperties: false,
  },
  execute: async ({ q }) => q,
});

const call: ModelResponse = {
  content: [],
  toolCalls: [{ id: "c1", name: "echo", input: { q: "hello" } }],
  finish: "tool_calls",
  usage,
};
const done: ModelResponse = {
  content: [{ type: "text", text: "done" }],
  toolCalls: [],
  finish: "stop",
  usage,
};

/** Calls the tool once, then ends. */
export const twoSteps: ModelClient = {
  id: "mock",
  policy: "scripted",
  generate: async ({ messages }) => (messages.at(-1)!.role === "tool" ? done : call),
};

/** Calls the tool until the steps are spent; call ids have one length, as providers' have. */
export const forever: ModelClient = {
  id: "mock",
  policy: "scripted",
  generate: async ({ messages }) => ({
    ...call,
    toolCalls: [{ id: `c${messages.length}`, name: "echo", input: { q: "hello" } }],
  }),
};

/** A harness with `count` processors that do nothing on `beforeModel`. */
export function noOps(count: number): Promise<LoadedHarness> {
  const processors = Array.from({ length: count }, (_, index) =>
    inline(
      { name: `noop-${index}`, dimension: "control", hooks: ["beforeModel"] },
      defineProcessor((run) => {
        run.hooks.beforeModel.tap("nothing", () => undefined);
      }),
    ),
  );
  return defineHarness({ name: "bench", inline: processors });
}

interface PlainMessage {
  role: string;
  content: unknown;
  toolCalls?: ModelResponse["toolCalls"];
  callId?: string;
}

/** The floor: the same calls in a loop that a person would write by hand, without any framework. */
export async function handWritten(
  model: ModelClient,
  text: string,
  maxSteps = 50,
): Promise<PlainMessage[]> {
  const messages: PlainMessage[] = [{ role: "user", content: text }];
  const view = {
    at: (index: number) => messages.at(index),
    get length() {
      return messages.length;
    },
  };
  for (let step = 0; step < maxSteps; step += 1) {
    const response = await model.generate(
      { messages: view as never, tools: [echo], sampling: {}, role: "main", seed: step },
      { signal: undefined as never },
    );
    messages.push({ role: "assistant", content: response.content, toolCalls: response.toolCalls });
    if (response.toolCalls.length === 0) break;
    for (const { id, input } of response.toolCalls) {
      const result = await echo.execute(input as never, undefined as never);
      messages.push({ role: "tool", content: result, callId: id });
    }
  }
  return messages;
}
