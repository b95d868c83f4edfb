import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  type DiscoverResult,
} from "@modelcontextprotocol/client";
import type { Message } from "../bounds/cut-messages.ts";
import type { StdioTransport } from "../transport/stdio-transport.ts";
import { CLIENT_INFO, NEWEST } from "./identity.ts";

const PROBE_ID = "harnessx-probe";

/** What a server is: of the newest revision, of an older one, or one that ended when it was asked. */
export type Probed =
  | { readonly era: "2026"; readonly discovered: DiscoverResult }
  | { readonly era: "2025"; readonly ended: boolean };

/**
 * Asks a started process which revision it speaks. Servers of older revisions answer with an error,
 * with silence, or by ending; all three mean the same.
 */
export async function probeStdio(
  transport: StdioTransport,
  waitMs: number,
  signal: AbortSignal,
): Promise<Probed> {
  const { onmessage, onclose } = transport;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  try {
    return await new Promise<Probed>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      timer = setTimeout(() => resolve({ era: "2025", ended: false }), waitMs);
      transport.onclose = () => resolve({ era: "2025", ended: true });
      transport.onmessage = (message: Message) => {
        if (message.id !== PROBE_ID) return;
        const found = message.result as DiscoverResult | undefined;
        resolve(
          Array.isArray(found?.supportedVersions) && found.supportedVersions.includes(NEWEST)
            ? { era: "2026", discovered: found }
            : { era: "2025", ended: false },
        );
      };
      transport.start().then(() => transport.send(discover), reject);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    transport.onmessage = onmessage;
    transport.onclose = onclose;
  }
}

const discover = {
  jsonrpc: "2.0",
  id: PROBE_ID,
  method: "server/discover",
  params: {
    _meta: {
      [PROTOCOL_VERSION_META_KEY]: NEWEST,
      [CLIENT_INFO_META_KEY]: CLIENT_INFO,
      [CLIENT_CAPABILITIES_META_KEY]: {},
    },
  },
};
