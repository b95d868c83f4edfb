/** Options of the llama.cpp adapter, as `models.json` holds them. */
export interface LlamaOptions {
  /** Path of a GGUF file, from where the process starts. */
  readonly modelPath: string;
  /** Name in traces and price tables; the file's name when absent. */
  readonly id?: string;
  /** Tokens of prompt and answer together (4,096). */
  readonly contextSize?: number;
  /** Processor threads; half of the cores and at most 8 when absent. */
  readonly threads?: number;
  /** Layers on a GPU (0: none is used). */
  readonly gpuLayers?: number;
  /** Output tokens at most, when the request does not say (1,024). */
  readonly maxTokens?: number;
  /** When the request sets none (0.7); 0 takes the likeliest. */
  readonly temperature?: number;
  /** Whether a model with tools may also answer in words (`auto`) or must call one. */
  readonly toolChoice?: "auto" | "required";
  /** Records token ids and log-probabilities (true). */
  readonly tokens?: boolean;
  /** Records the token ids of the prompt as well (false). */
  readonly recordPrompt?: boolean;
  /** Evaluates only what was added to the previous prompt (true). */
  readonly reusePrefix?: boolean;
}
