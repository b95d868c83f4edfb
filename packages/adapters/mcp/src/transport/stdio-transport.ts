import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { BoundedLines, type BoundedLine, type MessageBounds } from "../bounds/bounded-lines.ts";
import { messageOfLine, type Message } from "../bounds/cut-messages.ts";
import { endGroup, trackGroup } from "./process-group.ts";

/** How a server is started. */
export interface StdioServer extends MessageBounds {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Output that is no message is tolerated up to here: a banner is, a flood is not. */
const MAX_NOISE_BYTES = 4 * 1024 * 1024;
const MAX_STDERR = 16 * 1024;
const GRACE_MS = 1000;

/**
 * A server as a process that speaks on its standard streams: the transport of both SDKs.
 *
 * It runs in a process group of its own, without a shell. `start` may be called again once started:
 * a negotiation can then hand the running process over.
 */
export class StdioTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: never) => void;
  protocolVersion: string | undefined;
  readonly #server: StdioServer;
  readonly #lines: BoundedLines;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #started: Promise<void> | undefined;
  #stderr = "";
  #noise = 0;
  #closed = false;
  #exit = "";

  constructor(server: StdioServer) {
    this.#server = server;
    this.#lines = new BoundedLines(server);
  }

  /** The end of what the server wrote to stderr. */
  get stderr(): string {
    return this.#stderr.trimEnd();
  }

  /** How the process ended; empty while it runs. */
  get exit(): string {
    return this.#exit;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  start(): Promise<void> {
    return (this.#started ??= this.#spawn());
  }

  #spawn(): Promise<void> {
    const { command, args, env, cwd } = this.#server;
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd,
        env,
        stdio: ["pipe", "pipe", "pipe"],
        shell: false,
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      this.#child = child;
      child.once("spawn", () => {
        trackGroup(child);
        resolve();
      });
      child.once("error", (error) => {
        this.#exit ||= error.message;
        reject(error);
        this.#ended();
      });
      child.once("close", (code, signal) => {
        this.#exit ||= signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
        this.#ended();
      });
      child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
      child.stderr.on("data", (chunk: Buffer) => {
        this.#stderr = (this.#stderr + chunk.toString("utf8")).slice(-MAX_STDERR);
      });
      for (const stream of [child.stdin, child.stdout, child.stderr])
        stream.on("error", (error: Error) => this.onerror?.(error));
    });
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    for (const line of this.#lines.push(chunk)) this.#take(line);
    this.#tolerate(this.#lines.pendingNoise);
  }

  #take(line: BoundedLine): void {
    if (line.bytes === 0 || this.#closed) return;
    const message = messageOfLine(line);
    if (message) {
      this.onmessage?.(message as never);
      return;
    }
    this.#noise += line.bytes;
    this.#tolerate(0);
  }

  #tolerate(pending: number): void {
    if (this.#noise + pending <= MAX_NOISE_BYTES || this.#closed) return;
    this.#exit ||= `it wrote more than ${MAX_NOISE_BYTES} bytes to stdout that are no messages`;
    void this.close();
  }

  send(message: object): Promise<void> {
    const { stdin } = this.#child ?? {};
    if (!stdin || this.#closed || !stdin.writable)
      return Promise.reject(new Error("The server is gone"));
    const flowing = stdin.write(`${JSON.stringify(message as Message)}\n`);
    if (flowing) return Promise.resolve();
    return new Promise((resolve) => {
      // A server that dies without reading must not leave the sender waiting.
      const done = (): void => {
        stdin.off("drain", done);
        stdin.off("close", done);
        resolve();
      };
      stdin.once("drain", done);
      stdin.once("close", done);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#ended();
    if (child) await endGroup(child, GRACE_MS);
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }
}
