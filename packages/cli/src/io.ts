import { createInterface } from "node:readline/promises";

/** A place that text goes to. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Standard input, line by line. */
export interface LineReader {
  /** Shows `prompt` and resolves to the next line; undefined at the end of the input. */
  read(prompt: string): Promise<string | undefined>;
  close(): void;
}

/** Everything a command touches of its surroundings, so that tests run commands in-process. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** Asks a person and resolves to what was typed. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Opens standard input for a conversation, typed or piped; at most one reader is open. */
  lines(): LineReader;
  /** Calls back on Ctrl-C until the returned function is called. */
  onInterrupt(callback: () => void): () => void;
}

/** An input at its end. */
export const noLines = (): LineReader => ({
  read: () => Promise.resolve(undefined),
  close: () => undefined,
});

/** The surroundings of this process. */
export function processIo(): Io {
  // Whoever reads may stop early, as `hx trace show … | head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  let reader: LineReader | undefined;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    lines: () => (reader = openLines(() => (reader = undefined))),
    async ask(question, signal) {
      if (reader) return (await reader.read(question)) ?? "";
      const prompt = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await prompt.question(question, { signal });
      } finally {
        prompt.close();
      }
    },
    onInterrupt(callback) {
      process.on("SIGINT", callback);
      return () => process.off("SIGINT", callback);
    },
  };
}

function openLines(onClose: () => void): LineReader {
  const terminal = process.stdin.isTTY === true;
  const input = createInterface({
    input: process.stdin,
    // Piped input needs no echo, and prompts would mix with what is piped on.
    ...(terminal ? { output: process.stderr, terminal } : {}),
  });
  const waiting: ((line: string | undefined) => void)[] = [];
  const typed: string[] = [];
  let ended = false;
  input.on("line", (line) => {
    const next = waiting.shift();
    if (next) next(line);
    else typed.push(line);
  });
  input.on("close", () => {
    ended = true;
    for (const next of waiting.splice(0)) next(undefined);
  });
  // A terminal in raw mode sends Ctrl-C as a key.
  input.on("SIGINT", () => void process.emit("SIGINT"));
  return {
    read(prompt) {
      if (typed.length > 0) return Promise.resolve(typed.shift());
      if (ended) return Promise.resolve(undefined);
      if (terminal) {
        input.setPrompt(prompt);
        input.prompt();
      }
      return new Promise((resolve) => void waiting.push(resolve));
    },
    close() {
      input.close();
      onClose();
    },
  };
}
