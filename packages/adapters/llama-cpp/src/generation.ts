import type { FinishReason } from "@harnessx/core/plugin";
import type { LlamaModel, LlamaSequence, Token } from "./library.ts";

/** What to generate from and how. */
export interface GenerationInput {
  readonly model: LlamaModel;
  readonly sequence: LlamaSequence;
  readonly prompt: readonly Token[];
  readonly reusePrefix: boolean;
  /** Texts that end the answer; they are no part of it. */
  readonly stops: readonly string[];
  /** Whether the text says all that it can; looked at after a closing brace. */
  readonly isComplete: (text: string) => boolean;
  readonly maxTokens: number;
  /** Of the library: temperature, seed, grammar. */
  readonly sampling: object;
  readonly signal: AbortSignal;
}

/** What was generated. */
export interface Generated {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly logprobs: readonly number[];
  readonly finish: Extract<FinishReason, "stop" | "length">;
}

/** Generates until the model ends, a stop appears or the limit is reached; yields text that is certain. */
export async function* generation(input: GenerationInput): AsyncGenerator<string, Generated> {
  const { model, sequence, stops, signal } = input;
  const tokens: Token[] = [];
  const logprobs: number[] = [];
  let pending: Token[] = [];
  let text = "";
  let shown = 0;
  let finish: Generated["finish"] = "length";
  const rest = await unevaluated(input);
  signal.throwIfAborted();
  for await (const { token, confidence } of sequence.evaluateWithMetadata(
    rest,
    { confidence: true },
    input.sampling,
  )) {
    signal.throwIfAborted();
    tokens.push(token);
    logprobs.push(Math.min(0, Math.log(confidence)));
    if (model.isEogToken(token)) {
      finish = "stop";
      break;
    }
    pending.push(token);
    const piece = model.detokenize(pending, false, tokens.slice(0, -pending.length).slice(-8));
    // A character may take several tokens, four at most.
    if (!piece.endsWith("\uFFFD") || pending.length > 4) {
      text += piece;
      pending = [];
      const stop = earliest(text, stops);
      if (stop !== undefined) {
        text = text.slice(0, stop);
        finish = "stop";
        break;
      }
      if (piece.endsWith("}") && input.isComplete(text)) {
        finish = "stop";
        break;
      }
      const certain = text.length - undecided(text, stops);
      if (certain > shown) {
        yield text.slice(shown, certain);
        shown = certain;
      }
    }
    if (tokens.length >= input.maxTokens) break;
  }
  if (text.length > shown) yield text.slice(shown);
  return { text, tokens, logprobs, finish };
}

/** The end of the prompt that the sequence does not hold yet: one token at least. */
async function unevaluated({
  sequence,
  prompt,
  reusePrefix,
}: GenerationInput): Promise<readonly Token[]> {
  if (!reusePrefix) {
    await sequence.clearHistory();
    return prompt;
  }
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false);
  return prompt.slice(sequence.nextTokenIndex);
}

function earliest(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : undefined;
}

/** Length of the longest end of the text that may be the beginning of a stop. */
function undecided(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
