import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createWasmIsolation, plan, propose, verifyPackage } from "../../src/index.ts";
import { recordKeyWorld } from "../support/workspace.ts";
import { compare, load } from "./world.ts";

const isolation = createWasmIsolation({ placement: "inline" });
afterAll(() => isolation.dispose());

it("generated packages do behind the wall what they do in front of it", async () => {
  const recorded = await recordKeyWorld();
  const { digest, harness: parent } = recorded;
  const candidates = propose(digest, plan(digest, parent.manifest, [], 1), {
    round: 1,
    parent: parent.hash,
    manifest: parent.manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  });
  const packages = candidates.flatMap((candidate) => candidate.packages);
  expect(packages.length).toBeGreaterThan(0);
  for (const generated of packages) {
    const { folder } = await verifyPackage(generated, { dir: recorded.dir });
    const harness = await load([{ id: "p", use: `./${basename(folder!)}` }], dirname(folder!));
    expect(await compare(isolation, harness), generated.name).toEqual({});
  }
  await rm(recorded.dir, { recursive: true, force: true });
});
