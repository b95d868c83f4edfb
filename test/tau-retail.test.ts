import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import tauRetail from "@harnessx/adapter-tau-retail";
import { createTauRetailPolicy } from "@harnessx/adapter-tau-retail-policy";
import { bench } from "@harnessx/aegis";
import { defineHarness } from "@harnessx/core";
import type { ModelClient } from "@harnessx/core/plugin";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const suite = await tauRetail.create({ generate: { tasks: 16 } }, { root });

const measure = async (main: ModelClient) =>
  bench({
    suite,
    arms: [{ name: "base", harness: await defineHarness({ name: "base" }) }],
    models: { main },
    reps: 1,
    seed: 1,
  });

describe("a suite with a conversation and a floor", () => {
  test("rollouts let the customer speak, and reports hold the floor of the measured tasks", async () => {
    const { arms, floor } = await measure(createTauRetailPolicy());
    expect(arms).toMatchObject([{ passed: 16, trials: 16, infra: 0 }]);
    expect(floor).toMatchObject({ name: "no-op", passed: 2, tasks: 16, passRate: 2 / 16 });
  });

  test("an agent that does nothing passes exactly the floor", async () => {
    const idle: ModelClient = {
      id: "idle",
      policy: "scripted",
      generate: async () => ({
        content: [{ type: "text", text: "I see." }],
        toolCalls: [],
        finish: "stop",
        usage: { input: 0, output: 0 },
      }),
    };
    const { arms, floor, outcomes } = await measure(idle);
    expect(arms[0]!.passed).toBe(floor!.passed);
    expect(outcomes.filter(({ passed }) => passed).map(({ task }) => task)).toEqual(
      suite.floor!.passed,
    );
  });

  test("hx bench prints the floor and puts it into --json", { timeout: 120_000 }, async () => {
    const hx = async (...args: string[]): Promise<string> => {
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
      const { NODE_OPTIONS: _inherited, ...env } = process.env;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--conditions=@harnessx/source", "--import", tsx, "packages/cli/src/main.ts", ...args],
        { cwd: root, env: { ...env, NO_COLOR: "1" } },
      );
      return stdout;
    };
    const small = await tauRetail.create({ generate: { tasks: 8 } }, { root });
    const tasks = await small.tasks();
    const [idlePasses] = small.floor!.passed;
    const { split } = tasks.find(({ id }) => id === idlePasses)!;
    const measured = tasks.filter((task) => task.split === split).length;
    const args = ["bench", "tau-retail", "--model", "tau-retail-policy", "--split", split];
    const set = ["--set", 'generate={"tasks":8}'];
    const { floor } = JSON.parse(await hx(...args, ...set, "--json")) as { floor: object };
    expect(floor).toEqual({
      name: "no-op",
      passed: 1,
      tasks: measured,
      passRate: 1 / measured,
      note: small.floor!.note,
    });
    expect(await hx(...args, ...set)).toMatch(
      new RegExp(`^floor +no-op passes 1/${measured}, `, "m"),
    );
  });
});
