import { randomBytes } from "node:crypto";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HarnessXError } from "@harnessx/core/plugin";
import type { Guard } from "../guard/guard.ts";

/** Marks an answer of the proxy itself. */
export const REFUSED_HEADER = "x-harnessx-refused";

/** A proxy on the loopback interface through which a browser reaches what the guard lets through. */
export interface GuardedProxy {
  readonly server: string;
  readonly username: string;
  readonly password: string;
  close(): void;
}

/**
 * Starts the proxy. Everything that the browser asks for goes through it, whoever asks: pages,
 * frames, workers, redirects. So the guard resolves every name, and connects to what it checked.
 */
export async function startProxy(guard: Guard): Promise<GuardedProxy> {
  const password = randomBytes(24).toString("base64url");
  const expected = `Basic ${Buffer.from(`browser:${password}`).toString("base64")}`;
  const isOurs = ({ headers }: IncomingMessage): boolean =>
    headers["proxy-authorization"] === expected;
  const open = new Set<Duplex>();
  const server = createServer((incoming, outgoing) => {
    if (isOurs(incoming)) forward(guard, incoming, outgoing);
    else outgoing.writeHead(407, { "proxy-authenticate": 'Basic realm="browser"' }).end();
  });
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("connect", (incoming: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    if (isOurs(incoming)) tunnel(guard, incoming.url ?? "", socket, open);
    else
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="browser"\r\nContent-Length: 0\r\n\r\n',
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    username: "browser",
    password,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Headers that belong to one hop. */
const HOP_HEADERS = [
  "proxy-authorization",
  "proxy-connection",
  "connection",
  "keep-alive",
] as const;

function forward(guard: Guard, incoming: IncomingMessage, outgoing: ServerResponse): void {
  try {
    const url = guard.admit(incoming.url ?? "");
    const headers = { ...incoming.headers };
    for (const name of HOP_HEADERS) delete headers[name];
    const sent = request(url, {
      method: incoming.method ?? "GET",
      headers,
      agent: false,
      lookup: guard.lookupFor(url),
    });
    sent.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    sent.on("error", (thrown) => refuse(outgoing, thrown));
    outgoing.on("close", () => sent.destroy());
    incoming.pipe(sent);
  } catch (thrown) {
    refuse(outgoing, thrown);
  }
}

function refuse(outgoing: ServerResponse, thrown: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const isRefused = HarnessXError.isInstance(thrown);
  const headers = isRefused ? { [REFUSED_HEADER]: encodeURIComponent(thrown.message) } : {};
  // With an empty body the browser would show an error of its own.
  outgoing.writeHead(isRefused ? 403 : 502, headers).end("Not reachable.");
}

function tunnel(guard: Guard, target: string, socket: Duplex, open: Set<Duplex>): void {
  const fail = (): void => {
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  };
  let url: URL;
  try {
    url = guard.admit(`https://${target}`);
  } catch {
    fail();
    return;
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port === "" ? 443 : url.port);
  const remote = connect({ host, port, lookup: guard.lookupFor(url) });
  open.add(remote);
  remote.once("connect", () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    remote.pipe(socket);
    socket.pipe(remote);
  });
  remote.once("error", () => (remote.connecting || socket.writable ? fail() : socket.destroy()));
  remote.once("close", () => {
    open.delete(remote);
    socket.destroy();
  });
  socket.once("close", () => remote.destroy());
}
