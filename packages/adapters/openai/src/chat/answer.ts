import type { FinishReason, ModelResponse, Part, Usage } from "@harnessx/core/plugin";
import { openaiError } from "../errors.ts";
import { callOf } from "../tool-arguments.ts";
import { TokenCollector } from "../tokens.ts";

/** The fields of a choice that matter, of a whole message and of a piece of one, at OpenAI and elsewhere. */
export interface ChatChoice {
  readonly index?: number;
  readonly message?: ChatPiece;
  readonly delta?: ChatPiece;
  readonly finish_reason?: string | null;
  readonly logprobs?: { readonly content?: unknown } | null;
  readonly token_ids?: unknown;
  readonly prompt_token_ids?: unknown;
}

interface ChatPiece {
  readonly content?: string | null;
  readonly refusal?: string | null;
  /** DeepSeek, vLLM, SGLang, … */
  readonly reasoning_content?: string | null;
  /** OpenRouter, Ollama, newer vLLM. */
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly CallPiece[] | null;
}

interface CallPiece {
  readonly index?: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown };
}

/** A whole response, or one event of a stream. */
export interface ChatChunk {
  readonly choices?: readonly ChatChoice[];
  readonly usage?: ChatUsage | null;
  readonly prompt_token_ids?: unknown;
}

interface ChatUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  length: "length",
  content_filter: "content_filter",
};

/** An answer that grows piece by piece; a whole one is a single piece. */
export class ChatAnswer {
  #text = "";
  #thinking = "";
  #refusal = "";
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  /** The place in `#calls` of each index of the stream. */
  readonly #places = new Map<number, number>();
  #finish: string | undefined;
  #usage: ChatUsage | undefined;
  readonly #tokens = new TokenCollector();

  /** Takes a piece and returns what is new to show. */
  take(chunk: ChatChunk): { readonly text: string; readonly thinking: string } {
    if (chunk.usage) this.#usage = chunk.usage;
    const choice = chunk.choices?.find(({ index = 0 }) => index === 0);
    const prompt = choice?.prompt_token_ids ?? chunk.prompt_token_ids;
    this.#tokens.take(choice?.token_ids, choice?.logprobs?.content, prompt);
    const piece = choice?.message ?? choice?.delta;
    if (choice?.finish_reason) this.#finish = choice.finish_reason;
    const refusal = piece?.refusal ?? "";
    const text = (piece?.content ?? "") + refusal;
    const thinking = piece?.reasoning_content ?? piece?.reasoning ?? "";
    this.#text += text;
    this.#thinking += thinking;
    this.#refusal += refusal;
    for (const call of piece?.tool_calls ?? []) this.#takeCall(call);
    return { text, thinking };
  }

  /** Whether the provider has said that it is done. */
  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  /** The answer as a response. `wantsTokens` warns when there are none. */
  response(facts: {
    readonly model: string;
    readonly warnings: readonly string[];
    readonly wantsTokens: boolean;
    readonly nameOf: (wire: string) => string;
  }): ModelResponse {
    const warnings = [...facts.warnings];
    const { tokens, warning } = this.#tokens.finish(facts.wantsTokens);
    if (warning !== undefined) warnings.push(warning);
    const toolCalls = this.#calls.map((call, index) =>
      // Some servers number nothing; core makes ids unique within the run.
      callOf(call.id || `call-${index}`, facts.nameOf(call.name), call.arguments),
    );
    const finish = this.#finishReason(warnings);
    if (this.#usage === undefined) warnings.push("The server reported no usage; it counts as 0.");
    const response: ModelResponse = {
      content: this.#content(),
      toolCalls,
      finish,
      usage: usageOf(this.#usage),
      ...(tokens ? { tokens } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
    };
    if (response.content.length === 0 && toolCalls.length === 0 && this.#finish === undefined) {
      throw openaiError(
        "HX_OPENAI_ANSWER",
        { model: facts.model, problem: "its choice is empty." },
        false,
      );
    }
    return response;
  }

  #takeCall({ index, id, function: called }: CallPiece): void {
    // Without an index every piece with an id begins a new call.
    const key = index ?? (id ? this.#calls.length : this.#calls.length - 1);
    let place = this.#places.get(key);
    // A few servers give every parallel call the index 0; the id tells them apart.
    const current = place === undefined ? undefined : this.#calls[place];
    if (current && id && current.id && current.id !== id) place = undefined;
    if (place === undefined) {
      place = this.#calls.push({ id: "", name: "", arguments: "" }) - 1;
      this.#places.set(key, place);
    }
    const call = this.#calls[place]!;
    if (id) call.id = id;
    if (called?.name && call.name === "") call.name = called.name;
    const { arguments: text } = called ?? {};
    // Some servers send the arguments parsed.
    if (typeof text === "string") call.arguments += text;
    else if (text != null) call.arguments = JSON.stringify(text);
  }

  #content(): Part[] {
    return [
      ...(this.#thinking === "" ? [] : [{ type: "thinking" as const, text: this.#thinking }]),
      ...(this.#text === "" ? [] : [{ type: "text" as const, text: this.#text }]),
    ];
  }

  #finishReason(warnings: string[]): FinishReason {
    if (this.#refusal !== "") {
      warnings.push("The model refused.");
      return "content_filter";
    }
    const known = FINISHES[this.#finish ?? ""];
    if (known === undefined)
      warnings.push(`The server ended with the unknown reason ${this.#finish ?? "none"}.`);
    const hasCalls = this.#calls.length > 0;
    if (known === "length" || known === "content_filter") return known;
    return hasCalls ? "tool_calls" : "stop";
  }
}

function usageOf(usage: ChatUsage | undefined): Usage {
  const input = usage?.prompt_tokens ?? 0;
  const cached = usage?.prompt_tokens_details?.cached_tokens;
  return {
    input,
    output: usage?.completion_tokens ?? 0,
    ...(cached == null ? {} : { cachedInput: Math.min(cached, input) }),
  };
}
