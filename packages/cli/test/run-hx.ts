import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished, vi } from "vitest";
import type { Io } from "../src/io.ts";
import { main } from "../src/program.ts";

// Commands load everything they need on first use, and processes compile their sources anew.
vi.setConfig({ testTimeout: 60_000 });

/** What a command printed and how it ended. */
export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON document on stdout. */
  json<Value = Record<string, any>>(): Value;
}

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** A folder of its own, removed after the test. */
export async function scratch(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "hx-test-")));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface Surroundings {
  readonly env?: Io["env"];
  /** Makes stdout a terminal. */
  readonly terminal?: boolean;
  readonly answers?: readonly string[];
  /** Gets the function that acts like Ctrl-C. */
  readonly onStart?: (interrupt: () => void) => void;
}

/** Runs a command in this process. */
export async function hx(
  cwd: string,
  argv: readonly string[],
  around: Surroundings = {},
): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const interrupts = new Set<() => void>();
  // On a busy machine the key may be pressed before the command listens.
  let pressed = false;
  const answers = [...(around.answers ?? [])];
  const stream = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
      return true;
    },
    ...(around.terminal ? { isTTY: true, columns: 80 } : {}),
  });
  const io: Io = {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: around.env ?? {},
    cwd,
    interactive: around.answers !== undefined,
    ask: (question) => {
      written.stderr += question;
      return Promise.resolve(answers.shift() ?? "");
    },
    lines: () => ({
      read: (prompt) => {
        written.stderr += prompt;
        return Promise.resolve(answers.shift());
      },
      close: () => undefined,
    }),
    onInterrupt: (callback) => {
      interrupts.add(callback);
      if (pressed) queueMicrotask(callback);
      return () => interrupts.delete(callback);
    },
  };
  around.onStart?.(() => {
    pressed = true;
    interrupts.forEach((callback) => callback());
  });
  const exit = await main(argv, io);
  return { exit, ...written, json: () => JSON.parse(written.stdout) };
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Runs a command as a process of its own, from source. */
export function spawnHx(
  cwd: string,
  argv: readonly string[],
): { readonly child: ChildProcess; readonly outcome: Promise<Outcome> } {
  const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--conditions=@harnessx/source", "--import", tsx, entry, ...argv],
    { cwd, env: { ...process.env, NO_COLOR: "1" } },
  );
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (written.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (written.stderr += String(chunk)));
  const outcome = once(child, "close").then(([code]) => ({
    exit: Number(code),
    ...written,
    json: () => JSON.parse(written.stdout),
  }));
  return { child, outcome };
}
