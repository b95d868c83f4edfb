import type { Exchange } from "./exchange.ts";

/** Bytes that may wait for a client that reads slowly; then it counts as gone. */
const MAX_WAITING = 8 * 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;

/** A stream of server-sent events. */
export class EventStream {
  readonly #keepAlive: NodeJS.Timeout;

  constructor(readonly exchange: Exchange) {
    exchange.response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-accel-buffering": "no",
    });
    exchange.response.flushHeaders();
    // Proxies cut connections on which nothing happens; an agent may think for minutes.
    this.#keepAlive = setInterval(() => this.#write(": waiting\n\n"), KEEP_ALIVE_MS);
    this.#keepAlive.unref();
  }

  /** Sends an event; `name` only where the protocol names its events. */
  send(data: unknown, name?: string): void {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    this.#write(`${name === undefined ? "" : `event: ${name}\n`}data: ${text}\n\n`);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    this.exchange.response.end();
  }

  #write(text: string): void {
    const { response } = this.exchange;
    if (response.destroyed || response.writableEnded) return;
    response.write(text);
    if (response.writableLength > MAX_WAITING) response.destroy();
  }
}
