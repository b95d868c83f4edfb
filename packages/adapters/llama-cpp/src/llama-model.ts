import { basename } from "node:path";
import {
  HarnessXError,
  type ModelClient,
  type ModelDelta,
  type ModelRequest,
  type ModelResponse,
  type ToolSpec,
} from "@harnessx/core/plugin";
import { chatItems } from "./conversation.ts";
import { llamaError, problemOf } from "./errors.ts";
import { generation, type Generated } from "./generation.ts";
import { replySchema } from "./grammar.ts";
import type { LlamaOptions } from "./options.ts";
import { Queue } from "./queue.ts";
import { replyOf } from "./reply.ts";
import { load } from "./runtime.ts";

/**
 * Loads a GGUF model into this process and makes it a model of HarnessX.
 *
 * Calls wait for each other: the model has one conversation in memory. An abort ends a call before
 * its next token. Errors: HX_LLAMA_*, none of which is worth a repetition.
 *
 * @example
 * ```ts
 * import { createLlamaModel } from "@harnessx/adapter-llama-cpp";
 * await createLlamaModel({ modelPath: "./no-such.gguf" }).catch((error) => error.code.slice(0, 8)); // "HX_LLAMA"
 * ```
 */
export async function createLlamaModel(options: LlamaOptions): Promise<ModelClient> {
  const runtime = await load(options);
  const { library, llama, model, wrapper, sequence, contextSize } = runtime;
  const { maxTokens = 1_024, temperature = 0.7, reusePrefix = true } = options;
  const mayAnswer = options.toolChoice !== "required";
  const id = options.id ?? basename(options.modelPath, ".gguf");
  const queue = new Queue();
  const grammars = new Map<string, object>();

  async function grammarFor(tools: readonly ToolSpec[]): Promise<object> {
    const schema = replySchema(tools, mayAnswer);
    const key = JSON.stringify(schema);
    const known = grammars.get(key);
    if (known) return known;
    try {
      const grammar = await llama.createGrammarForJsonSchema(schema);
      grammars.set(key, grammar);
      return grammar;
    } catch (thrown) {
      const names = tools.map(({ name }) => name);
      throw llamaError("HX_LLAMA_SCHEMA", { tools: names, problem: problemOf(thrown) }, thrown);
    }
  }

  async function* answer(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    const { sampling, tools, seed } = request;
    const { items, warnings } = chatItems(request, mayAnswer);
    const { contextText, stopGenerationTriggers } = wrapper.generateContextState({
      chatHistory: items,
    });
    const prompt = contextText.tokenize(model.tokenizer);
    if (prompt.length >= contextSize)
      throw llamaError("HX_LLAMA_CONTEXT", { tokens: prompt.length, contextSize });
    const hasTools = tools.length > 0;
    const grammar = hasTools ? await grammarFor(tools) : undefined;
    const pieces = generation({
      model,
      sequence,
      prompt,
      reusePrefix,
      signal,
      // Inside JSON a stop would cut a call in two; the grammar ends the answer there.
      stops: hasTools ? [] : [...stopTexts(stopGenerationTriggers), ...(sampling.stop ?? [])],
      // A grammar lets white space follow, and a weak model may never tire of it.
      isComplete: hasTools ? isJson : () => false,
      maxTokens: Math.min(sampling.maxTokens ?? maxTokens, contextSize - prompt.length),
      sampling: {
        temperature: sampling.temperature ?? temperature,
        ...(sampling.topP === undefined ? {} : { topP: sampling.topP }),
        seed: seed >>> 0,
        ...(grammar
          ? {
              grammarEvaluationState: new library.LlamaGrammarEvaluationState({ model, grammar }),
            }
          : {}),
      },
    });
    let next = await pieces.next();
    try {
      for (; !next.done; next = await pieces.next()) {
        // The pieces of a call are no text to show.
        if (!hasTools) yield { type: "text", text: next.value };
      }
    } finally {
      await pieces.return(undefined as never);
    }
    const left = hasTools && sampling.stop?.length ? ["The setting stop was left out."] : [];
    const response = responseOf(next.value, request, prompt, options, [...warnings, ...left]);
    yield { type: "response", response };
  }

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    const leave = await queue.enter(signal);
    try {
      yield* answer(request, signal);
    } catch (thrown) {
      if (signal.aborted || HarnessXError.isInstance(thrown)) throw thrown;
      throw llamaError("HX_LLAMA_FAILED", { model: id, problem: problemOf(thrown) }, thrown);
    } finally {
      leave();
    }
  }

  return {
    id,
    policy: "model",
    async generate(request, { signal }) {
      for await (const delta of stream(request, signal))
        if (delta.type === "response") return delta.response;
      throw llamaError("HX_LLAMA_FAILED", { model: id, problem: "there was no response." });
    },
    stream: (request, { signal }) => stream(request, signal),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Texts among a template's marks for the end of an answer; special tokens end it anyway. */
function stopTexts(triggers: readonly { readonly values: readonly unknown[] }[]): string[] {
  return triggers.flatMap(({ values }) => {
    const [only, ...more] = values;
    return typeof only === "string" && only !== "" && more.length === 0 ? [only] : [];
  });
}

function responseOf(
  generated: Generated,
  { tools, seed }: ModelRequest,
  prompt: readonly number[],
  { tokens: record = true, recordPrompt = false }: LlamaOptions,
  given: readonly string[],
): ModelResponse {
  const { text, tokens: output, logprobs, finish } = generated;
  const said =
    tools.length > 0
      ? replyOf(generated, `call-${seed}`)
      : { content: text === "" ? [] : [{ type: "text" as const, text }], toolCalls: [], finish };
  const isSound = logprobs.every(Number.isFinite);
  const warnings =
    record && !isSound ? [...given, "Log-probabilities were lost; tokens were left out."] : given;
  return {
    ...said,
    usage: { input: prompt.length, output: output.length },
    ...(record && isSound
      ? { tokens: { ...(recordPrompt ? { prompt } : {}), output, logprobs } }
      : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}
