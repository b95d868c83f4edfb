import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { HarnessXError } from "@harnessx/core/plugin";
import { webError } from "../errors.ts";
import type { Guard } from "../guard/guard.ts";
import type { WebToolsOptions } from "../options.ts";

/** What to ask a server for. */
export interface WebRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Redirects to follow; those of the options by default. */
  readonly maxRedirects?: number;
  readonly signal: AbortSignal;
}

/** What it answered. */
export interface WebAnswer {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: Buffer;
  /** There was more than the options allow. */
  readonly truncated: boolean;
}

export type Client = (request: WebRequest) => Promise<WebAnswer>;

type Limits = Pick<WebToolsOptions, "timeoutMs" | "maxBytes" | "maxRedirects" | "userAgent">;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Requests that go only where the guard lets them, hop by hop, and are bounded in time and size. */
export function createClient(guard: Guard, limits: Limits): Client {
  return async (request) => {
    const { maxRedirects = limits.maxRedirects } = request;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limits.timeoutMs)]);
    let url = guard.admit(request.url);
    let { method = "GET", body } = request;
    try {
      for (let hop = 0; ; hop += 1) {
        const answer = await send(url, { ...request, method, body, signal }, guard, limits);
        const { location } = answer.headers;
        const { statusCode: status = 0 } = answer;
        if (!REDIRECTS.has(status) || location === undefined) {
          return { url: url.href, status, ...(await contentOf(answer, limits)) };
        }
        answer.destroy();
        if (hop >= maxRedirects) throw new Error(`it redirects more than ${maxRedirects} times`);
        url = guard.admit(
          URL.canParse(location, url.href) ? new URL(location, url.href).href : location,
        );
        if (status <= 303) {
          method = "GET";
          body = undefined;
        }
      }
    } catch (thrown) {
      request.signal.throwIfAborted();
      if (HarnessXError.isInstance(thrown)) throw thrown;
      const problem = signal.aborted
        ? `it took more than ${limits.timeoutMs} ms`
        : (thrown as Error).message || String((thrown as NodeJS.ErrnoException).code);
      // Without its query, which may hold a key.
      throw webError("HX_WEB_FAILED", { url: url.origin + url.pathname, problem }, thrown);
    }
  };
}

function send(
  url: URL,
  { method, headers, body, signal }: WebRequest,
  guard: Guard,
  { userAgent }: Limits,
): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        // A connection that is kept would be used again without a check.
        agent: false,
        lookup: guard.lookupFor(url),
        signal,
        headers: {
          "user-agent": userAgent,
          accept: "text/html, text/plain, application/json;q=0.9, */*;q=0.5",
          "accept-encoding": "gzip, deflate, br",
          ...headers,
        },
      },
      resolve,
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

async function contentOf(
  answer: IncomingMessage,
  { maxBytes }: Limits,
): Promise<Pick<WebAnswer, "contentType" | "bytes" | "truncated">> {
  const contentType = answer.headers["content-type"] ?? "";
  const decoded = decode(answer);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // What counts is what comes out: a few bytes can unpack to gigabytes.
  for await (const chunk of decoded as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  answer.destroy();
  const all = Buffer.concat(chunks);
  return { contentType, bytes: all.subarray(0, maxBytes), truncated: all.length > maxBytes };
}

function decode(answer: IncomingMessage): Readable {
  const decoders = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return answer;
  if (!Object.hasOwn(decoders, encoding)) {
    answer.destroy();
    throw new Error(`its encoding ${encoding.slice(0, 50)} is unknown`);
  }
  const decoder = decoders[encoding as keyof typeof decoders]();
  answer.on("error", (error) => decoder.destroy(error));
  decoder.on("close", () => answer.destroy());
  return answer.pipe(decoder);
}
