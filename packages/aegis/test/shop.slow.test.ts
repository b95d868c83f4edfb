import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHarness } from "@harnessx/core";
import { expect, it } from "vitest";
import { evolve, JOURNAL, readJournal, replayVerdicts, wilson } from "../src/index.ts";
import { limits, openShop, passRate, play, tasksOf } from "./support/shop.ts";

it.each([1, 2, 3])(
  "evolution installs advice that makes the shop's validation and sealed tasks clearly better, seed %i",
  async (seed) => {
    const shop = await openShop();
    const dir = await mkdtemp(join(tmpdir(), "aegis-shop-"));
    const file = join(dir, "harness.json");
    await writeFile(file, JSON.stringify({ name: "shop", version: "1", limits }));
    const before = await loadHarness(file);
    const report = await evolve({
      dir,
      suite: shop.suite,
      models: { main: shop.main },
      seed,
      rounds: 1,
    });
    expect(report.policy).toBe("rule");
    expect(report.decisions[0]).toMatchObject({ decision: "APPLY" });
    expect(report.decisions[0]!.interval[0]).toBeGreaterThan(0.1);
    expect(report.packages.join()).toContain("navigation-advice");
    const installed = join(
      dir,
      report.packages.find((one) => one.includes("navigation-advice"))!,
    );
    expect(await readFile(join(installed, "README.md"), "utf8")).toContain("## Why");
    const after = await loadHarness(file);
    const sealed = await tasksOf(shop.suite, "sealed");
    const [was, is] = [
      await play(shop, before, sealed, { seed }),
      await play(shop, after, sealed, { seed }),
    ];
    const interval = (rate: number): readonly [number, number] =>
      wilson(rate * sealed.length, sealed.length);
    expect(interval(passRate(is))[0]).toBeGreaterThan(interval(passRate(was))[1]);
    expect(is.filter(({ passed, audit }) => passed !== audit)).toEqual([]);
    const canaries = await tasksOf(shop.suite, "canary");
    expect(passRate(await play(shop, after, canaries, { seed }))).toBe(0);
    expect(
      replayVerdicts(readJournal(join(dir, JOURNAL))).every(({ identical }) => identical),
    ).toBe(true);
    await rm(dir, { recursive: true, force: true });
  },
);
