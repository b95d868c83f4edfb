import { badRequest } from "../http/failure.ts";
import { readContent } from "../run/content.ts";
import { readFlag, readSeed, refuseUnsupported, type Fields } from "../run/fields.ts";
import type { AskedTask } from "../run/runner.ts";
import type { AgentOptions } from "../run/settings.ts";
import { taskOf, type GivenMessage } from "../run/task.ts";

/** A request to /v1/chat/completions, read and checked. */
export interface ChatRequest {
  readonly task: AskedTask;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields that would change the answer, with the values under which they do not. */
const unsupported = {
  n: (value: unknown) => value === 1,
  tools: isEmpty,
  functions: isEmpty,
  audio: () => false,
  logprobs: (value: unknown) => value === false,
  top_logprobs: (value: unknown) => value === 0,
  response_format: (value: unknown) => (value as { type?: unknown }).type === "text",
};

/** Reads a request. Throws a `Failure` that names the field which is wrong. */
export function readChatRequest(fields: Fields, options: AgentOptions): ChatRequest {
  refuseUnsupported(fields, unsupported);
  const { messages, stream_options: streamOptions } = fields;
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest("messages must be a list that is not empty.", "messages");
  const given = messages.flatMap((message, index) => readMessage(message, `messages[${index}]`));
  const usage = (streamOptions ?? {}) as { include_usage?: unknown };
  return {
    task: { ...taskOf(given, options.system), ...readSeed(fields) },
    stream: readFlag(fields["stream"], "stream"),
    includeUsage: readFlag(usage.include_usage, "stream_options.include_usage"),
  };
}

function readMessage(message: unknown, at: string): readonly GivenMessage[] {
  const { role, content } = (message ?? {}) as Record<string, unknown>;
  switch (role) {
    case "system":
    case "developer":
      return [{ role: "system", content: readContent(content, `${at}.content`), at }];
    case "user":
    case "assistant":
      return [{ role, content: readContent(content, `${at}.content`), at }];
    case "tool":
    case "function":
      // Results of tools that the client ran for another model; the answers that followed say what came of them.
      return [];
    default:
      throw badRequest(`${JSON.stringify(role) ?? "No role"} is no role.`, `${at}.role`);
  }
}
