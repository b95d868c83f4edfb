import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server of the test's own making. */
export interface Loopback {
  readonly url: string;
  /** Bodies as received. */
  readonly bodies: Record<string, unknown>[];
  readonly headers: IncomingMessage["headers"][];
  /** Resolves when every connection that carried a request is closed. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Serves every request with `answer`, which may misbehave in any way. */
export async function serve(
  answer: (response: ServerResponse, body: Record<string, unknown>) => void,
): Promise<Loopback> {
  const bodies: Record<string, unknown>[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { socket } = request;
    // Node's fetch opens a spare connection after an abort: only those with a request count.
    if (!sockets.has(socket)) socket.on("close", () => sockets.delete(socket));
    sockets.add(socket);
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => {
      const body = JSON.parse(text || "{}") as Record<string, unknown>;
      bodies.push(body);
      headers.push(request.headers);
      answer(response, body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    async idle() {
      while (sockets.size > 0) await new Promise((turn) => setTimeout(turn, 5));
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

/** Answers with server-sent events; a string goes out as it is. */
export const events = (response: ServerResponse, list: readonly unknown[], end = true): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of list) {
    response.write(typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`);
  }
  if (end) response.end();
};
