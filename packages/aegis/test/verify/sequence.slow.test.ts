import { expect, it } from "vitest";
import type { VerificationCheck } from "../../src/verify/report.ts";
import { verifyPackage, verifyWithout } from "../../src/verify/verify.ts";
import { changed, good, inSetup, source } from "./packages.ts";
import { recordRun } from "./recorded.ts";

it("passes a plugin that never fires and says that it did nothing", async () => {
  const traces = [await recordRun()];
  const idle = source("failures < options.limit", "failures < options.limit * 1_000_000");
  const quiet = {
    ...idle,
    files: {
      ...idle.files,
      "test/index.test.ts": idle.files["test/index.test.ts"]!.replaceAll(
        "openRun(2)",
        "openRun(2e-6)",
      ),
    },
  };
  const counts = async (generated: typeof good) => {
    const { report } = await verifyPackage(generated, { traces });
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
    return report.checks.find(({ check }) => check === "replay")!.counts;
  };
  expect(await counts(quiet)).toMatchObject({ runs: 1, events: 7, acted: 0 });
  expect(await counts(good)).toMatchObject({ runs: 1, events: 7, acted: 2 });
});

it("gives no verdict when time runs out", async () => {
  const { report } = await verifyPackage(good, { budgetMs: 0 });
  expect(report).toMatchObject({ ok: false, retry: true });
  expect(report.checks).toHaveLength(1);
});

it("gives no verdict on engine code that burns no fuel, only time", async () => {
  const { report } = await verifyPackage(
    inSetup('void "a".repeat(4_000_000).indexOf("a".repeat(2_000_000) + "b");'),
  );
  expect(report).toMatchObject({ ok: false, retry: true });
  expect(report.checks.at(-1)!.check).toBe("conformance");
});

it.each<[VerificationCheck[], string]>([
  [["source-policy"], "types"],
  [["source-policy", "types"], "build"],
])("meets code from text again without %s, in %s", async (skipped, next) => {
  const { report } = await verifyWithout(skipped, inSetup('eval("1"); void notThere;'));
  expect(report.checks.at(-1)).toMatchObject({ check: next, ok: false });
});

it("holds what gets past every static check behind the wall", async () => {
  const reach = changed({
    "src/index.ts": (text) =>
      text.replace(
        "  let failures = 0;",
        '  const all = (0, eval)("globalThis") as Record<string, unknown>;\n  if (["process", "require", "fetch"].some((name) => name in all)) throw new Error("reached the host");\n  let failures = 0;',
      ),
  });
  const { report } = await verifyWithout(["source-policy", "build"], reach);
  expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
});
