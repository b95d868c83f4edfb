import type {
  Json,
  MessageList,
  ModelBinding,
  ModelClient,
  ModelRequest,
  ModelResponse,
} from "@harnessx/core/plugin";
import { tinyPolicyError } from "./errors.ts";

type GoldCall = { readonly name: string; readonly input: Json };

const idPrefix = "oracle-";

/**
 * The position of the next gold call: one after the newest call in the history that an oracle made.
 *
 * Read from the history rather than counted inside, so that a retried, resumed or replayed step
 * gets the same call again, and from its end, so that compaction of older messages does no harm.
 */
function nextIndex(messages: MessageList): number {
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    const message = messages.at(i)!;
    if (message.role !== "assistant") continue;
    for (const call of message.toolCalls.toReversed()) {
      const index = call.id.startsWith(idPrefix)
        ? Number(call.id.slice(idPrefix.length))
        : Number.NaN;
      if (Number.isInteger(index)) return index + 1;
    }
  }
  return 0;
}

const reply = (call: GoldCall | undefined, index: number): ModelResponse => ({
  content: call === undefined ? [{ type: "text", text: "done" }] : [],
  toolCalls:
    call === undefined ? [] : [{ id: `${idPrefix}${index}`, name: call.name, input: call.input }],
  finish: call === undefined ? "stop" : "tool_calls",
  usage: { input: 0, output: 0 },
});

/**
 * Creates the oracle: emits the gold calls of the task it is bound to, in order, then the text
 * "done". For testing the plumbing; its results say nothing about a model or a harness.
 *
 * Unbound, `generate` rejects with `HX_MODEL_UNBOUND`.
 */
export function createOracle(): ModelClient & { bind(binding: ModelBinding): ModelClient } {
  const client = (
    gold: readonly GoldCall[] | undefined,
    taskId: string | undefined,
  ): ModelClient => ({
    id: "oracle",
    policy: "oracle",
    async generate({ messages }: ModelRequest, { signal }): Promise<ModelResponse> {
      signal.throwIfAborted();
      if (gold === undefined)
        throw tinyPolicyError("HX_MODEL_UNBOUND", { taskId: taskId ?? "(not bound to one)" });
      const index = nextIndex(messages);
      return reply(gold[index], index);
    },
  });
  return {
    ...client(undefined, undefined),
    bind: ({ oracle, taskId }) => client(oracle, taskId),
  };
}
