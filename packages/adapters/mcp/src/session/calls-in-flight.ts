import { AsyncLocalStorage } from "node:async_hooks";
import type { McpCall } from "./call.ts";

/** The call in whose HTTP exchange the present code runs. */
const exchange = new AsyncLocalStorage<McpCall>();

/** Runs code that belongs to no call, so that what it starts does not count as a call's. */
export const outsideOfCalls = <Result>(run: () => Result): Result => exchange.exit(run);

/** The call in whose HTTP exchange the present code runs, if it is one. */
export const callOfExchange = (): McpCall | undefined => exchange.getStore();

/**
 * Which calls a connection is working on, so that what a server asks reaches the run that it is about.
 *
 * Over HTTP a question arrives in the exchange of its call. Over a pipe nothing in revisions up to
 * 2025-11-25 says which call it belongs to: it is attributed when all calls in flight are of one run,
 * otherwise refused, and from then on calls of different runs to this server take turns.
 */
export class CallsInFlight {
  readonly #overHttp: boolean;
  readonly #calls = new Set<McpCall>();
  /** Runs with calls that were given up: the server may still ask on their behalf. */
  readonly #abandoned = new Set<string>();
  #waiting: (() => void)[] = [];
  #takeTurns = false;

  constructor(overHttp: boolean) {
    this.#overHttp = overHttp;
  }

  /** Performs a call while it is known to be in flight. */
  async perform<Result>(call: McpCall, send: () => Promise<Result>): Promise<Result> {
    const { runId } = call.context;
    while (this.#takeTurns && this.#others(runId) && !call.signal.aborted) await this.#change(call);
    call.signal.throwIfAborted();
    this.#calls.add(call);
    try {
      // Following the exchange costs something on every promise: a pipe has none to follow.
      return await (this.#overHttp ? exchange.run(call, send) : send());
    } finally {
      this.#calls.delete(call);
      if (call.signal.aborted) this.#abandoned.add(runId);
      if (this.#waiting.length > 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** The call that something which just arrived belongs to; undefined when it cannot be told. */
  owner(): McpCall | undefined {
    const known = exchange.getStore();
    if (known) return this.#calls.has(known) ? known : undefined;
    const newest = [...this.#calls].at(-1);
    if (!newest) return undefined;
    const { runId } = newest.context;
    const doubtful =
      this.#others(runId) || [...this.#abandoned].some((abandoned) => abandoned !== runId);
    return doubtful ? undefined : newest;
  }

  /** Calls of different runs take turns from now on. */
  takeTurns(): void {
    this.#takeTurns = true;
  }

  /** A new connection knows nothing of old calls. */
  forget(): void {
    this.#abandoned.clear();
  }

  #others(runId: string): boolean {
    for (const call of this.#calls) if (call.context.runId !== runId) return true;
    return false;
  }

  #change(call: McpCall): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      call.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
