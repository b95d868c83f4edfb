import type { JsonObject } from "@harnessx/core/plugin";

/** A provider of models that `hx init` knows. */
export interface Provider {
  readonly name: string;
  readonly title: string;
  /** The adapter's package. */
  readonly use: string;
  /** Packages that it needs beside itself. */
  readonly also?: readonly string[];
  /** Suggested; absent where nobody can guess. */
  readonly model?: string;
  readonly modelQuestion: string;
  /** Environment variable of the key; absent where none is needed. */
  readonly keyEnv?: string;
  /** Suggested address; asked for when present. */
  readonly baseURL?: string;
  options(answers: {
    readonly model: string;
    readonly baseURL?: string;
    readonly keyEnv?: string;
  }): JsonObject;
}

const secret = (keyEnv: string | undefined): JsonObject =>
  keyEnv === undefined || keyEnv === "" ? {} : { apiKey: { env: keyEnv } };
const address = (baseURL: string | undefined): JsonObject =>
  baseURL === undefined ? {} : { baseURL };

/** In the order in which they are offered. */
export const providers: readonly Provider[] = [
  {
    name: "anthropic",
    title: "Anthropic",
    use: "@harnessx/adapter-anthropic",
    model: "claude-sonnet-4-5",
    modelQuestion: "Which model?",
    keyEnv: "ANTHROPIC_API_KEY",
    options: ({ model, baseURL, keyEnv }) => ({ model, ...address(baseURL), ...secret(keyEnv) }),
  },
  {
    name: "openai",
    title: "OpenAI",
    use: "@harnessx/adapter-openai",
    model: "gpt-5",
    modelQuestion: "Which model?",
    keyEnv: "OPENAI_API_KEY",
    options: ({ model, baseURL, keyEnv }) => ({ model, ...address(baseURL), ...secret(keyEnv) }),
  },
  {
    name: "compatible",
    title: "A server that speaks OpenAI's protocol (vLLM, Ollama, LM Studio, …)",
    use: "@harnessx/adapter-openai",
    modelQuestion: "Which model does it serve?",
    baseURL: "http://127.0.0.1:11434/v1",
    options: ({ model, baseURL, keyEnv }) => ({ model, ...address(baseURL), ...secret(keyEnv) }),
  },
  {
    name: "llama-cpp",
    title: "A GGUF file on this machine",
    use: "@harnessx/adapter-llama-cpp",
    also: ["node-llama-cpp"],
    modelQuestion: "Path of the GGUF file?",
    options: ({ model }) => ({ modelPath: model }),
  },
];
