import { badRequest } from "../http/failure.ts";
import { readContent } from "../run/content.ts";
import { readFlag, refuseUnsupported, type Fields } from "../run/fields.ts";
import type { AskedTask } from "../run/runner.ts";
import type { AgentOptions } from "../run/settings.ts";
import { taskOf, type GivenMessage } from "../run/task.ts";

/** A request to /v1/responses, read and checked. */
export interface ResponsesRequest {
  readonly task: AskedTask;
  readonly stream: boolean;
  readonly instructions: string | null;
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields that would change the answer, with the values under which they do not. */
const unsupported = {
  tools: isEmpty,
  background: (value: unknown) => value === false,
  conversation: () => false,
  previous_response_id: () => false,
  prompt: () => false,
  text: (value: unknown) => {
    const { format } = value as { format?: { type?: unknown } };
    return format === undefined || format.type === "text";
  },
};

/** Reads a request. Throws a `Failure` that names the field which is wrong. */
export function readResponsesRequest(fields: Fields, options: AgentOptions): ResponsesRequest {
  refuseUnsupported(fields, unsupported);
  const { input, instructions = null } = fields;
  if (instructions !== null && typeof instructions !== "string")
    throw badRequest("instructions must be a text.", "instructions");
  const told: readonly GivenMessage[] =
    instructions === null
      ? []
      : [
          {
            role: "system",
            content: readContent(instructions, "instructions"),
            at: "instructions",
          },
        ];
  return {
    task: taskOf([...told, ...readInput(input)], options.system),
    stream: readFlag(fields["stream"], "stream"),
    instructions,
  };
}

function readInput(input: unknown): readonly GivenMessage[] {
  if (typeof input === "string")
    return [{ role: "user", content: readContent(input, "input"), at: "input" }];
  if (!Array.isArray(input) || input.length === 0)
    throw badRequest("input must be a text or a list that is not empty.", "input");
  return input.flatMap((item, index) => readItem(item, `input[${index}]`));
}

function readItem(item: unknown, at: string): readonly GivenMessage[] {
  const { type = "message", role, content } = (item ?? {}) as Record<string, unknown>;
  if (type === "reasoning") return [];
  if (type !== "message")
    throw badRequest(`Items of type ${JSON.stringify(type)} are not supported.`, `${at}.type`);
  switch (role) {
    case "system":
    case "developer":
      return [{ role: "system", content: readContent(content, `${at}.content`), at }];
    case "user":
    case "assistant":
      return [{ role, content: readContent(content, `${at}.content`), at }];
    default:
      throw badRequest(`${JSON.stringify(role) ?? "No role"} is no role.`, `${at}.role`);
  }
}
