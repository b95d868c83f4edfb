import { messageList } from "@harnessx/core";
import type {
  Message,
  ModelClient,
  ModelDelta,
  ModelRequest,
  ModelResponse,
  Part,
  ToolCall,
  ToolSpec,
  ToolStatus,
} from "@harnessx/core/plugin";

interface Draft {
  readonly role: Message["role"];
  readonly content: string | readonly Part[];
  readonly calls?: readonly ToolCall[];
  readonly callId?: string;
  readonly name?: string;
  readonly status?: ToolStatus;
}

export const weather: ToolSpec = {
  name: "get_weather",
  description: "The weather of a city.",
  inputSchema: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};

/** A request with these messages. */
export function requestOf(
  drafts: readonly Draft[],
  more: Partial<Omit<ModelRequest, "messages">> = {},
): ModelRequest {
  const messages = drafts.map(
    ({ role, content, calls = [], callId = "", name = "", status = "ok" }, id) =>
      ({
        id,
        role,
        content: typeof content === "string" ? [{ type: "text", text: content }] : content,
        ...(role === "assistant" ? { toolCalls: calls } : {}),
        ...(role === "tool" ? { callId, name, status } : {}),
      }) as Message,
  );
  return {
    messages: messageList(messages),
    tools: [],
    sampling: {},
    role: "main",
    seed: 7,
    ...more,
  };
}

export const ask = (text: string, more?: Partial<Omit<ModelRequest, "messages">>): ModelRequest =>
  requestOf([{ role: "user", content: text }], more);

export const never = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

/** What a stream yields: its texts, and the whole at the end. */
export async function drained(
  model: ModelClient,
  request: ModelRequest,
  context = never(),
): Promise<{ deltas: ModelDelta[]; response: ModelResponse }> {
  const deltas: ModelDelta[] = [];
  for await (const delta of model.stream!(request, context)) {
    if (delta.type === "response") return { deltas, response: delta.response };
    deltas.push(delta);
  }
  throw new Error("no response");
}

/** The error that a promise rejects with. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; retryable?: boolean; details?: Record<string, unknown> }> {
  try {
    await promise;
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error("it did not fail");
}
