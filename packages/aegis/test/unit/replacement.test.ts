import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSuite } from "@harnessx/adapter-wiki";
import { createWikiPolicy } from "@harnessx/adapter-wiki-policy";
import { apply, loadHarness, type LoadedHarness, type Manifest } from "@harnessx/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { critique } from "../../src/critique/index.ts";
import { digestRollouts, digestSchema, evidenceOf, type Digest } from "../../src/digest/index.ts";
import { candidateSchema, propose, type Candidate } from "../../src/evolve/index.ts";
import { createWasmIsolation, openIsolated } from "../../src/isolation/index.ts";
import { plan } from "../../src/plan/index.ts";
import { createRolloutPool, type RolloutRecord } from "../../src/rollout/index.ts";
import { checkArtefact } from "../../src/schema.ts";
import { verifyPackage, type Verified } from "../../src/verify/index.ts";

const suite = createSuite({ train: 70, validation: 30, sealed: 0, canary: 4 });
const models = { main: createWikiPolicy() };
const manifest: Manifest = { name: "w", version: "1", limits: { maxSteps: 12 } };
let dir: string;
let digest: Digest;
let candidate: Candidate;
let verified: Verified;

async function play(
  harness: LoadedHarness,
  split: string,
  repetitions: readonly number[],
): Promise<readonly RolloutRecord[]> {
  const tasks = (await suite.tasks()).filter((task) => task.split === split);
  return createRolloutPool().run(
    repetitions.flatMap((repetition) =>
      tasks.map((task) => ({
        suite,
        task,
        harness,
        models,
        seed: 3,
        repetition,
        ...(split === "train" ? { traceDir: join(dir, "traces") } : {}),
      })),
    ),
  );
}

const rate = (records: readonly RolloutRecord[]): number =>
  records.filter(({ passed }) => passed).length / records.length;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "aegis-wiki-"));
  const seed = await loadHarness(manifest, { root: dir });
  const tasks = (await suite.tasks()).filter(({ split }) => split === "train");
  digest = await digestRollouts(await play(seed, "train", [0, 1]), tasks);
  const context = {
    round: 1,
    parent: seed.hash,
    manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  };
  const landscape = plan(digest, manifest, [], 1);
  expect(landscape.directions[0]).toMatchObject({
    dimension: "tools",
    pathology: "tool_unusable",
    mandatory: true,
  });
  const candidates = propose(digest, landscape, context);
  candidate = candidates.find(({ operator }) => operator.startsWith("template:replacement-tool"))!;
  expect(critique({ candidates: [candidate], digest, context })[0]?.findings).toEqual([]);
  verified = await verifyPackage(candidate.packages[0]!, { dir, allow: { net: ["127.0.0.1"] } });
}, 180_000);
afterAll(async () => {
  await suite.close();
  await rm(dir, { recursive: true, force: true });
});

it("finds the request by which some runs got what the failing tool did not give", () => {
  checkArtefact("digest", digestSchema, digest);
  expect(digest.mined.replacements).toMatchObject([
    {
      tool: "open_page",
      arguments: ["url"],
      source: { tool: "http_get", argument: "url" },
      template:
        "{url|origin}/w/api.php?action=query&prop=extracts&explaintext=1&format=json&titles={url|last}",
      origins: ["http://127.0.0.1"],
      content: ["query", "pages", "*", "extract"],
    },
  ]);
  expect(evidenceOf(digest)).toEqual(
    expect.arrayContaining([...digest.mined.replacements![0]!.evidence]),
  );
});

it("proposes a package of tools that passes the verification", () => {
  checkArtefact("candidate", candidateSchema, candidate);
  expect(candidate.manifest).toMatchObject({ dims: ["tools"], bucket: "tools" });
  expect(verified.report.checks.flatMap(({ findings }) => findings)).toEqual([]);
  expect(verified.report.ok).toBe(true);
});

it("does not pass where nobody allows its host", async () => {
  const { report } = await verifyPackage(candidate.packages[0]!, {});
  expect(report.checks.at(-1)).toMatchObject({ check: "metadata" });
  expect(report.ok).toBe(false);
});

it("lifts the pass rate of tasks that nobody has looked at", { timeout: 60_000 }, async () => {
  const changed = apply(candidate.edits, manifest);
  if (!changed.ok) throw new Error("the edits do not apply");
  const before = rate(await play(await loadHarness(manifest, { root: dir }), "validation", [0, 1]));
  const harness = await loadHarness(changed.manifest, { root: dir });
  const after = rate(await play(harness, "validation", [0, 1]));
  expect(harness.tools.map(({ name }) => name)).toEqual(["open_page_direct"]);
  expect(before).toBeLessThan(0.45);
  expect(after).toBeGreaterThan(before + 0.3);
  expect(rate(await play(harness, "canary", [0]))).toBe(0);
  // Behind the wall the same package does the same.
  const isolation = createWasmIsolation({ placement: "inline" });
  const walled = await loadHarness(changed.manifest, { root: dir, open: openIsolated(isolation) });
  expect(walled.hash).toBe(harness.hash);
  const outcome = (records: readonly RolloutRecord[]) =>
    records.map(({ task, passed, steps, tokens }) => ({ task, passed, steps, tokens }));
  expect(outcome(await play(walled, "validation", [0]))).toEqual(
    outcome(await play(harness, "validation", [0])),
  );
  await isolation.dispose();
});

it("knows nothing of the environment beforehand", async () => {
  const sources = (await readdir("packages/aegis/src", { recursive: true })).filter((path) =>
    /(?:mine|evolve|plan|digest).*\.ts$/.test(path),
  );
  expect(sources.length).toBeGreaterThan(20);
  for (const path of sources) {
    const text = await readFile(join("packages/aegis/src", path), "utf8");
    expect(text, path).not.toMatch(/wiki|api\.php|extract(?:s\b|\b(?!ed|ing))|titles|EditURI|rsd/i);
  }
});
