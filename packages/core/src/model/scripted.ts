import { hxError } from "../errors/index.ts";
import { toParts } from "../run/history.ts";
import type { ModelClient, ModelDelta, ModelRequest, ModelResponse } from "../plugin/model.ts";
import type { Part, ToolCall } from "../plugin/message.ts";

/** A response written by hand: text, calls, or both. */
export interface ScriptedReply {
  readonly text?: string;
  readonly thinking?: string;
  readonly calls?: readonly {
    readonly name: string;
    readonly input?: unknown;
    readonly id?: string;
    readonly malformed?: string;
  }[];
  readonly usage?: ModelResponse["usage"];
  readonly finish?: ModelResponse["finish"];
  /** Throws this in place of an answer. */
  readonly error?: Error;
}

/** A script: replies in order, or a function of the request and the number of the call (from 0). */
export type Script =
  | readonly ScriptedReply[]
  | ((request: ModelRequest, call: number) => ScriptedReply | Promise<ScriptedReply>);

/**
 * A model that says exactly what it is told; for tests, demos and documentation.
 *
 * With a list, the reply is chosen by the number of assistant messages in the request, so one
 * client serves any number of runs at the same time and a replay gets the same replies.
 * Errors: HX_SCRIPT_EXHAUSTED.
 *
 * @example
 * ```ts
 * import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
 * const agent = createAgent({ harness: await defineHarness({ name: "demo" }), models: { main: scriptedModel([{ text: "Hello." }]) } });
 * (await agent.run("Say hello.")).output; // "Hello."
 * ```
 */
export function scriptedModel(script: Script, options: { readonly id?: string } = {}): ModelClient {
  let calls = 0;
  const next = async (request: ModelRequest): Promise<ModelResponse> => {
    const reply =
      typeof script === "function" ? await script(request, calls++) : script[turnsOf(request)];
    if (!reply) throw hxError("HX_SCRIPT_EXHAUSTED", { call: turnsOf(request) + 1 });
    if (reply.error) throw reply.error;
    return responseOf(reply, request);
  };
  return {
    id: options.id ?? "scripted",
    policy: "scripted",
    generate: next,
    async *stream(request): AsyncGenerator<ModelDelta> {
      const response = await next(request);
      for (const part of response.content) {
        if (part.type === "image") continue;
        for (const piece of part.text.match(/\S+\s*|\s+/g) ?? [])
          yield { type: part.type, text: piece };
      }
      yield { type: "response", response };
    },
  };
}

function turnsOf(request: ModelRequest): number {
  let turns = 0;
  for (let index = 0; index < request.messages.length; index += 1) {
    if (request.messages.at(index)?.role === "assistant") turns += 1;
  }
  return turns;
}

function responseOf(reply: ScriptedReply, request: ModelRequest): ModelResponse {
  const content: Part[] = [];
  if (reply.thinking !== undefined) content.push({ type: "thinking", text: reply.thinking });
  if (reply.text !== undefined) content.push(...toParts(reply.text));
  const toolCalls: ToolCall[] = (reply.calls ?? []).map((call, index) => ({
    id: call.id ?? `call-${request.seed}-${index}`,
    name: call.name,
    input: call.input ?? {},
    ...(call.malformed === undefined ? {} : { malformed: call.malformed }),
  }));
  return {
    content,
    toolCalls,
    finish: reply.finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop"),
    usage: reply.usage ?? {
      input: request.messages.tokens,
      output: Math.ceil(JSON.stringify(reply.text ?? "").length / 4),
    },
  };
}
