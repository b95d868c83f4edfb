import { randomUUID } from "node:crypto";
import type { LiveRun } from "./live-run.ts";

/** Handles at the same time; those of runs that have ended count too. */
const MAX_PARKED = 1_000;

/**
 * Runs that wait for a person, by the handle that their client has to show. A handle is not
 * guessable, belongs to one client and is good for one return.
 */
export class ParkedRuns {
  readonly #parked = new Map<
    string,
    { readonly run: LiveRun; readonly owner: string; readonly timer: NodeJS.Timeout }
  >();

  constructor(readonly timeoutMs: number) {}

  park(run: LiveRun, owner: string): string {
    const handle = `run.${randomUUID()}`;
    const timer = setTimeout(() => {
      this.#parked.delete(handle);
      run.abort("Nobody answered in time.");
    }, this.timeoutMs).unref();
    this.#parked.set(handle, { run, owner, timer });
    // A run may end meanwhile, as when a tool stops waiting: its client still gets what it came to.
    const [oldest] = this.#parked.keys();
    if (this.#parked.size > MAX_PARKED && oldest !== undefined) {
      this.#parked.get(oldest)?.run.abort("Too many runs wait for an answer.");
      this.#drop(oldest);
    }
    return handle;
  }

  has(handle: string): boolean {
    return this.#parked.has(handle);
  }

  take(handle: string, owner: string): LiveRun | undefined {
    const parked = this.#parked.get(handle);
    if (parked?.owner !== owner) return undefined;
    this.#drop(handle);
    return parked.run;
  }

  #drop(handle: string): void {
    clearTimeout(this.#parked.get(handle)?.timer);
    this.#parked.delete(handle);
  }
}
