import {
  HarnessXError,
  hookNames,
  messageOf,
  type Cell,
  type HookName,
  type Json,
  type JsonObject,
  type Run,
} from "@harnessx/core";
import { readData } from "./data.ts";
import { isolationError } from "./errors.ts";
import { eventView } from "./events.ts";
import type { Answer, SandboxThread } from "./thread.ts";
import type { IsolationLimits } from "./types.ts";
import { makeVerdict, Refusal } from "./verdict.ts";
import { Shop } from "./view.ts";

interface Waiting {
  readonly where: string;
  resolve(text: string): void;
  reject(thrown: unknown): void;
}

/** Counts what plugins ask for. */
export type Usage = Map<string, number>;

/** One run of an isolated processor: its machine, and what of the run the machine may reach. */
export class Session {
  readonly #processor: string;
  readonly #thread: SandboxThread;
  readonly #run: Run;
  readonly #limits: IsolationLimits;
  readonly #usage: Usage;
  readonly #shop: Shop;
  readonly #waiting = new Map<number, Waiting>();
  readonly #errors: HarnessXError[] = [];
  readonly #cells: CellLink[] = [];
  #machine = 0;
  #calls = 0;
  #asks = 0;
  #taps = 0;
  #disposers = 0;
  #closed: string | undefined;

  private constructor(
    processor: string,
    thread: SandboxThread,
    run: Run,
    limits: IsolationLimits,
    usage: Usage,
  ) {
    this.#processor = processor;
    this.#thread = thread;
    this.#run = run;
    this.#limits = limits;
    this.#usage = usage;
    this.#shop = new Shop(limits);
  }

