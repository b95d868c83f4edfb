import type { DiscoverResult } from "@modelcontextprotocol/client";
import type { Json, JsonObject } from "@harnessx/core/plugin";
import type { EndpointFile } from "../endpoint/memory.ts";
import { NEWEST } from "./identity.ts";

/** What negotiation found out about a server, kept so that it need not be asked again. */
export interface VerdictFile extends JsonObject {
  readonly era: "2025" | "2026";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly discovered?: JsonObject;
}

/** A server that has learnt the newest revision still answers in the old one: it is asked again after a week. */
const VALID_MS = 7 * 24 * 3600 * 1000;

export interface Verdict {
  readonly era: "2025" | "2026";
  readonly discovered?: DiscoverResult;
}

/** The kept verdict, if it is there and not too old. */
export async function keptVerdict(
  file: EndpointFile<VerdictFile>,
  now = Date.now(),
): Promise<Verdict | undefined> {
  const { era, at, discovered } = await file.read();
  if (typeof at !== "number" || now - at > VALID_MS || at > now) return undefined;
  if (era === "2025") return { era };
  if (era !== "2026") return undefined;
  const versions = discovered?.["supportedVersions"];
  const usable = Array.isArray(versions) && versions.includes(NEWEST);
  return usable ? { era, discovered: discovered as unknown as DiscoverResult } : { era };
}

/** Keeps a verdict; `undefined` forgets it. */
export const keepVerdict = (
  file: EndpointFile<VerdictFile>,
  verdict: Verdict | undefined,
): Promise<void> =>
  file.merge(
    verdict === undefined
      ? { at: 0 }
      : {
          era: verdict.era,
          at: Date.now(),
          discovered: verdict.discovered as unknown as Json as JsonObject,
        },
  );
