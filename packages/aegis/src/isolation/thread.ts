import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from "node:worker_threads";
import { engineUrl, engineWasm } from "./engine.ts";
import { GUEST_SOURCE } from "./guest-source.ts";
import {
  LOAD_MS,
  LoadFailure,
  type Answer,
  type MachineHost,
  type Sandbox,
  type SandboxCode,
} from "./sandbox.ts";
import type { IsolationLimits } from "./types.ts";
import { WORKER_SOURCE } from "./worker-source.ts";

type Sent =
  | ({ readonly kind: "result" } & Answer)
  | { readonly kind: "host"; readonly machine: number; readonly text: string };

/** What a worker thread runs: it speaks the protocol of `SandboxThread`. */
export interface ThreadProgram {
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly hasTimers: boolean;
  /** Called once when the thread is gone. */
  ended?(): void;
}

/** Machines in a worker thread of their own. */
export async function startThread(code: SandboxCode, limits: IsolationLimits): Promise<Sandbox> {
  const data = {
    library: engineUrl(),
    wasm: await engineWasm(),
    modules: code.files,
    entry: code.entry,
    kind: code.kind,
    guest: GUEST_SOURCE,
    limits,
  };
  return SandboxThread.start({ source: WORKER_SOURCE, data, hasTimers: false }, limits);
}

/**
 * The worker thread of one plugin, with a machine for each of its runs.
 *
 * The host waits for an answer without giving up its turn, so that a hook is as synchronous as in
 * the trusted tier. A thread that does not answer in time is terminated, whatever it is doing:
 * engine code that runs for hours without a tick of fuel exists (a long search in a long text).
 */
export class SandboxThread implements Sandbox {
  readonly hasTimers: boolean;
  readonly #worker: Worker;
  readonly #calls: MessagePort;
  readonly #sync: MessagePort;
  readonly #flags: Int32Array;
  readonly #deadlineMs: number;
  readonly #ended: () => void;
  readonly #machines = new Map<number, MachineHost>();
  readonly #opening = new Map<number, { resolve: () => void; reject: (why: Error) => void }>();
  #received = 0;
  #held = 0;
  #depth = 0;
  #next = 1;
  #dead: string | undefined;

  private constructor(
    worker: Worker,
    calls: MessagePort,
    sync: MessagePort,
    flags: Int32Array,
    ms: number,
    program: ThreadProgram,
  ) {
    this.hasTimers = program.hasTimers;
    this.#ended = () => program.ended?.();
    this.#worker = worker;
    this.#calls = calls;
    this.#sync = sync;
    this.#flags = flags;
    this.#deadlineMs = ms;
    calls.on("message", (message: FromThread) => this.#receive(message));
    calls.unref();
    worker.on("error", (error) => this.#die(`its thread failed: ${String(error)}`));
    worker.on("exit", () => this.#die("its thread has ended"));
    worker.unref();
  }

  /** Starts a thread and waits until its program is ready. Throws a LoadFailure. */
  static async start(
    program: ThreadProgram,
    { deadlineMs }: Pick<IsolationLimits, "deadlineMs">,
  ): Promise<SandboxThread> {
    const calls = new MessageChannel();
    const sync = new MessageChannel();
    const shared = new SharedArrayBuffer(8);
    const worker = new Worker(program.source, {
      eval: true,
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      workerData: { ...program.data, shared, calls: calls.port2, sync: sync.port2 },
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
      program.ended?.();
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
      deadlineMs,
      program,
    );
  }

  /** Why nothing can be asked of the thread any more. */
  get dead(): string | undefined {
    return this.#dead;
  }

  /** A new machine for one run. */
  async open(host: MachineHost): Promise<number> {
    if (this.#dead !== undefined) throw new Error(this.#dead);
    const machine = this.#next++;
    this.#machines.set(machine, host);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening.set(machine, { resolve, reject });
        this.#keep();
        this.#calls.postMessage({ kind: "open", machine });
      });
    } finally {
      if (this.#dead === undefined) this.#keep();
    }
    return machine;
  }

  hold(by: 1 | -1): void {
    this.#held += by;
    if (this.#dead === undefined) this.#keep();
  }

  /** The host's process stays alive for what it waits for. */
  #keep(): void {
    if (this.#held > 0 || this.#opening.size > 0) this.#calls.ref();
    else this.#calls.unref();
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
        this.#machines.get(sent.machine)?.ask(sent.text) ??
        '{"error":{"message":"The run has ended."}}';
      this.#depth -= 1;
      this.#toWaiting({ kind: "reply", machine: sent.machine, text: reply });
    }
  }

  async terminate(): Promise<void> {
    this.#die("it was closed");
    await this.#worker.terminate();
  }

  #receive({ kind, machine, answer, problem }: FromThread): void {
    if (kind === "later") {
      this.#machines.get(machine)?.later(answer!);
      return;
    }
    const opening = this.#opening.get(machine);
    this.#opening.delete(machine);
    if (problem === undefined) opening?.resolve();
    else opening?.reject(new Error(problem));
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
    this.#ended();
  }
}

/** What a thread sends between calls. */
interface FromThread {
  readonly kind: "opened" | "later";
  readonly machine: number;
  readonly answer?: Answer;
  readonly problem?: string;
}
