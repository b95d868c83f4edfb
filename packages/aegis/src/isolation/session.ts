import { HarnessXError, messageOf, type Json } from "@harnessx/core";
import { readData } from "./data.ts";
import { isolationError } from "./errors.ts";
import type { Answer, Sandbox } from "./sandbox.ts";
import type { IsolationLimits } from "./types.ts";
import { Refusal } from "./verdict.ts";

/** Counts what plugins ask for. */
export type Usage = Map<string, number>;

/** The plugin that a session runs, and where. */
export interface SessionSubject {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly limits: IsolationLimits;
  readonly usage: Usage;
}

/** What a machine may ask the host for, by kind; each checks the data that it is given. */
export type Requests = Readonly<Record<string, (data: Json) => unknown>>;

interface Waiting {
  readonly where: string;
  resolve(text: string): void;
  reject(thrown: unknown): void;
}

interface Poll {
  readonly done: readonly (readonly [number, string])[];
  readonly open: readonly number[];
  readonly asks: number;
}

/** One machine and the talk with it: calls, their answers, requests, and the end when a limit breaks. */
export class Session {
  readonly #subject: SessionSubject;
  readonly #requests: Requests;
  readonly #now: () => number;
  readonly #ended: () => void;
  readonly #waiting = new Map<number, Waiting>();
  /** Answers to calls that nobody waits for yet. */
  readonly #held = new Map<number, string>();
  readonly #errors: HarnessXError[] = [];
  #machine = 0;
  #calls = 0;
  #asks = 0;
  #closed: string | undefined;

  constructor(
    subject: SessionSubject,
    world: { readonly requests: Requests; now(): number; ended?(): void },
  ) {
    this.#subject = subject;
    this.#requests = world.requests;
    this.#now = () => world.now();
    this.#ended = () => world.ended?.();
  }

  /** Takes a machine of its own. */
  async open(): Promise<void> {
    const { sandbox } = this.#subject;
    const host = {
      ask: (text: string) => this.#host(text),
      later: (answer: Answer) => this.#later(answer),
    };
    this.#machine = await sandbox.open(host).catch((thrown: unknown) => {
      throw this.#stopped(messageOf(thrown), thrown);
    });
  }

  /** Why the machine is not used any more. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** Calls into the machine; a promise only when the plugin's code returned one. */
  call<Result>(
    where: string,
    message: string,
    read: (data: Json) => Result,
  ): Result | Promise<Result> {
    if (this.#closed !== undefined) throw this.#stopped(this.#closed);
    this.#calls += 1;
    const call = this.#calls;
    const result = this.#send(where, message, call);
    if (result !== "") return this.#finish(where, result, read);
    const held = this.#held.get(call);
    this.#held.delete(call);
    if (held !== undefined) return Promise.resolve().then(() => this.#finish(where, held, read));
    const { sandbox } = this.#subject;
    sandbox.hold?.(1);
    return new Promise<string>((resolve, reject) => {
      this.#waiting.set(call, { where, resolve, reject });
    })
      .finally(() => sandbox.hold?.(-1))
      .then((text) => this.#finish(where, text, read));
  }

  /** Asks the machine for something that its code answers at once. */
  read(where: string, message: string): Json | undefined {
    if (this.#closed !== undefined) return undefined;
    return this.#finish(where, this.#send(where, message), (value) => value);
  }

  /** Tells the machine when `work` is done; returns the number by which it knows it. */
  later(work: Promise<unknown>): number {
    const id = this.#asks++;
    const tell = (rest: object): void => {
      if (this.#closed !== undefined) return;
      try {
        this.#send("a promise", JSON.stringify({ op: "asked", id, ...rest }));
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

  /** Ends it because its run is over. */
  end(): void {
    if (this.#closed !== undefined) return;
    this.#close("its run has ended", this.#stopped("its run has ended"));
  }

  /** `message` is JSON of an object or of a list; the time and the number of the call are put before the rest. */
  #send(where: string, message: string, own?: number): string {
    const now = this.#now();
    const call = own === undefined ? "" : `"call":${own},`;
    const head = message.startsWith("[") ? `[${now},${own},` : `{"now":${now},${call}`;
    const answer = this.#subject.sandbox.call(this.#machine, head + message.slice(1), now);
    if (answer.failed) throw this.#fail(where, answer);
    if (answer.poll) this.#settle(answer.poll, where, own);
    return answer.result ?? "";
  }

  #later(answer: Answer): void {
    if (this.#closed !== undefined) return;
    try {
      if (answer.failed) throw this.#fail("a promise", answer);
      if (answer.poll) this.#settle(answer.poll, "a promise", undefined);
    } catch (thrown) {
      this.#close(messageOf(thrown), thrown);
    }
  }

  #settle(text: string, where: string, own: number | undefined): void {
    const read = readData(text);
    const poll: unknown = "value" in read ? read.value : undefined;
    if (!isPoll(poll)) throw this.#fail(where, { failed: "data", problem: "it is no poll" });
    for (const [call, result] of poll.done) {
      const waiting = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (waiting) waiting.resolve(result);
      else if (call === own) this.#held.set(call, result);
    }
    if (poll.asks > 0 || poll.open.length === 0 || this.#subject.sandbox.hasTimers) return;
    const stuck = isolationError("HX_ISOLATION_STUCK", { processor: this.#subject.id, where });
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
  #fail(where: string, answer: Answer): HarnessXError {
    const error = this.#errorOf(where, answer);
    this.#close(error.message, error);
    return error;
  }

  #errorOf(where: string, { failed, problem }: Answer): HarnessXError {
    const { id: processor, limits } = this.#subject;
    switch (failed) {
      case "fuel":
        return isolationError("HX_ISOLATION_OUT_OF_FUEL", { processor, where, fuel: limits.fuel });
      case "memory":
        return isolationError("HX_ISOLATION_OUT_OF_MEMORY", { processor, where });
      case "time":
        return isolationError("HX_ISOLATION_OUT_OF_TIME", {
          processor,
          where,
          ms: limits.deadlineMs,
        });
      case "data":
        return isolationError("HX_ISOLATION_BAD_DATA", {
          processor,
          where,
          problem: problem ?? "",
        });
      case "stopped":
      case undefined:
        return this.#stopped(problem ?? "its run has ended");
    }
  }

  #stopped(problem: string, cause?: unknown): HarnessXError {
    return isolationError("HX_ISOLATION_STOPPED", { processor: this.#subject.id, problem }, cause);
  }

  #close(why: string, error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#ended();
    this.#subject.sandbox.close(this.#machine);
  }

  /** Answers a request of the machine. Never throws: it runs inside the sandbox's wait. */
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
      const { usage } = this.#subject;
      usage.set(kind, (usage.get(kind) ?? 0) + 1);
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
}

function isPoll(value: unknown): value is Poll {
  const { done, open, asks } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(done) &&
    done.every(
      (pair) => Array.isArray(pair) && typeof pair[0] === "number" && typeof pair[1] === "string",
    ) &&
    Array.isArray(open) &&
    typeof asks === "number"
  );
}

/** The fields of a request; throws what the plugin gets to see. */
export function record(data: Json): Readonly<Record<string, Json | undefined>> {
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new TypeError("it takes an object");
  return data as Readonly<Record<string, Json | undefined>>;
}

/** A text of a request. */
export function textIn(value: Json | undefined): string {
  if (typeof value !== "string") throw new TypeError("it takes a text");
  return value;
}

/** The message of a log entry as a trace may hold it. */
export const logText = (value: Json | undefined): string => textIn(value).slice(0, MAX_LOG_CHARS);

const MAX_LOG_CHARS = 10_000;
