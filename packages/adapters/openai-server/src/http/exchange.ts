import type { IncomingMessage, ServerResponse } from "node:http";
import { Failure } from "./failure.ts";

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client is gone before it has its answer, or the server closes. */
  readonly signal: AbortSignal;
}

/** Answers with JSON. */
export function sendJson(
  { request, response }: Exchange,
  body: unknown,
  headers = {},
  status = 200,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // What is left of a body that was refused must not be taken for the next request.
    ...(request.complete ? {} : { connection: "close" }),
    ...headers,
  });
  response.end(text);
}

/** Answers with what was thrown: what was not meant for clients is not told to them. */
export function sendFailure(exchange: Exchange, thrown: unknown): void {
  const failure =
    thrown instanceof Failure
      ? thrown
      : new Failure(500, "server_error", "The server failed.", { code: "internal_error" });
  sendJson(exchange, failure, failure.facts.headers, failure.status);
}
