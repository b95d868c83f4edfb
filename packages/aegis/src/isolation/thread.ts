import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from "node:worker_threads";
import { GUEST_SOURCE } from "./guest-source.ts";
import type { PackageModules } from "./modules.ts";
import type { IsolationLimits } from "./types.ts";
import { WORKER_SOURCE } from "./worker-source.ts";

/** A compiled module: compiled once, sent to every thread. */
type WasmModule = object;

/** Node's types know the namespace by its types only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<WasmModule> };
};

/** What one call into a machine came to. */
export interface Answer {
  /** The answer of the plugin's code; empty when it returned a promise. */
  readonly result?: string;
  /** What has become of promises. */
  readonly poll?: string;
  readonly ticks?: number;
  readonly failed?: "fuel" | "memory" | "time" | "data" | "stopped";
  readonly problem?: string;
}

type Sent =
  | ({ readonly kind: "result" } & Answer)
  | { readonly kind: "host"; readonly machine: number; readonly text: string };

/** Answers what a machine asks; returns JSON and never throws. */
export type HostHandler = (text: string) => string;

const require = createRequire(import.meta.url);
let compiled: Promise<WasmModule> | undefined;

const wasmModule = (): Promise<WasmModule> =>
  (compiled ??= readFile(require.resolve("quickjs-wasi/quickjs.wasm")).then((bytes) =>
    wasm.compile(bytes),
  ));

/** Milliseconds for a thread to start and load its package; a busy machine takes a second for it. */
export const LOAD_MS = 20_000;

/** Why the code of a package could not be loaded. */
export class LoadFailure extends Error {
  readonly failed: Answer["failed"];
  constructor(failed: Answer["failed"], problem: string) {
    super(problem);
    this.failed = failed;
  }
}

/**
 * The worker thread of one plugin, with a machine for each of its runs.
 *
 * The host waits for an answer without giving up its turn, so that a hook is as synchronous as in
 * the trusted tier. A thread that does not answer in time is terminated, whatever it is doing:
 * engine code that runs for hours without a tick of fuel exists (a long search in a long text).
 */
export class SandboxThread {
  readonly #worker: Worker;
  readonly #calls: MessagePort;
  readonly #sync: MessagePort;
  readonly #flags: Int32Array;
  readonly #deadlineMs: number;
  readonly #machines = new Map<number, HostHandler>();
  readonly #opening = new Map<number, { resolve: () => void; reject: (why: Error) => void }>();
  #received = 0;
  #depth = 0;
  #next = 1;
  #dead: string | undefined;

  private constructor(
    worker: Worker,
    calls: MessagePort,
    sync: MessagePort,
    flags: Int32Array,
    ms: number,
  ) {
    this.#worker = worker;
    this.#calls = calls;
    this.#sync = sync;
    this.#flags = flags;
    this.#deadlineMs = ms;
    calls.on("message", (message: { readonly machine: number }) => {
      this.#opening.get(message.machine)?.resolve();
      this.#opening.delete(message.machine);
    });
    calls.unref();
    worker.on("error", (error) => this.#die(`its thread failed: ${String(error)}`));
    worker.on("exit", () => this.#die("its thread has ended"));
    worker.unref();
  }

  /** Starts a thread and loads the package into it. Throws a LoadFailure. */
  static async start(modules: PackageModules, limits: IsolationLimits): Promise<SandboxThread> {
    const calls = new MessageChannel();
    const sync = new MessageChannel();
    const shared = new SharedArrayBuffer(8);
    const worker = new Worker(WORKER_SOURCE, {
      eval: true,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      workerData: {
        library: pathToFileURL(require.resolve("quickjs-wasi")).href,
        wasm: await wasmModule(),
        modules: modules.files,
        entry: modules.entry,
        guest: GUEST_SOURCE,
        limits,
        shared,
        calls: calls.port2,
        sync: sync.port2,
      },
      transferList: [calls.port2, sync.port2],
    });
    const ended = new Promise<never>((_resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", () => reject(new LoadFailure("stopped", "its thread has ended")));
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new LoadFailure("time", `it did not load in ${LOAD_MS} ms`)),
        LOAD_MS,
      );
    });
    const first = new Promise<Answer>((resolve) => worker.once("message", resolve));
    try {
      const { failed, problem } = await Promise.race([first, ended, late]);
      if (failed) throw new LoadFailure(failed, problem ?? `it ran out of ${failed}`);
    } catch (thrown) {
      await worker.terminate();
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
    ended.catch(() => undefined);
    return new SandboxThread(
      worker,
      calls.port1,
      sync.port1,
      new Int32Array(shared),
      limits.deadlineMs,
    );
  }

  /** Why nothing can be asked of the thread any more. */
  get dead(): string | undefined {
    return this.#dead;
  }

  /** A new machine for one run. */
  async open(host: HostHandler): Promise<number> {
    if (this.#dead !== undefined) throw new Error(this.#dead);
    const machine = this.#next++;
    this.#machines.set(machine, host);
    this.#calls.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening.set(machine, { resolve, reject });
        this.#calls.postMessage({ kind: "open", machine });
      });
    } finally {
      if (this.#opening.size === 0) this.#calls.unref();
    }
    return machine;
  }

  close(machine: number): void {
    this.#machines.delete(machine);
    if (this.#dead === undefined) this.#calls.postMessage({ kind: "close", machine });
  }

  /** Calls into a machine and waits. A call from within a request of the thread goes to its waiting loop. */
  call(machine: number, text: string, now: number): Answer {
    if (this.#dead !== undefined) return { failed: "stopped", problem: this.#dead };
    const message = { kind: "call", machine, text, now };
    if (this.#depth > 0) this.#toWaiting(message);
    else this.#calls.postMessage(message);
    const deadline = performance.now() + this.#deadlineMs;
    for (;;) {
      const sent = this.#take(deadline);
      if (!sent) {
        this.#die(`it did not answer in ${this.#deadlineMs} ms`);
        return { failed: "time" };
      }
      if (sent.kind === "result") return sent;
      this.#depth += 1;
      const reply =
        this.#machines.get(sent.machine)?.(sent.text) ??
        '{"error":{"message":"The run has ended."}}';
      this.#depth -= 1;
      this.#toWaiting({ kind: "reply", text: reply });
    }
  }

  async terminate(): Promise<void> {
    this.#die("it was closed");
    await this.#worker.terminate();
  }

  #toWaiting(message: unknown): void {
    this.#sync.postMessage(message);
    Atomics.add(this.#flags, 1, 1);
    Atomics.notify(this.#flags, 1);
  }

  #take(deadline: number): Sent | undefined {
    while (Atomics.load(this.#flags, 0) === this.#received) {
      const left = deadline - performance.now();
      if (left <= 0 || Atomics.wait(this.#flags, 0, this.#received, left) === "timed-out")
        return undefined;
    }
    this.#received = (this.#received + 1) | 0;
    return receiveMessageOnPort(this.#sync)?.message as Sent | undefined;
  }

  #die(why: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = why;
    for (const { reject } of this.#opening.values()) reject(new Error(why));
    this.#opening.clear();
    this.#machines.clear();
    this.#calls.close();
    this.#sync.close();
    void this.#worker.terminate();
  }
}
