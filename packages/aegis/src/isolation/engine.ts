import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** A compiled module: compiled once, shared by every machine. */
type WasmModule = object;

/** Node's types know the namespace by its types only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<WasmModule> };
};

const require = createRequire(import.meta.url);
let compiled: Promise<WasmModule> | undefined;

/** The address of the library that drives the engine. */
export const engineUrl = (): string => pathToFileURL(require.resolve("quickjs-wasi")).href;

/** The engine itself. */
export const engineWasm = (): Promise<WasmModule> =>
  (compiled ??= readFile(require.resolve("quickjs-wasi/quickjs.wasm")).then((bytes) =>
    wasm.compile(bytes),
  ));
