import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createAgent,
  defineHarness,
  loadModels,
  type ModelsFile,
  type RoleModels,
} from "@harnessx/core";
import { tool } from "@harnessx/core/plugin";
import { assertConformant, testPlugin } from "@harnessx/core/testing";
import { afterEach, expect, test, vi } from "vitest";
import { json, serve, type Loopback } from "./support/loopback.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
let server: Loopback | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

const answer = (message: object, finish = "stop") => ({
  choices: [{ index: 0, message, finish_reason: finish }],
  usage: { prompt_tokens: 10, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } },
});

test("conforms, with the least and with many options", async () => {
  await assertConformant(folder);
  await assertConformant(folder, {
    options: {
      model: "m",
      api: "responses",
      baseURL: "http://127.0.0.1:1/v1",
      headers: { a: "b" },
      omit: ["seed"],
      body: { top_k: 1 },
      maxResponseBytes: 4096,
    },
  });
});

test.each([{}, { model: "" }, { model: "m", api: "realtime" }, { model: "m", omit: ["top_k"] }])(
  "refuses the options %j",
  async (options) => {
    const { checks } = await testPlugin(folder, { options });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["options"]);
  },
);

test("the README's models.json serves an agent: tool, retry, usage and price", async () => {
  let asked = 0;
  server = await serve((response, body) => {
    asked += 1;
    if (asked === 1) return json(response, { error: { message: "busy" } }, 503);
    const last = (body["messages"] as { role: string }[]).at(-1)!;
    const call = {
      id: "c",
      type: "function",
      function: { name: "add", arguments: '{"a":2,"b":3}' },
    };
    return json(
      response,
      last.role === "tool"
        ? answer({ content: "It is 5." })
        : answer({ content: null, tool_calls: [call] }, "tool_calls"),
    );
  });
  vi.stubEnv("OPENAI_API_KEY", "key-of-nobody");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const file = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as ModelsFile;
  const main = file.roles.main;
  const pointed = {
    roles: {
      main: {
        ...main,
        options: { ...main.options, baseURL: `${server.url}/v1` },
        retry: { ...main.retry!, delayMs: 1 },
      },
    },
  };
  const models = await loadModels(pointed, { root: folder });
  expect((models.main as RoleModels).targets[0].client.policy).toBe("model");
  const add = tool<{ a: number; b: number }>({
    name: "add",
    description: "Adds.",
    inputSchema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
    execute: ({ a, b }) => String(a + b),
  });
  const result = await createAgent({ harness: await defineHarness({ name: "h" }), models }).run(
    "What is 2 + 3?",
    { tools: [add] },
  );
  expect(result).toMatchObject({ exit: "done", output: "It is 5." });
  expect(asked).toBe(3);
  expect(server.headers[0]!.authorization).toBe("Bearer key-of-nobody");
  // 12 fresh and 8 cached tokens in, 4 out, at the README's prices.
  expect(result.totals.costUsd).toBeCloseTo((12 * 1.25 + 8 * 0.125 + 4 * 10) / 1e6, 12);
});
