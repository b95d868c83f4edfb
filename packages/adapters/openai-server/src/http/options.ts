import { serveError } from "../errors.ts";

/** Where a server listens and whom it answers. */
export interface HttpOptions {
  /** Address to bind (127.0.0.1). */
  readonly host?: string;
  /** Port, 0 for any that is free (0). */
  readonly port?: number;
  /** Bearer token that every request must carry; `false` asks for none, on loopback only (random). */
  readonly token?: string | false;
  /** Host names that requests may be addressed to (loopback names and `host`). */
  readonly allowedHosts?: readonly string[];
  /** Origins of web pages that may call, such as `https://chat.example` (none). */
  readonly allowedOrigins?: readonly string[];
  /** Bytes of a request's body at most (8 MiB). */
  readonly maxBodyBytes?: number;
  /** Open connections at most; more are turned away (512). */
  readonly maxConnections?: number;
  /** Milliseconds in which a client must have sent the head of a request (10,000). */
  readonly headerTimeoutMs?: number;
  /** Milliseconds in which a client must have sent a whole request (30,000). */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that `close` leaves to requests in progress before they are aborted (5,000). */
  readonly closeGraceMs?: number;
}

/** The options with everything filled in. */
export interface HttpSettings extends Required<Omit<HttpOptions, "token">> {
  /** Undefined when none is asked for. */
  readonly token: string | undefined;
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1", "[::1]"];

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host);

/** Fills in defaults. Throws HX_SERVE_TOKEN_NEEDED, HX_SERVE_HOSTS_NEEDED and HX_SERVE_OPTION. */
export function httpSettings(options: HttpOptions, newToken: () => string): HttpSettings {
  const { host = "127.0.0.1", token } = options;
  const open = !isLoopback(host);
  if (open && token === false) throw serveError("HX_SERVE_TOKEN_NEEDED", { host });
  if (typeof token === "string" && !/^[\x21-\x7e]{8,}$/.test(token))
    throw serveError("HX_SERVE_OPTION", {
      option: "token",
      problem: "it is shorter than 8 characters or holds blanks",
    });
  if (["0.0.0.0", "::", ""].includes(host) && !options.allowedHosts?.length)
    throw serveError("HX_SERVE_HOSTS_NEEDED", { host });
  return {
    host,
    port: options.port ?? 0,
    token: token === false ? undefined : (token ?? newToken()),
    allowedHosts: [...(options.allowedHosts ?? [host]), ...(open ? [] : LOOPBACK)].map((name) =>
      name.toLowerCase(),
    ),
    allowedOrigins: options.allowedOrigins ?? [],
    maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
    maxConnections: options.maxConnections ?? 512,
    headerTimeoutMs: options.headerTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    closeGraceMs: options.closeGraceMs ?? 5_000,
  };
}