  /** Sets the processor up in a machine of its own. */
  static async start(
    processor: string,
    thread: SandboxThread,
    run: Run,
    options: JsonObject,
    limits: IsolationLimits,
    usage: Usage,
  ): Promise<void> {
    const session = new Session(processor, thread, run, limits, usage);
    session.#machine = await thread
      .open((text) => session.#host(text))
      .catch((thrown: unknown) => {
        throw session.#stopped(messageOf(thrown), thrown);
      });
    // Disposers run newest first: the machine goes after what the plugin itself has to do.
    run.onDispose(() => session.#end());
    const message = { op: "setup", run: { id: run.id, task: run.task }, options };
    await session.#call("setup", message, () => undefined);
  }

  /** Calls into the machine; a promise only when the plugin's code returned one. */
  #call<Result>(
    where: string,
    message: object,
    read: (data: Json) => Result,
  ): Result | Promise<Result> {
    if (this.#closed !== undefined) throw this.#stopped(this.#closed);
    this.#calls += 1;
    const call = this.#calls;
    const { result } = this.#send(where, { ...message, call }, call);
    if (result !== "") return this.#finish(where, result, read);
    const held = this.#held.get(call);
    this.#held.delete(call);
    if (held !== undefined) return Promise.resolve().then(() => this.#finish(where, held, read));
    return new Promise<string>((resolve, reject) => {
      this.#waiting.set(call, { where, resolve, reject });
    }).then((text) => this.#finish(where, text, read));
  }

  /** Answers to calls that nobody waits for yet. */
  readonly #held = new Map<number, string>();

  #send(where: string, message: object, own?: number): { readonly result: string } {
    const now = this.#run.clock.now();
    const answer = this.#thread.call(this.#machine, JSON.stringify({ ...message, now }), now);
    if (answer.failed) throw this.#fail(where, answer);
    if (answer.poll) this.#settle(answer.poll, where, own);
    return { result: answer.result ?? "" };
  }

  #settle(text: string, where: string, own: number | undefined): void {
    const read = readData(text);
    const poll = ("value" in read ? read.value : undefined) as
      | { readonly done: [number, string][]; readonly open: number[]; readonly asks: number }
      | undefined;
    if (!isPoll(poll)) throw this.#fail(where, { failed: "data", problem: "it is no poll" });
    for (const [call, result] of poll.done) {
      const waiting = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (waiting) waiting.resolve(result);
      else if (call === own) this.#held.set(call, result);
    }
    if (poll.asks > 0 || poll.open.length === 0) return;
    const stuck = isolationError("HX_ISOLATION_STUCK", { processor: this.#processor, where });
    this.#close("one of its promises can never settle", stuck);
    if (own !== undefined && poll.open.includes(own)) throw stuck;
  }

  #finish<Result>(where: string, text: string, read: (data: Json) => Result): Result {
    const parsed = readData(text);
    if ("problem" in parsed) throw this.#fail(where, { failed: "data", problem: parsed.problem });
    const { value } = parsed;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.#fail(where, { failed: "data", problem: "it is no answer" });
    const { ok, error } = value as { readonly ok?: Json; readonly error?: unknown };
    if (error !== undefined) throw this.#thrown(where, error);
    try {
      return read(ok ?? null);
    } catch (thrown) {
      if (thrown instanceof Refusal)
        throw this.#fail(where, { failed: "data", problem: thrown.message });
      throw thrown;
    }
  }

  /** What the plugin's code threw, as an error of the host's own. */
  #thrown(where: string, error: unknown): Error {
    const { memory, host, message, type } = (error ?? {}) as Readonly<Record<string, unknown>>;
    if (memory === true) return this.#fail(where, { failed: "memory" });
    // The very error that the runtime raised when the plugin asked for something.
    const raised = typeof host === "number" ? this.#errors[host] : undefined;
    if (raised) return raised;
    const text = typeof message === "string" ? message.slice(0, 2_000) : "something without a text";
    return type === true ? new TypeError(text) : new Error(text);
  }

  /** The error of a broken limit; the machine is not used again. */
  #fail(where: string, { failed, problem }: Answer): HarnessXError {
    const processor = this.#processor;
    const details = { processor, where };
    const error =
      failed === "fuel"
        ? isolationError("HX_ISOLATION_OUT_OF_FUEL", { ...details, fuel: this.#limits.fuel })
        : failed === "memory"
          ? isolationError("HX_ISOLATION_OUT_OF_MEMORY", details)
          : failed === "time"
            ? isolationError("HX_ISOLATION_OUT_OF_TIME", {
                ...details,
                ms: this.#limits.deadlineMs,
              })
            : failed === "data"
              ? isolationError("HX_ISOLATION_BAD_DATA", { ...details, problem: problem ?? "" })
              : this.#stopped(problem ?? "its run has ended");
    this.#close(error.message, error);
    return error;
  }

  #stopped(problem: string, cause?: unknown): HarnessXError {
    return isolationError("HX_ISOLATION_STOPPED", { processor: this.#processor, problem }, cause);
  }

  #close(why: string, error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    for (const cell of this.#cells) cell.release(undefined);
    this.#thread.close(this.#machine);
  }

  #end(): void {
    if (this.#closed !== undefined) return;
    for (const cell of this.#cells) cell.release(this.#cellValue(cell.name));
    this.#close("its run has ended", this.#stopped("its run has ended"));
  }

  #cellValue(name: string): Json | undefined {
    if (this.#closed !== undefined) return undefined;
    const where = `the cell ${name}`;
    const { result } = this.#send(where, { op: "cell", name });
    return this.#finish(where, result, (value) => value);
  }

  /* What the machine asks -------------------------------------------------------------------- */

  /** Answers a request of the machine. Never throws: it runs inside the thread's wait. */
  #host(text: string): string {
    try {
      const parsed = readData(text);
      if ("problem" in parsed) throw new Error(`the request is refused: ${parsed.problem}`);
      const { kind, data = null } = parsed.value as {
        readonly kind?: unknown;
        readonly data?: Json;
      };
      if (typeof kind !== "string" || !Object.hasOwn(this.#requests, kind))
        throw new Error("there is no such request");
      this.#usage.set(kind, (this.#usage.get(kind) ?? 0) + 1);
      return JSON.stringify({ ok: this.#requests[kind]!(data) });
    } catch (thrown) {
      return JSON.stringify({ error: this.#errorFor(thrown) });
    }
  }

  #errorFor(thrown: unknown): object {
    if (!HarnessXError.isInstance(thrown))
      return { message: messageOf(thrown), type: thrown instanceof TypeError };
    this.#errors.push(thrown);
    return { message: thrown.message, code: thrown.code, host: this.#errors.length - 1 };
  }

  readonly #requests: Readonly<Record<string, (data: Json) => unknown>> = {
    tap: (data) => {
      const { hook, name } = record(data);
      const known = hookNames.find((each) => each === hook);
      if (!known) throw new TypeError(`there is no hook ${String(hook)}`);
      const index = this.#taps;
      this.#run.hooks[known].tap(
        textIn(name),
        (event: unknown) => this.#tap(known, index, event) as never,
      );
      this.#taps += 1;
    },
    random: () => this.#run.random(),
    budget: () => this.#run.budget,
    state: () => {
      const { step, totals, messages } = this.#run.state;
      return { step, totals, messages: this.#shop.list(messages) };
    },
    aborted: () => this.#run.signal.aborted,
    cell: (data) => {
      const { name, initial = null } = record(data);
      const cell = this.#run.cell<Json>(textIn(name), initial) as Cell<Json>;
      // The plugin's copy of an object must not be the object that the host keeps.
      const { value } = cell;
      this.#cells.push(new CellLink(textIn(name), cell, () => this.#cellValue(textIn(name))));
      return value;
    },
    slotGet: (data) => {
      const value = this.#run.slots.get<unknown>({ name: textIn(data) });
      return value === undefined ? undefined : plainJson(value);
    },
    slotProvide: (data) => {
      const { name, value } = record(data);
      this.#run.slots.provide({ name: textIn(name) }, value);
    },
    log: (data) => {
      const { message, data: more } = record(data);
      const text = textIn(message).slice(0, MAX_LOG_CHARS);
      if (more === undefined) this.#run.log(text);
      else this.#run.log(text, more);
    },
    onDispose: () => {
      const index = this.#disposers++;
      this.#run.onDispose(() => {
        if (this.#closed !== undefined) return undefined;
        return this.#call("a disposer", { op: "dispose", index }, () => undefined);
      });
    },
    role: (role) => void this.#run.model(textIn(role)),
    generate: (data) => {
      const { role, prompt } = record(data);
      const { system, user, sampling } = record(prompt ?? null);
      if (typeof user !== "string" && !Array.isArray(user))
        throw new TypeError("the prompt has no user text");
      const asked = {
        user: user as string,
        ...(system === undefined ? {} : { system: textIn(system) }),
        ...(sampling === undefined ? {} : { sampling: record(sampling) as object }),
      };
      return this.#later(this.#run.model(textIn(role)).generate(asked));
    },
    spawn: (data) => {
      const { text, metadata } = record(data);
      const task = { text: textIn(text), ...(metadata === undefined ? {} : { metadata }) };
      return this.#later(this.#run.spawn(task));
    },
  };

  /** Tells the machine when `work` is done; returns the number by which it knows it. */
  #later(work: Promise<unknown>): number {
    const id = this.#asks++;
    const tell = (message: object): void => {
      if (this.#closed !== undefined) return;
      try {
        this.#send("a promise", { op: "asked", id, ...message });
      } catch (thrown) {
        this.#close(messageOf(thrown), thrown);
      }
    };
    work.then(
      (ok) => tell({ ok }),
      (thrown: unknown) => tell({ error: this.#errorFor(thrown) }),
    );
    return id;
  }

  #tap(hook: HookName, tap: number, event: unknown): unknown {
    const view = eventView(hook, event, this.#shop);
    const { omitted = 0 } = ("history" in view ? view.history : {}) as {
      readonly omitted?: number;
    };
    return this.#call(hook, { op: "tap", tap, event: view }, (data) =>
      makeVerdict(hook, event, data, omitted),
    );
  }
}

const MAX_LOG_CHARS = 10_000;

function isPoll(
  poll: unknown,
): poll is { readonly done: [number, string][]; readonly open: number[]; readonly asks: number } {
  const { done, open, asks } = (poll ?? {}) as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(done) &&
    done.every((pair) => Array.isArray(pair) && typeof pair[1] === "string") &&
    Array.isArray(open) &&
    typeof asks === "number"
  );
}

function record(data: Json): Readonly<Record<string, Json | undefined>> {
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new TypeError("it takes an object");
  return data as Readonly<Record<string, Json | undefined>>;
}

function textIn(value: Json | undefined): string {
  if (typeof value !== "string") throw new TypeError("it takes a text");
  return value;
}

/** What a slot holds, when it is data. */
function plainJson(value: unknown): Json {
  const problem = (at: unknown, depth: number): boolean => {
    if (typeof at === "function" || typeof at === "symbol" || typeof at === "bigint" || depth > 20)
      return true;
    if (typeof at !== "object" || at === null) return false;
    const prototype: unknown = Object.getPrototypeOf(at);
    if (prototype !== null && prototype !== Object.prototype && !Array.isArray(at)) return true;
    return Object.values(at).some((child) => problem(child, depth + 1));
  };
  if (problem(value, 0)) throw new TypeError("the slot holds something else than data");
  return value as Json;
}

/**
 * A cell of the run whose value lives in a machine.
 *
 * Reading it, as a swap does, brings the value over; nothing crosses the border before that.
 */
class CellLink {
  readonly name: string;
  readonly #cell: Cell<Json>;
  readonly #initial: Json;
  #read: string | undefined;
  #linked = true;

  constructor(name: string, cell: Cell<Json>, read: () => Json | undefined) {
    this.name = name;
    this.#cell = cell;
    this.#initial = cell.value;
    Object.defineProperty(cell, "value", {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = read() ?? this.#initial;
        this.#read = JSON.stringify(value);
        this.#put(value);
        return value;
      },
      set: (value: Json) => {
        this.#put(value);
      },
    });
  }

  /** The machine goes: the cell keeps its last value, unless somebody else has it by now. */
  release(last: Json | undefined): void {
    if (this.#linked) this.#put(last ?? this.#initial);
    else if (last !== undefined && this.#read !== undefined && this.#isData()) {
      if (JSON.stringify(this.#cell.value) === this.#read) this.#put(last);
    }
  }

  #isData(): boolean {
    return Object.getOwnPropertyDescriptor(this.#cell, "value")?.get === undefined;
  }

  #put(value: Json): void {
    this.#linked = false;
    Object.defineProperty(this.#cell, "value", {
      configurable: true,
      enumerable: true,
      writable: true,
      value,
    });
  }
}
