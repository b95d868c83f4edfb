import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serveError } from "../errors.ts";
import { sendFailure, type Exchange } from "./exchange.ts";
import { guardOf } from "./guard.ts";
import type { HttpSettings } from "./options.ts";

/** What aborted requests get to say their last word. */
const ABORT_MS = 2_000;

/** How long a client may go on sending what is no longer read. */
const LINGER_MS = 1_000;

/** A listening server. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly port: number;
  /** Takes no more requests, leaves those in progress some time, then aborts them. */
  close(): Promise<void>;
}

/** Listens, and hands every request that the guard lets through to `answer`. Throws HX_SERVE_LISTEN. */
export async function listen(
  settings: HttpSettings,
  answer: (exchange: Exchange) => Promise<void>,
  openPaths: readonly string[] = [],
): Promise<HttpServer> {
  const guard = guardOf(settings, openPaths);
  const inProgress = new Map<Promise<void>, AbortController>();
  const server = createServer(
    {
      headersTimeout: settings.headerTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      // How often the two limits above are looked at.
      connectionsCheckingInterval: Math.min(1_000, settings.headerTimeoutMs),
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      const gone = new AbortController();
      // Written to after the client is gone: the abort says all there is to say.
      response.on("error", () => undefined);
      response.on("close", () => {
        if (!response.writableFinished) gone.abort(new Error("The client is gone."));
      });
      const exchange: Exchange = { request, response, signal: gone.signal };
      const done = Promise.resolve()
        .then(() => guard(request))
        .then(() => answer(exchange))
        .catch((thrown: unknown) => sendFailure(exchange, thrown))
        .finally(() => {
          inProgress.delete(done);
          discardRest(request);
        });
      inProgress.set(done, gone);
    },
  );
  server.maxConnections = settings.maxConnections;
  server.keepAliveTimeout = 5_000;
  await listening(server, settings);
  const { port, family, address } = server.address() as AddressInfo;
  return {
    origin: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    port,
    close: () => close(server, inProgress, settings.closeGraceMs),
  };
}

/** The rest of a body that nobody reads: dropped for a moment, so that the client gets to its answer, then cut off. */
function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("end", () => clearTimeout(cut));
}

function listening(server: Server, { host, port }: HttpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(serveError("HX_SERVE_LISTEN", { host, port, problem: error.code ?? error.message })),
    );
    server.listen(port, host.replace(/^\[|\]$/g, ""), resolve);
  });
}

async function close(
  server: Server,
  inProgress: ReadonlyMap<Promise<void>, AbortController>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  await settledWithin(inProgress.keys(), graceMs);
  for (const gone of inProgress.values()) gone.abort(new Error("The server closes."));
  await settledWithin(inProgress.keys(), ABORT_MS);
  server.closeAllConnections();
  await closed;
}

async function settledWithin(work: Iterable<Promise<void>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}
