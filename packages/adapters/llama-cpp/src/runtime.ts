import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { llamaError, problemOf } from "./errors.ts";
import {
  loadLibrary,
  type ChatWrapper,
  type Llama,
  type LlamaLibrary,
  type LlamaModel,
  type LlamaSequence,
} from "./library.ts";
import type { LlamaOptions } from "./options.ts";

/** A loaded model, ready to speak. */
export interface Runtime {
  readonly library: LlamaLibrary;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly wrapper: ChatWrapper;
  readonly sequence: LlamaSequence;
  readonly contextSize: number;
}

/** More threads than cores that are free make every token wait for the slowest. */
export const defaultThreads = (): number =>
  Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2)));

/** Loads the library and the model; nothing is built and nothing is downloaded. Throws HX_LLAMA_*. */
export async function load(options: LlamaOptions): Promise<Runtime> {
  const { contextSize = 4_096, threads = defaultThreads(), gpuLayers = 0 } = options;
  const file = resolve(options.modelPath);
  const library = await loadLibrary();
  try {
    await requireGguf(file);
    const llama = await library.getLlama({
      ...(gpuLayers === 0 ? { gpu: false } : {}),
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: "disabled",
      maxThreads: threads,
    });
    const model = await llama.loadModel({ modelPath: file, gpuLayers });
    const context = await model.createContext({ contextSize, threads });
    return {
      library,
      llama,
      model,
      wrapper: library.resolveChatWrapper(model),
      sequence: context.getSequence(),
      contextSize: context.contextSize,
    };
  } catch (thrown) {
    throw llamaError("HX_LLAMA_MODEL", { file, problem: problemOf(thrown) }, thrown);
  }
}

/** The library reads a file that is none again and again for a minute before it says so. */
async function requireGguf(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const isGguf = bytesRead === 8 && buffer.toString("latin1", 0, 4) === "GGUF";
    if (!isGguf || buffer.readUInt32LE(4) > 3)
      throw new Error("it is no GGUF file of version 1 to 3");
  } finally {
    await handle.close();
  }
}
