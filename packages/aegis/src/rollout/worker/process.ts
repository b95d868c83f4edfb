import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { validatorFor } from "@harnessx/core";
import { aegisError } from "../../errors.ts";
import type { RolloutRecipe } from "../recipe.ts";
import { rolloutRecordSchema, type RolloutRecord } from "../record.ts";
import type { FromWorker, Job, PortableHarness, ToWorker } from "./messages.ts";
import { readPhase, type Phase } from "./phase.ts";

export interface WorkerOptions {
  readonly recipe: RolloutRecipe;
  /** A worker that is not heard of for so long is killed. */
  readonly silenceMs: number;
  /** A rollout, or the start of a worker, that takes longer is given up. */
  readonly deadlineMs: number;
  readonly execArgv?: readonly string[];
}

/** It stood still, it ended by itself, or somebody ended it. */
export type LossKind = "hung" | "died" | "killed";

/** A worker went away with what it was doing. */
export class WorkerLost extends Error {
  readonly kind: LossKind;
  readonly phase: Phase | undefined;

  constructor(kind: LossKind, detail: string, phase?: Phase) {
    super(`the worker process ${kind === "killed" ? "was killed" : kind} (${detail})`);
    this.kind = kind;
    this.phase = phase;
  }
}

/** This many characters of what a worker wrote to its error output stand in errors. */
const SAID = 500;
/** Signals that a process does not send itself by failing; the system's own when memory runs out is among them. */
const FROM_OUTSIDE: ReadonlySet<NodeJS.Signals> = new Set([
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
]);
const CHECK_EVERY = 250;
const LEAVE = 2000;
const LAST_WORDS = 500;

const entry = fileURLToPath(
  new URL(
    // Beside this module in its sources; in the published package everything lies in one folder.
    import.meta.url.endsWith(".ts") ? "./entry.ts" : "./rollout-worker.js",
    import.meta.url,
  ),
);

/** One child process, seen from the pool. It does one thing at a time. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  readonly #phaseFile: string;
  readonly #exited: Promise<void>;
  #said = "";
  #killed = false;
  #heard = performance.now();
  #waiting: { take(message: FromWorker): void; lose(lost: WorkerLost): void } | undefined;

  constructor(options: WorkerOptions, phaseFile: string) {
    this.#options = options;
    this.#phaseFile = phaseFile;
    this.#child = fork(entry, [], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      ...(options.execArgv ? { execArgv: [...options.execArgv] } : {}),
    });
    this.#child.stderr!.on("data", (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-SAID);
    });
    this.#child.on("message", (message: FromWorker) => {
      this.#heard = performance.now();
      if (message.t !== "beat") this.#waiting?.take(message);
    });
    // A worker that cannot be started, or was killed while a message was on its way to it.
    this.#child.on("error", (error) => this.#waiting?.lose(new WorkerLost("died", error.message)));
    this.#exited = new Promise((resolve) => {
      if (this.#child.pid === undefined) resolve();
      this.#child.once("exit", (code, signal) => {
        const kind = signal !== null && FROM_OUTSIDE.has(signal) ? "killed" : "died";
        const end = (): void => {
          clearTimeout(late);
          this.#waiting?.lose(this.#lost(kind, signal ?? `exit code ${code}`));
          resolve();
        };
        // With the last of what it wrote, unless a process of its own holds that open.
        const late = setTimeout(end, LAST_WORDS);
        this.#child.once("close", end);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return (
      !this.#killed &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null &&
      this.#child.connected
    );
  }

  /** What it wrote last to its error output. */
  get said(): string {
    return this.#said.trim();
  }

  async open(): Promise<void> {
    const { recipe } = this.#options;
    // Before its first line runs, and while it imports a suite, nothing is heard of it.
    await this.#ask({ t: "open", recipe, phaseFile: this.#phaseFile }, Infinity);
  }

  /** Rejects with `WorkerLost`, and with HX_ROLLOUT_WORKER_UNFIT when it does not make what the pool has. */
  async play(job: Job, harness: PortableHarness): Promise<RolloutRecord> {
    const answered = await this.#ask({ t: "play", job, harness });
    const record = answered.t === "played" ? answered.record : undefined;
    const problem = validatorFor(rolloutRecordSchema)(record);
    if (problem !== undefined || record!.id !== job.id)
      throw unfit(`a worker answered with no record of the rollout (${problem ?? "another id"})`);
    return record!;
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill("SIGKILL");
  }

  /** Lets it end by itself, for a moment. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.kill(), LEAVE);
    await this.#exited;
    clearTimeout(late);
  }

  async #ask(message: ToWorker, silenceMs: number = this.#options.silenceMs): Promise<FromWorker> {
    const watch = this.#watch(silenceMs);
    try {
      const answer = await new Promise<FromWorker>((resolve, reject) => {
        this.#waiting = { take: resolve, lose: reject };
        if (!this.alive) reject(this.#lost("killed", "before it was asked"));
        else this.#child.send(message);
      });
      if (answer.t === "unfit") throw unfit(answer.problem);
      return answer;
    } finally {
      clearInterval(watch);
      this.#waiting = undefined;
    }
  }

  #watch(silenceMs: number): NodeJS.Timeout {
    const { deadlineMs } = this.#options;
    const begun = performance.now();
    let checked = begun;
    this.#heard = begun;
    return setInterval(() => {
      const now = performance.now();
      // This process itself stood still: what the worker sent meanwhile has not been read yet.
      if (now - checked > 4 * CHECK_EVERY) this.#heard = now;
      checked = now;
      const silent = now - this.#heard > silenceMs;
      if (!silent && now - begun <= deadlineMs) return;
      const detail = silent ? `silent for ${silenceMs} ms` : `not done in ${deadlineMs} ms`;
      const lost = this.#lost("hung", detail);
      this.kill();
      this.#waiting?.lose(lost);
    }, CHECK_EVERY);
  }

  #lost(kind: LossKind, detail: string): WorkerLost {
    return new WorkerLost(kind, detail, readPhase(this.#phaseFile));
  }
}

export const unfit = (problem: string) => aegisError("HX_ROLLOUT_WORKER_UNFIT", { problem });
