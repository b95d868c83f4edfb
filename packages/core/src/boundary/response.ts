import type { ToolCall } from "../plugin/message.ts";
import type { FinishReason, ModelResponse, TokenRecord, Usage } from "../plugin/model.ts";
import { cleanParts } from "./content.ts";
import { frozenJson } from "./json.ts";

/** What is wrong with a value from outside. */
export class Malformed extends Error {}

const FINISHES: ReadonlySet<unknown> = new Set<FinishReason>([
  "stop",
  "tool_calls",
  "length",
  "content_filter",
]);

/**
 * A response as a deep-frozen copy with the fields of the contract and no others. Models are outside
 * input: throws `Malformed`, or whatever the value itself throws.
 */
export function cleanResponse(value: unknown): ModelResponse {
  if (typeof value !== "object" || value === null) throw new Malformed("it is no object");
  const { content, toolCalls, finish, usage, tokens, warnings } = value as Record<string, unknown>;
  const parts = cleanParts(content);
  if (!parts || typeof content === "string") throw new Malformed("content is no list of parts");
  if (!FINISHES.has(finish)) throw new Malformed(`finish is ${String(JSON.stringify(finish))}`);
  return Object.freeze({
    content: parts,
    toolCalls: cleanCalls(toolCalls),
    finish: finish as FinishReason,
    usage: cleanUsage(usage),
    ...(tokens === undefined || tokens === null ? undefined : { tokens: cleanTokens(tokens) }),
    ...(Array.isArray(warnings) ? { warnings: Object.freeze(warnings.map(String)) } : undefined),
  });
}

const NO_CALLS: readonly ToolCall[] = Object.freeze([]);

/** Tool calls as frozen copies. Throws `Malformed`. */
export function cleanCalls(value: unknown): readonly ToolCall[] {
  if (!Array.isArray(value)) throw new Malformed("toolCalls is no list");
  if (value.length === 0) return NO_CALLS;
  return Object.freeze(
    (value as readonly unknown[]).map((call): ToolCall => {
      const { id, name, input, malformed } = (call ?? {}) as Record<string, unknown>;
      if (typeof id !== "string" || id === "") throw new Malformed("a tool call has no id");
      if (typeof name !== "string") throw new Malformed(`tool call ${id} has no name`);
      return Object.freeze({
        id,
        name,
        input: frozenJson(input, `the input of ${name}`),
        ...(typeof malformed === "string" ? { malformed } : undefined),
      });
    }),
  );
}

function cleanUsage(value: unknown): Usage {
  const { input, output, cachedInput } = (value ?? {}) as Record<string, unknown>;
  if (!isCount(input) || !isCount(output)) throw new Malformed("usage has no token counts");
  if (cachedInput === undefined || cachedInput === null) return Object.freeze({ input, output });
  if (!isCount(cachedInput) || cachedInput > input)
    throw new Malformed("usage.cachedInput is no part of input");
  return Object.freeze({ input, output, cachedInput });
}

function cleanTokens(value: unknown): TokenRecord {
  const { prompt, output, logprobs } = value as Record<string, unknown>;
  if (!isNumbers(output) || !isNumbers(logprobs))
    throw new Malformed("tokens has no lists of numbers");
  if (output.length !== logprobs.length)
    throw new Malformed("token ids and log-probabilities differ in length");
  if (logprobs.some((logprob) => logprob > 0))
    throw new Malformed("a log-probability is not finite and ≤ 0");
  if (prompt !== undefined && !isNumbers(prompt))
    throw new Malformed("tokens.prompt is no list of numbers");
  return Object.freeze({
    ...(prompt === undefined ? undefined : { prompt: Object.freeze([...prompt]) }),
    output: Object.freeze([...output]),
    logprobs: Object.freeze([...logprobs]),
  });
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isFinite(item));
}
