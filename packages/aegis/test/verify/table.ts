import { expect } from "vitest";
import type { TraceEvent } from "@harnessx/core";
import { contentDigest } from "../../src/verify/known-bad.ts";
import { verificationChecks, type VerificationReport } from "../../src/verify/report.ts";
import { verifyPackage, verifyWithout } from "../../src/verify/verify.ts";
import type { VerifyOptions } from "../../src/verify/options.ts";
import type { Benign } from "./benign.ts";
import { heldOut, type Hostile } from "./hostile.ts";
import { good } from "./packages.ts";
import { recordRun } from "./recorded.ts";

const traces = new Map<string, Promise<readonly TraceEvent[]>>();

async function optionsFor({ recorded, options, check }: Hostile): Promise<VerifyOptions> {
  if (recorded && !traces.has(recorded))
    traces.set(recorded, recordRun(recorded === "calls" ? 3 : 0));
  return {
    heldOut,
    ...(check === "known-bad" ? { refuted: [await contentDigest(good.files)] } : {}),
    ...(recorded ? { traces: [await traces.get(recorded)!] } : {}),
    ...options,
  };
}

const endOf = (report: VerificationReport): number =>
  report.ok ? verificationChecks.length : verificationChecks.indexOf(report.checks.at(-1)!.check);

/** That check refuses it, for that reason, and no earlier one has anything to say. */
export async function expectRefused(hostile: Hostile): Promise<void> {
  const { report, folder } = await verifyPackage(hostile.make(), await optionsFor(hostile));
  expect(folder).toBeUndefined();
  const refusing = report.checks.filter(({ ok }) => !ok);
  expect(refusing.map(({ check, findings }) => [check, findings])).toEqual([
    [hostile.check, expect.anything()],
  ]);
  expect(refusing[0]!.findings.join("\n")).toMatch(hostile.finding);
  expect(refusing[0]!.status).toBe(hostile.status ?? "fail");
  expect({ ok: report.ok, retry: report.retry }).toEqual({ ok: false, retry: false });
}

/** Nothing but that check holds it there: without it, it gets further. */
export async function expectFurtherWithout(hostile: Hostile): Promise<void> {
  const options = await optionsFor(hostile);
  const { report } = await verifyWithout([hostile.check], hostile.make(), options);
  expect(endOf(report)).toBeGreaterThan(verificationChecks.indexOf(hostile.check));
}

export async function expectPassed({ make, options }: Benign): Promise<void> {
  const { report } = await verifyPackage(make(), { heldOut, ...options });
  expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
  expect(report.ok).toBe(true);
}
