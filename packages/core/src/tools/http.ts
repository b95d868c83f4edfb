import { hxError, messageOf } from "../errors/index.ts";
import type { HttpRequest, HttpResponse } from "../plugin/http.ts";

const TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 4 * 2 ** 20;
const MAX_REDIRECTS = 5;

/**
 * The network as the tools of one entry may use it: the hosts of `allowed` (`name`, or `name:port`
 * for one port) and, through redirects, no others either.
 */
export function httpFor(
  entry: string,
  allowed: readonly string[],
): (request: HttpRequest) => Promise<HttpResponse> {
  const admit = (text: string): URL => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const web = url?.protocol === "http:" || url?.protocol === "https:";
    if (!url || !web || !(allowed.includes(url.hostname) || allowed.includes(url.host)))
      throw hxError("HX_TOOL_NET_DENIED", { entry, host: url?.host || text.slice(0, 100) });
    return url;
  };
  return async ({ url, method = "GET", headers = {}, body, timeoutMs = TIMEOUT_MS }) => {
    let target = admit(url);
    const signal = AbortSignal.timeout(Math.min(Math.max(1, timeoutMs), 2 ** 31 - 1));
    let send = { method, ...(body === undefined ? {} : { body }) };
    for (let hop = 0; ; hop += 1) {
      const failed = (thrown: unknown) =>
        hxError("HX_TOOL_NET_FAILED", { host: target.host, problem: problemOf(thrown) }, thrown);
      const answer = await fetch(target, { ...send, headers, redirect: "manual", signal }).catch(
        (thrown: unknown) => {
          throw failed(thrown);
        },
      );
      const location = answer.headers.get("location");
      if (answer.status >= 300 && answer.status < 400 && location !== null && hop < MAX_REDIRECTS) {
        await answer.body?.cancel();
        target = admit(new URL(location, target).href);
        if (answer.status === 303) send = { method: "GET" };
        continue;
      }
      const text = await bodyOf(answer).catch((thrown: unknown) => {
        throw failed(thrown);
      });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), body: text };
    }
  };
}

async function bodyOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      throw new Error(`the answer is longer than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** `fetch` says "fetch failed" and hides the reason in the cause. */
function problemOf(thrown: unknown): string {
  const { cause } = thrown as { readonly cause?: unknown };
  return messageOf(cause ?? thrown);
}
