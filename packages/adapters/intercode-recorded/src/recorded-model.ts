import type {
  MessageList,
  ModelBinding,
  ModelClient,
  ModelRequest,
  ModelResponse,
} from "@harnessx/core/plugin";
import { armOf, readSetting, type RecordedModelName } from "./arm.ts";
import { recordedError } from "./errors.ts";
import { openRecordings, type RecordedAction, type Recordings } from "./recordings.ts";

/** Options of the recorded model; `options.schema.json` says the same to the manifest. */
export interface RecordedOptions {
  /** Folder with `tasks.jsonl` and `recorded/`, absolute or relative to the working folder. */
  readonly data: string;
  /** Whose recordings to repeat. */
  readonly model?: RecordedModelName;
}

/** A recorded model; `bind` gives the client for one task. */
export interface RecordedModel extends ModelClient {
  readonly policy: "recorded";
  bind(binding: ModelBinding): ModelClient;
}

const tool = "execute_sql";
const callId = /^recorded\.(.+)\.(\d+)$/;

/** While the run was recorded the model saw its reward after each turn; the suite never shows one. */
const sawReward = "this recording was made with the reward shown after each turn";

/**
 * Creates the recorded model: emits the queries that a language model was recorded with under the
 * harness that the request shows, one each turn, then the text "Done.". The environment answers
 * live.
 *
 * Throws HX_RECORDED_DATA when the folder cannot be read. `generate` rejects with another
 * HX_RECORDED_… code where nothing was recorded.
 */
export function createRecordedModel(options: RecordedOptions): RecordedModel {
  const { model = "gpt-3.5" } = options;
  const recordings = openRecordings(options.data);
  const client = (taskId: string | undefined) => ({
    id: `recorded-${model}`,
    policy: "recorded" as const,
    async generate(
      request: ModelRequest,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<ModelResponse> {
      signal.throwIfAborted();
      if (taskId === undefined) throw recordedError("HX_RECORDED_UNBOUND");
      return answer(request, taskId, model, recordings);
    },
  });
  return { ...client(undefined), bind: ({ taskId }) => client(taskId) };
}

function answer(
  { messages, tools }: ModelRequest,
  taskId: string,
  model: RecordedModelName,
  recordings: Recordings,
): ModelResponse {
  const task = recordings.task(taskId);
  if (task === undefined) throw recordedError("HX_RECORDED_NO_TASK", { task: taskId, arm: model });
  const arm = armOf(readSetting(messages, task), model);
  const newest = newestCall(messages);
  if (newest !== undefined && newest.arm !== arm)
    throw recordedError("HX_RECORDED_ARM_CHANGED", { now: arm, before: newest.arm });
  const actions = recordings.actions(arm, task);
  if (actions === undefined) throw recordedError("HX_RECORDED_NO_TASK", { task: task.id, arm });
  const index = newest === undefined ? 0 : newest.index + 1;
  const action = actions[index];
  if (action !== undefined && !tools.some(({ name }) => name === tool))
    throw recordedError("HX_RECORDED_NO_TOOL");
  return {
    ...respond(action, `recorded.${arm}.${index}`, messages.tokens),
    ...(arm.includes("try-again") && { warnings: [sawReward] }),
  };
}

/** Tokens are estimated at four characters each: upstream recorded none. */
function respond(
  action: RecordedAction | undefined,
  id: string,
  input: number,
): Pick<ModelResponse, "content" | "toolCalls" | "finish" | "usage"> {
  if (action === undefined) {
    const content = [{ type: "text", text: "Done." }] as const;
    return { content, toolCalls: [], finish: "stop", usage: { input, output: 2 } };
  }
  const { query, thought = "" } = action;
  return {
    content: thought === "" ? [] : [{ type: "text", text: thought }],
    toolCalls: [{ id, name: tool, input: { query } }],
    finish: "tool_calls",
    usage: { input, output: Math.ceil((query.length + thought.length) / 4) },
  };
}

/**
 * The newest call that a recording made.
 *
 * Read from the history rather than counted inside, so that a retried, resumed or replayed step
 * gets the same call again, and from its end, so that compaction of older messages does no harm.
 */
function newestCall(
  messages: MessageList,
): { readonly arm: string; readonly index: number } | undefined {
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    const message = messages.at(i);
    if (message?.role !== "assistant") continue;
    for (const call of message.toolCalls.toReversed()) {
      const match = callId.exec(call.id);
      if (match) return { arm: match[1] ?? "", index: Number(match[2]) };
    }
  }
  return undefined;
}
