import { llamaError, problemOf } from "./errors.ts";

/**
 * What this adapter uses of node-llama-cpp, in types of its own: the package is an optional peer
 * (with its GPU libraries it takes 700 MB) and must not be needed to build or to type-check.
 */
export interface LlamaLibrary {
  getLlama(options: object): Promise<Llama>;
  resolveChatWrapper(model: LlamaModel): ChatWrapper;
  readonly LlamaGrammarEvaluationState: new (options: {
    readonly model: LlamaModel;
    readonly grammar: object;
  }) => object;
}

/** The loaded runtime. */
export interface Llama {
  loadModel(options: object): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: object): Promise<object>;
  dispose(): Promise<void>;
}

/** A token id. */
export type Token = number;

export interface LlamaModel {
  readonly tokenizer: unknown;
  createContext(options: object): Promise<LlamaContext>;
  detokenize(tokens: readonly Token[], special?: boolean, last?: readonly Token[]): string;
  isEogToken(token: Token): boolean;
}

export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
}

/** One conversation in the context's memory. */
export interface LlamaSequence {
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>;
  evaluateWithMetadata(
    tokens: readonly Token[],
    metadata: { readonly confidence: true },
    options: object,
  ): AsyncGenerator<{ readonly token: Token; readonly confidence: number }, void, void>;
}

/** A text with marks for special tokens. */
interface MarkedText {
  readonly values: readonly unknown[];
  tokenize(tokenizer: unknown): Token[];
}

/** An entry of the conversation as chat templates take it. */
export type ChatItem =
  | { readonly type: "system"; readonly text: string }
  | { readonly type: "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

/** The chat template of a model. */
export interface ChatWrapper {
  generateContextState(options: { readonly chatHistory: readonly ChatItem[] }): {
    readonly contextText: MarkedText;
    readonly stopGenerationTriggers: readonly MarkedText[];
  };
}

/** Not a literal: the package may be absent, also for those who build this one. */
const LIBRARY: string = "node-llama-cpp";

/** Loads node-llama-cpp. Throws HX_LLAMA_MISSING. */
export async function loadLibrary(): Promise<LlamaLibrary> {
  try {
    return (await import(/* @vite-ignore */ LIBRARY)) as LlamaLibrary;
  } catch (thrown) {
    throw llamaError("HX_LLAMA_MISSING", { problem: problemOf(thrown) }, thrown);
  }
}
