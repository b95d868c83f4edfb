import { version } from "@harnessx/core";

/** How we introduce ourselves to servers. */
export const CLIENT_INFO = { name: "harnessx", title: "HarnessX", version } as const;

export const NEWEST = "2026-07-28";
