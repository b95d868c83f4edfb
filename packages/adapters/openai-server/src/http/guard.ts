import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Failure } from "./failure.ts";
import type { HttpSettings } from "./options.ts";

/**
 * Turns away what must not reach the agent: a page whose name was made to point here (Host), a page
 * of another site (Origin), a caller without the token, which `openPaths` do not ask for. Throws a `Failure`.
 */
export function guardOf(
  settings: HttpSettings,
  openPaths: readonly string[],
): (request: IncomingMessage) => void {
  const expected = settings.token === undefined ? undefined : digest(settings.token);
  return ({ headers, url = "" }) => {
    if (!settings.allowedHosts.includes(hostName(headers.host)))
      throw new Failure(403, "permission_error", "This server does not answer to that host name.", {
        code: "host_not_allowed",
      });
    if (headers.origin !== undefined && !settings.allowedOrigins.includes(headers.origin))
      throw new Failure(403, "permission_error", "This server does not answer that web page.", {
        code: "origin_not_allowed",
      });
    if (openPaths.includes(url)) return;
    if (expected !== undefined && !timingSafeEqual(digest(bearer(headers.authorization)), expected))
      throw new Failure(401, "authentication_error", "The API key is missing or wrong.", {
        code: "invalid_api_key",
        headers: { "www-authenticate": "Bearer" },
      });
  };
}

/** Digests are of one length, so that comparing them says nothing about how long or alike the tokens are. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const bearer = (header = ""): string => /^Bearer +(\S+)$/i.exec(header)?.[1] ?? "";

function hostName(header = ""): string {
  const [, name = ""] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::\d+)?$/i.exec(header) ?? [];
  return name.toLowerCase();
}
