import Anthropic from "@anthropic-ai/sdk";
import { anthropicError } from "../errors.ts";
import { ANTHROPIC_URL, MAX_RESPONSE_BYTES, type AnthropicOptions } from "../options.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** The longest delay of a Node timer. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The official client with nothing of its own going on: no retries, no deadline, no output, no
 * spans, and nothing read from the environment or from profiles. Those belong to `models.json`.
 */
export function connect(options: AnthropicOptions): Anthropic {
  const { model, apiKey = "none", maxResponseBytes: limit = MAX_RESPONSE_BYTES } = options;
  return new Anthropic({
    baseURL: options.baseURL ?? ANTHROPIC_URL,
    // Without a key the client would look for some on its own.
    apiKey,
    authToken: null,
    webhookKey: null,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: "off",
    openTelemetry: false,
    ...(options.headers ? { defaultHeaders: options.headers } : {}),
    fetch: boundedFetch(limit, () =>
      anthropicError("HX_ANTHROPIC_TOO_LARGE", { model, limit }, false),
    ),
  });
}

/** Refuses a response to a streaming request that is no event stream, such as a login page. */
export function requireEventStream(response: Response, model: string): void {
  const type = response.headers.get("content-type") ?? "";
  if (!/html|json/i.test(type)) return;
  throw anthropicError(
    "HX_ANTHROPIC_ANSWER",
    { model, problem: `it streams nothing but answers with ${type.split(";")[0]}.` },
    false,
  );
}
