/**
 * The shop case of the original's report in small: the rule policy pages on and on, the traces say
 * so, and advice helps. Verification and the whole evolution are in `shop.slow.test.ts`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamTrace } from "@harnessx/core";
import { afterAll, describe, expect, it } from "vitest";
import {
  checkEvidence,
  digestRollouts,
  digestSchema,
  evidenceOf,
  plan,
  propose,
} from "../src/index.ts";
import { checkArtefact } from "../src/schema.ts";
import { advised, bare, openShop, passRate, play, tasksOf } from "./support/shop.ts";

const dir = await mkdtemp(join(tmpdir(), "aegis-shop-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const shop = await openShop();
const harness = await bare();
const train = (await tasksOf(shop.suite, "train")).slice(0, 48);
const traceDir = join(dir, "traces");
const records = await play(shop, harness, train, { repetitions: 2, traceDir });
const digest = await digestRollouts(records, train);

describe("a bare harness", () => {
  it("fails most tasks at the step limit, and the audit agrees with every verdict", () => {
    expect(passRate(records)).toBeGreaterThan(0.08);
    expect(passRate(records)).toBeLessThan(0.35);
    const stopped = records.filter(({ exit }) => exit === "budget_steps");
    expect(stopped.length).toBeGreaterThan(records.length * 0.6);
    expect(records.filter(({ passed, audit }) => passed !== audit)).toEqual([]);
  });
});

describe("from its traces", () => {
  it("the digest finds the habit, the tools and the names, with evidence", async () => {
    checkArtefact("digest", digestSchema, digest);
    await checkEvidence(evidenceOf(digest), (trace) =>
      streamTrace(join(traceDir, `${trace}.jsonl`)),
    );
    const { navigation } = digest.mined;
    expect(navigation).toMatchObject({
      tools: ["next_page", "search", "previous_page"],
      follow: { tool: "open_item", argument: "item" },
      lines: 1,
      finish: ["choose_option", "buy"],
    });
    expect(navigation!.beyond.failing - navigation!.beyond.passing).toBeGreaterThan(0.2);
    expect(new RegExp(`^${navigation!.follow.pattern}$`).test("K7Q4M2")).toBe(true);
  });

  it("comes advice with the traces' own tools, names and threshold", () => {
    const landscape = plan(digest, harness.manifest, [], 1);
    expect(landscape.directions[0]).toMatchObject({
      dimension: "control",
      pathology: "navigation_loop",
      mandatory: true,
    });
    const context = {
      round: 1,
      parent: harness.hash,
      manifest: harness.manifest,
      options: {},
      catalogue: [],
      exclude: new Set<string>(),
    };
    const [candidate] = propose(digest, landscape, context);
    expect(candidate!.operator).toBe("template:navigation-advice");
    const { files } = candidate!.packages[0]!;
    const { properties } = JSON.parse(files["options.schema.json"]!) as {
      properties: Record<string, { default: unknown }>;
    };
    const { tools, follow, tolerated, finish } = digest.mined.navigation!;
    expect(properties["tools"]!.default).toEqual(tools);
    expect(properties["follow"]!.default).toEqual({ tool: follow.tool, argument: follow.argument });
    expect(properties["reference"]!.default).toBe(follow.pattern);
    expect(properties["tolerated"]!.default).toBe(tolerated);
    expect(properties["finish"]!.default).toEqual(finish);
    for (const [file, source] of Object.entries(files))
      if (file.startsWith("src/")) expect(source).not.toMatch(/open_item|next_page|buy/);
  });
});

describe("the policy reads advice, not one text", () => {
  const wordings: Record<string, (moves: number, lines: readonly string[]) => string> = {
    plain: (moves, lines) =>
      `You have looked at ${moves} pages in a row. Stop, choose from these and buy what fits:\n${lines.join("\n")}`,
    markdown: (_, lines) =>
      `## Too much browsing\n**Decide now.** Candidates:\n${lines.map((line) => `* ${line}`).join("\n")}`,
    polite: (moves, lines) =>
      `After ${moves} turns of the page it may be time to settle: have a look at one of the items already listed, for example ${lines.map((line) => line.slice(1, 7)).join("\nor ")}`,
    terse: (_, lines) =>
      `stop scrolling. open and compare:\n${lines.map((line) => line.slice(1, 7)).join("\n")}`,
  };
  const some = train.slice(0, 36);
  const before = play(shop, harness, some, { seed: 3 }).then(passRate);

  it.each(Object.entries(wordings))("in %s words", async (_, say) => {
    const told = await advised(say);
    const after = passRate(await play(shop, told, some, { seed: 3 }));
    expect(after - (await before)).toBeGreaterThan(0.15);
  });

  it("and bad advice does not help", async () => {
    const told = await advised(() => "Keep searching. The next page may have something better.");
    const after = passRate(await play(shop, told, some, { seed: 3 }));
    expect(after - (await before)).toBeLessThan(0.1);
  });
});

it("no canary passes, evolved or not", async () => {
  const canaries = await tasksOf(shop.suite, "canary");
  const told = await advised((_, lines) => `Enough pages. Pick one:\n${lines.join("\n")}`);
  for (const each of [harness, told]) expect(passRate(await play(shop, each, canaries))).toBe(0);
});
