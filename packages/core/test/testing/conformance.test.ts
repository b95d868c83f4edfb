import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  assertConformant,
  ConformanceError,
  testPlugin,
  type TestPluginOptions,
} from "../../src/testing/index.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Names of the broken laws. */
async function brokenBy(name: string, options?: TestPluginOptions): Promise<string[]> {
  const { checks } = await testPlugin(fixture(name), options);
  return checks.filter((check) => !check.ok).map((check) => check.name);
}

describe("a plugin that keeps the contract", () => {
  it.each(["good", "good-tools", "good-model", "good-suite", "good-bundle"])("%s passes", async (name) => {
    await assertConformant(fixture(name));
  });

  it("is judged by every law of its kind", async () => {
    const { ok, plugin, checks } = await testPlugin(fixture("good"));
    expect(ok).toBe(true);
    expect(plugin).toBe("fixture-good");
    expect(checks.map(({ name }) => name)).toEqual([
      "metadata",
      "export",
      "options",
      "hooks",
      "capabilities",
      "state",
      "verdicts",
      "frozen events",
      "episodes",
      "deterministic",
      "isolated",
      "swap",
      "disposal",
    ]);
  });
});

describe("a planted defect is found by its own law only", () => {
  it.each([
    ["bad-metadata", "metadata"],
    ["wrong-export", "export"],
    ["import-fails", "export"],
    ["broken-schema", "options"],
    ["loose-schema", "options"],
    ["wrong-default", "options"],
    ["required-option", "options"],
    ["undeclared-hook", "hooks"],
    ["unused-hook", "hooks"],
    ["late-tap", "hooks"],
    ["mutating-event", "frozen events"],
    ["mutating-input", "frozen events"],
    ["garbage-verdict", "verdicts"],
    ["forbidden-verdict", "verdicts"],
    ["foreign-event", "verdicts"],
    ["stale-event", "verdicts"],
    ["bad-edit", "verdicts"],
    ["bad-answer", "verdicts"],
    ["shared-state", "isolated"],
    ["shared-cache", "isolated"],
    ["math-random", "deterministic"],
    ["wall-clock", "deterministic"],
    ["undeclared-state", "state"],
    ["unused-state", "state"],
    ["unserializable-state", "state"],
    ["undeclared-role", "capabilities"],
    ["hidden-role", "capabilities"],
    ["unused-role", "capabilities"],
    ["undeclared-network", "capabilities"],
    ["undeclared-files", "capabilities"],
    ["fragile", "episodes"],
    ["setup-throws", "episodes"],
    ["no-swap", "swap"],
    ["bad-disposer", "disposal"],
    ["twin-tools", "tools"],
    ["bad-tool-schema", "tools"],
    ["moody-model", "answers"],
    ["malformed-model", "answers"],
    ["twin-tasks", "tasks"],
    ["leaky-families", "tasks"],
    ["free-pass", "episodes"],
    ["wrong-solution", "episodes"],
    ["twin-entries", "entries"],
  ])("%s breaks %s", async (name, law) => {
    expect(await brokenBy(name)).toEqual([law]);
  });
});
