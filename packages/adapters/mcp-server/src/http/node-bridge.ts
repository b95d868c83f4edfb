import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** Bytes that may wait for a client that reads slowly; then it counts as gone. */
const MAX_WAITING = 8 * 1024 * 1024;

/** A request of Node as the web has it; its signal aborts when the client is gone before it has its answer. */
export function webRequest(incoming: IncomingMessage, response: ServerResponse): Request {
  const { method = "GET", url = "/", headers: given } = incoming;
  const gone = new AbortController();
  // Written to after the client is gone: the abort says all there is to say.
  response.on("error", () => undefined);
  response.on("close", () => {
    if (!response.writableFinished) gone.abort(new Error("The client is gone."));
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(url, "http://localhost"), {
    method,
    headers,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" } : {}),
  });
}

/** Sends an answer of the web to a client of Node, as fast as the client reads. */
export async function send(
  answer: Response,
  request: Request,
  response: ServerResponse,
): Promise<void> {
  if (response.destroyed) {
    await answer.body?.cancel();
    return;
  }
  const headers = Object.fromEntries(answer.headers);
  response.writeHead(answer.status, { ...headers, "x-content-type-options": "nosniff" });
  if (!answer.body) {
    response.end();
    return;
  }
  const reader = answer.body.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined);
  request.signal.addEventListener("abort", stop);
  response.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    response.write(value);
    if (response.writableLength > MAX_WAITING) response.destroy();
  }
  response.end();
}
