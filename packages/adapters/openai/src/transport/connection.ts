import OpenAI from "openai";
import { openaiError } from "../errors.ts";
import { MAX_RESPONSE_BYTES, OPENAI_URL, type OpenAIOptions } from "../options.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** The longest delay of a Node timer. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The official client with nothing of its own going on: no retries, no deadline, no output, and
 * nothing read from the environment. Those belong to `models.json`.
 */
export function connect(options: OpenAIOptions): OpenAI {
  const { model, maxResponseBytes: limit = MAX_RESPONSE_BYTES } = options;
  return new OpenAI({
    baseURL: options.baseURL ?? OPENAI_URL,
    apiKey: options.apiKey ?? "none",
    adminAPIKey: null,
    organization: options.organization ?? null,
    project: options.project ?? null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: "off",
    ...(options.headers ? { defaultHeaders: options.headers } : {}),
    fetch: boundedFetch(limit, () => openaiError("HX_OPENAI_TOO_LARGE", { model, limit }, false)),
  });
}

/** Refuses a response to a streaming request that is no event stream, such as a login page. */
export function requireEventStream(response: Response, model: string): void {
  const type = response.headers.get("content-type") ?? "";
  if (!/html|json/i.test(type)) return;
  throw openaiError(
    "HX_OPENAI_ANSWER",
    { model, problem: `it streams nothing but answers with ${type.split(";")[0]}.` },
    false,
  );
}
