import type { LanguageModelV2, LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import type { ModelClient, ModelDelta, ModelRequest } from "@harnessx/core/plugin";
import { Answer, type Stop } from "./answer.ts";
import { callOf } from "./call.ts";
import { aiSdkError } from "./errors.ts";
import { abortedBy, failureOf } from "./failure.ts";
import type { CallOptions } from "./options.ts";
import { scrubber } from "./transport/secrets.ts";
import { namesOnWire } from "./wire-names.ts";

/** What code may say about a model beside how it is called. */
export interface LanguageModelOptions extends CallOptions {
  /** Name in traces and price tables; the model's own when absent. */
  readonly id?: string;
  /** Texts that must never show in an error, such as keys. */
  readonly secrets?: readonly string[];
}

/**
 * Any AI SDK language model (generation 2 or 3 of the interface) as a model of HarnessX.
 *
 * Calls reject with an `AiSdkModelError`, whose `retryable` tells whether to repeat. Nothing is
 * retried here, and answers are as large as the provider lets them be.
 *
 * @example
 * ```ts
 * import { fromLanguageModel } from "@harnessx/adapter-ai-sdk";
 * import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
 * const local = createOpenAICompatible({ name: "local", baseURL: "http://127.0.0.1:8000/v1" });
 * fromLanguageModel(local("qwen")).id; // "qwen"
 * ```
 */
export function fromLanguageModel(
  languageModel: LanguageModelV2 | LanguageModelV3,
  options: LanguageModelOptions = {},
): ModelClient {
  const generation = languageModel.specificationVersion;
  if (generation !== "v2" && generation !== "v3") {
    const problem = `its models speak generation ${String(generation)} of the interface`;
    const { provider = "unknown" } = languageModel as { readonly provider?: string };
    throw aiSdkError("HX_AI_SDK_PROVIDER", { provider, problem }, false);
  }
  // The two differ in what `Answer` and `callOf` know of.
  const target = languageModel as LanguageModelV3;
  const model = options.id ?? target.modelId;
  const scrub = scrubber(options.secrets ?? []);

  async function* deltas(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    const { call, warnings } = callOf(request, options, generation, signal);
    const { stream } = await target.doStream(call);
    const answer = new Answer(warnings, namesOnWire(request.tools));
    let end: { stop: Stop; usage: unknown } | undefined;
    for await (const part of read(stream)) {
      if (part.type === "error") throw part.error;
      if (part.type === "finish") end = { stop: stopOf(part.finishReason), usage: part.usage };
      const news = answer.takePart(part);
      if (news) yield news;
    }
    if (signal.aborted) throw abortedBy(signal);
    // Providers close a stream that was cut off as if it had ended for some other reason.
    if (!end || isCut(end.stop)) {
      const problem = "the stream stopped without a finish reason.";
      throw aiSdkError("HX_AI_SDK_CUT", { model, problem }, true);
    }
    requireSound(end.stop, model);
    yield { type: "response", response: answer.response(end.stop, end.usage) };
  }

  return {
    id: model,
    policy: "model",
    async generate(request, { signal }) {
      try {
        signal.throwIfAborted();
        const { call, warnings } = callOf(request, options, generation, signal);
        const result = await target.doGenerate(call);
        const answer = new Answer(warnings, namesOnWire(request.tools));
        for (const content of result.content) answer.takeContent(content);
        answer.warn(result.warnings);
        const stop = stopOf(result.finishReason);
        requireSound(stop, model);
        return answer.response(stop, result.usage);
      } catch (thrown) {
        throw failureOf(thrown, { model, signal, scrub });
      }
    },
    async *stream(request, { signal }) {
      try {
        signal.throwIfAborted();
        yield* deltas(request, signal);
      } catch (thrown) {
        throw failureOf(thrown, { model, signal, scrub });
      }
    },
  };
}

/** The parts of a stream; leaving early cancels it, and with it the request. */
async function* read(
  stream: ReadableStream<LanguageModelV3StreamPart>,
): AsyncGenerator<LanguageModelV3StreamPart> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}

/** The older generation has a word in place of an object. */
function stopOf(reason: unknown): Stop {
  return typeof reason === "string"
    ? { unified: reason, raw: reason === "unknown" ? undefined : reason }
    : (reason as Stop);
}

const isCut = ({ unified, raw }: Stop): boolean =>
  raw === undefined && (unified === "other" || unified === "unknown");

function requireSound({ unified, raw }: Stop, model: string): void {
  if (unified !== "error") return;
  const problem = `the provider ended with an error${raw ? ` (${raw})` : ""}.`;
  throw aiSdkError("HX_AI_SDK_UNAVAILABLE", { model, problem }, true);
}
