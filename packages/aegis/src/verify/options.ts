import { createHash } from "node:crypto";
import { basename } from "node:path";
import { canonicalJson, type Json, type JsonObject, type TraceEvent } from "@harnessx/core";
import type { HeldOut } from "./leak-index.ts";
import type { AllowedCapabilities } from "./metadata.ts";
import type { CheckResult } from "./report.ts";

export interface VerifyOptions {
  /** The workspace whose plugin store takes the package when it passes; without it nothing is kept. */
  readonly dir?: string;
  /** Recorded runs of train tasks (files or events) that the package is driven through. */
  readonly traces?: readonly (string | readonly TraceEvent[])[];
  /** What the package must not contain. */
  readonly heldOut?: HeldOut;
  /** `digest` or `content` of packages that were refuted or found hostile before. */
  readonly refuted?: readonly string[];
  /** What it may reach outside its events; nothing by default. */
  readonly allow?: AllowedCapabilities;
  /** What it will be run with; without them its defaults. */
  readonly options?: JsonObject;
  /** Of the sample of mutants (1). */
  readonly seed?: number;
  /** Hears of each check as it ends and of the milliseconds that it took. */
  readonly onCheck?: (result: CheckResult, ms: number) => void;
  /** Milliseconds after which no further check is begun (120,000): no verdict, not a refusal. */
  readonly budgetMs?: number;
}

/** SHA-256 over everything that the caller's side of a verdict depends on. */
export function policyDigest({
  allow = {},
  refuted = [],
  heldOut,
  traces = [],
  options = {},
}: VerifyOptions): string {
  // A recorded file is known by its run's id, which says what was played; its bytes hold times as well.
  const runs = traces.map((trace) =>
    typeof trace === "string"
      ? basename(trace)
      : createHash("sha256").update(JSON.stringify(trace)).digest("hex"),
  );
  const content = {
    allow: allow as unknown as Json,
    refuted: refuted.toSorted(),
    heldOut: heldOut?.digest ?? "",
    traces: runs,
    options,
  };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}
