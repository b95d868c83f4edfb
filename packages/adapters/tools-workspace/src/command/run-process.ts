import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { CommandRequest, CommandResult } from "@harnessx/core/plugin";
import { CappedOutput } from "./capped-output.ts";
import { killMarked, MARK } from "./marked.ts";

/** A program to start as a process of this machine. */
export interface ProcessToRun extends Omit<CommandRequest, "cwd" | "env"> {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whose rights it gets, when this process is root. */
  readonly identity?: { readonly uid: number; readonly gid: number };
}

/** How long output may trickle in behind the end of the program, in milliseconds. */
const DRAIN_MS = 250;

/**
 * Runs a program in a process group of its own. When it ends, runs out of time or is aborted,
 * everything that it started ends with it. Rejects only when it could not be started.
 */
export async function runProcess(run: ProcessToRun): Promise<CommandResult> {
  run.signal.throwIfAborted();
  const mark = randomUUID();
  const child = start(run, mark);
  const stdout = new CappedOutput(run.maxOutputBytes);
  const stderr = new CappedOutput(run.maxOutputBytes);
  child.stdout?.on("data", (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.add(chunk));
  // A program need not read what it is given.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(run.stdin);

  let timedOut = false;
  const stop = (): void => killGroup(child);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, run.timeoutMs);
  run.signal.addEventListener("abort", stop, { once: true });
  try {
    const exitCode = await ended(child);
    await killMarked(mark);
    return {
      exitCode,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      truncated: stdout.truncated || stderr.truncated,
      timedOut,
    };
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener("abort", stop);
  }
}

function start({ argv, cwd, env, stdin, identity }: ProcessToRun, mark: string): ChildProcess {
  const [program, ...args] = argv;
  return spawn(program, args, {
    cwd,
    // Node's pipes are sockets, at whose end bash believes in a remote login and reads `.bashrc`,
    // unless it is told that it is an inner shell.
    env: { SHLVL: "1", ...env, [MARK]: mark },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    shell: false,
    windowsHide: true,
    // A group of its own, which can be killed as a whole.
    detached: process.platform !== "win32",
    ...identity,
  });
}

/** The exit code, once nothing of the group is left; `null` after a signal. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      // What still runs in the background may hold the pipes open for ever.
      const drain = setTimeout(() => {
        killGroup(child);
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
      child.once("close", () => {
        clearTimeout(drain);
        killGroup(child);
        resolve(code);
      });
    });
  });
}

function killGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
