import { resolve } from "node:path";
import { exitCode, type ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { progress, type Progress } from "./output/progress.ts";
import { styleFor, type Style } from "./output/style.ts";

/** One command line being carried out: where it prints to and how it is stopped. */
export class Session {
  /** Whether stdout carries one JSON document in place of text. */
  json = false;
  /** What the command came to. */
  exit: ExitCode = exitCode.ok;
  readonly style: Style;
  #interrupted: AbortController | undefined;
  #release: () => void = () => undefined;
  readonly #cleanups: (() => Promise<void>)[] = [];

  constructor(readonly io: Io) {
    this.style = styleFor(io.stdout, io.env);
  }

  /** Columns to fill: long lines are hard to read however wide the screen is. */
  get width(): number {
    return Math.max(40, Math.min(this.io.stdout.columns ?? 80, 100));
  }

  /** Prints lines for people. */
  print(text = ""): void {
    if (!this.json) this.io.stdout.write(`${text}\n`);
  }

  /** Prints a remark that is no part of the result. */
  note(text: string): void {
    if (!this.json) this.io.stderr.write(`${text}\n`);
  }

  /** Prints the result for programs. */
  result(value: unknown): void {
    if (this.json) this.io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** An absolute path of what the user wrote. */
  path(given: string): string {
    return resolve(this.io.cwd, given);
  }

  /** A progress display on stderr. */
  progress(title: string): Progress {
    return progress(this.io.stderr, title);
  }

  /**
   * From here on Ctrl-C aborts this signal instead of ending the process, so that what is running
   * can be recorded to its end. A second Ctrl-C ends the process.
   */
  interruptSignal(): AbortSignal {
    if (!this.#interrupted) {
      const controller = new AbortController();
      this.#interrupted = controller;
      this.#release = this.io.onInterrupt(() => {
        if (controller.signal.aborted) process.exit(exitCode.interrupted);
        controller.abort(new Error("Interrupted with Ctrl-C."));
      });
    }
    return this.#interrupted.signal;
  }

  get interrupted(): boolean {
    return this.#interrupted?.signal.aborted ?? false;
  }

  /** Does something when the command is over, however it ends. */
  atEnd(cleanup: () => Promise<void>): void {
    this.#cleanups.push(cleanup);
  }

  /** Gives Ctrl-C back and cleans up. */
  async close(): Promise<void> {
    this.#release();
    await Promise.allSettled(this.#cleanups.map((cleanup) => cleanup()));
  }
}
