import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConsentProvider, ShowPage } from "./consent.ts";

const PATH = "/callback";
const WAIT_MS = 5 * 60_000;

/**
 * Consent through a browser of this machine: listens on the loopback interface, shows the page, and
 * takes the one request that the browser sends back.
 *
 * @example
 * ```ts
 * import { loopbackConsent } from "@harnessx/adapter-mcp";
 * const consent = await loopbackConsent(() => undefined)(undefined);
 * consent.redirectUrl.startsWith("http://127.0.0.1:"); // true
 * consent.close();
 * ```
 */
export function loopbackConsent(show: ShowPage): ConsentProvider {
  return async (wanted) => {
    const fixed = wanted === undefined ? undefined : new URL(wanted);
    let arrived: (back: URL) => void = () => undefined;
    const server = createServer((request, response) => {
      const back = new URL(request.url ?? "/", redirectUrl);
      const ours = back.pathname === new URL(redirectUrl).pathname && request.method === "GET";
      response.writeHead(ours ? 200 : 404, {
        "content-type": "text/plain; charset=utf-8",
        connection: "close",
      });
      response.end(ours ? "You may close this page.\n" : "Not found.\n");
      if (ours) arrived(back);
    });
    await listening(server, fixed);
    const { port } = server.address() as AddressInfo;
    const redirectUrl = fixed?.href ?? `http://127.0.0.1:${port}${PATH}`;
    // Nobody is kept alive by a page that nobody visits.
    server.unref();
    const close = (): void => {
      server.close();
      server.closeAllConnections();
    };
    return { redirectUrl, close, visit: (page) => visit(page, show, (take) => (arrived = take)) };
  };
}

function listening(server: Server, fixed: URL | undefined): Promise<void> {
  const host = fixed?.hostname ?? "127.0.0.1";
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
    return Promise.reject(new Error(`${host} is not this machine`));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(fixed ? Number(fixed.port || 80) : 0, host.replace(/[[\]]/g, ""), resolve);
  });
}

async function visit(
  page: URL,
  show: ShowPage,
  whenBack: (take: (back: URL) => void) => void,
): Promise<URL> {
  let timer: NodeJS.Timeout | undefined;
  const back = new Promise<URL>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error("nobody consented in time")), WAIT_MS);
    // Whoever guesses the port must also know the state, or is not listened to.
    const state = page.searchParams.get("state");
    whenBack((url) => {
      if (url.searchParams.get("state") === state) resolve(url);
    });
  });
  try {
    await show(page);
    return await back;
  } finally {
    clearTimeout(timer);
  }
}
