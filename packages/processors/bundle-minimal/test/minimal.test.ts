import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { assertConformant } from "@harnessx/core/testing";
import { expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const root = fileURLToPath(dir);
const load = (options?: object) =>
  loadHarness(
    {
      name: "bundled",
      version: "1",
      processors: [{ id: "all", use: "@harnessx/bundle-minimal", ...(options ? { options } : {}) }],
    } as never,
    { root, lock: false },
  );

it("keeps the plugin contract", () => assertConformant(dir));

it("loads every part and runs", async () => {
  const harness = await load();
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", dir), "utf8"));
  expect(harness.processors.map(({ package: name }) => name).sort()).toEqual(
    Object.keys(dependencies),
  );
  const agent = createAgent({
    harness,
    models: { main: scriptedModel(() => ({ text: "Done." })) },
  });
  expect(await agent.run("Say that it is done.")).toMatchObject({ exit: "done", output: "Done." });
});

it("leaves a part out and refuses options that a part does not have", async () => {
  const without = await load({ compaction: false });
  const all = await load();
  expect(without.processors).toHaveLength(all.processors.length - 1);
  expect(without.processors.map(({ id }) => id)).not.toContain("all.compaction");
  await expect(load({ compaction: { noSuchOption: 1 } })).rejects.toMatchObject({
    code: "HX_PLUGIN_OPTIONS_INVALID",
  });
});

it("works as the README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
  const harness = await loadHarness(
    { name: "readme", version: "1", processors: [entry] },
    { root, lock: false },
  );
  expect(harness.processors.length).toBeGreaterThan(0);
});
