import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, loadModels, type ModelsFile } from "@harnessx/core";
import { tool, type ModelClient, type ToolSpec } from "@harnessx/core/plugin";
import { assertConformant } from "@harnessx/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLlamaModel } from "../src/index.ts";
import { loadLibrary } from "../src/library.ts";
import { ask, drained, failureOf, never } from "./support/request.ts";
import { writeTinyModel } from "./support/tiny-gguf.ts";

/** node-llama-cpp is an optional peer: without it these tests are skipped, and reported as skipped. */
const isHere = await loadLibrary().then(
  () => true,
  () => false,
);

const folder = mkdtempSync(join(tmpdir(), "harnessx-llama-"));
const modelPath = join(folder, "tiny.gguf");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const paint: ToolSpec = {
  name: "paint",
  description: "Paints.",
  inputSchema: {
    type: "object",
    properties: {
      color: { enum: ["red", "green", "blue"] },
      layers: { enum: [1, 2, 3] },
      gloss: { type: "boolean" },
    },
    required: ["color", "layers", "gloss"],
    additionalProperties: false,
  },
};

describe.skipIf(!isHere)("a model of random weights", () => {
  let model: ModelClient;
  beforeAll(async () => {
    writeTinyModel(modelPath);
    model = await createLlamaModel({
      modelPath,
      contextSize: 1024,
      threads: 1,
      toolChoice: "required",
      recordPrompt: true,
    });
  });

  test("can say nothing but a call that fits the tool's schema", async () => {
    for (let seed = 1; seed <= 3; seed += 1) {
      const request = ask("Paint it.", { tools: [paint], seed, sampling: { maxTokens: 400 } });
      const { toolCalls, finish, content } = await model.generate(request, never());
      expect(finish).toBe("tool_calls");
      expect(content).toEqual([]);
      expect(toolCalls).toEqual([
        {
          id: `call-${seed}`,
          name: "paint",
          input: {
            color: expect.stringMatching(/^(red|green|blue)$/),
            layers: expect.toSatisfy((value: number) => [1, 2, 3].includes(value)),
            gloss: expect.any(Boolean),
          },
        },
      ]);
    }
  });

  test("records the sampled tokens and their log-probabilities", async () => {
    const { tokens, usage } = await model.generate(
      ask("Hello.", { sampling: { maxTokens: 12, temperature: 1 } }),
      never(),
    );
    expect(tokens!.output).toHaveLength(12);
    expect(tokens!.logprobs).toHaveLength(12);
    expect(tokens!.logprobs.every((one) => one < 0 && one > -30)).toBe(true);
    expect(tokens!.prompt).toHaveLength(usage.input);
    expect(usage.output).toBe(12);
  });

  test("says the same again for the same seed, and something else for another", async () => {
    const say = async (seed: number) => {
      const sampling = { maxTokens: 24, temperature: 1 };
      return (await model.generate(ask("Hello.", { seed, sampling }), never())).tokens!.output;
    };
    const first = await say(1);
    expect(await say(1)).toEqual(first);
    expect(await say(2)).not.toEqual(first);
  });

  test("streams text in pieces that add up to the whole", async () => {
    const request = ask("Hello.", { seed: 3, sampling: { maxTokens: 40, temperature: 1 } });
    const { deltas, response } = await drained(model, request);
    const whole = response.content.map((part) => ("text" in part ? part.text : "")).join("");
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.map((delta) => "text" in delta && delta.text).join("")).toBe(whole);
    expect(response.finish).toBe("length");
  });

  test("a stop ends the answer in front of it", async () => {
    const sampling = { maxTokens: 40, temperature: 1 };
    const { response: free } = await drained(model, ask("Hello.", { seed: 3, sampling }));
    const [part] = free.content;
    const text = part?.type === "text" ? part.text : "";
    const stop = Array.from(text).slice(3, 5).join("");
    const { deltas, response } = await drained(
      model,
      ask("Hello.", { seed: 3, sampling: { ...sampling, stop: [stop] } }),
    );
    const before = text.slice(0, text.indexOf(stop));
    expect(response).toMatchObject({ content: [{ text: before }], finish: "stop" });
    expect(deltas.map((delta) => "text" in delta && delta.text).join("")).toBe(before);
  });

  test("a call that the limit cuts off is marked", async () => {
    const request = ask("Paint it.", { tools: [paint], sampling: { maxTokens: 30 } });
    const { toolCalls, finish } = await model.generate(request, never());
    expect(finish).toBe("length");
    expect(toolCalls).toEqual([
      { id: "call-7", name: "paint", input: expect.any(String), malformed: expect.any(String) },
    ]);
  });

  test("an abort ends a call, also one that waits, and the next is served", async () => {
    const sampling = { maxTokens: 900, temperature: 1 };
    const running = new AbortController();
    const waiting = new AbortController();
    const first = failureOf(
      (async () => {
        for await (const delta of model.stream!(ask("Hello.", { sampling }), running))
          if (delta.type === "text") running.abort(new Error("enough"));
      })(),
    );
    const second = failureOf(model.generate(ask("Hello.", { sampling }), waiting));
    waiting.abort(new Error("too long"));
    expect((await second).message).toBe("too long");
    expect((await first).message).toBe("enough");
    const after = await model.generate(ask("Hi.", { sampling: { maxTokens: 2 } }), never());
    expect(after.usage.output).toBe(2);
  });

  test("a prompt beyond the context is refused", async () => {
    const error = await failureOf(model.generate(ask("x".repeat(2_000)), never()));
    expect(error.code).toBe("HX_LLAMA_CONTEXT");
  });

  test("a file that is no model is refused", async () => {
    const noModel = join(folder, "no-model.gguf");
    writeFileSync(noModel, "GGUF and nothing else");
    const error = await failureOf(createLlamaModel({ modelPath: noModel }));
    expect(error.code).toBe("HX_LLAMA_MODEL");
  });

  test("conforms, and serves an agent as the README's models.json says", async () => {
    const dir = fileURLToPath(new URL("..", import.meta.url));
    const small = { modelPath, contextSize: 2048, threads: 1, maxTokens: 16 };
    await assertConformant(dir, { options: small });
    await assertConformant(dir, {
      options: { ...small, id: "tiny", temperature: 0, toolChoice: "required", reusePrefix: false },
    });
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const file = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as ModelsFile;
    const { main } = file.roles;
    const options = { ...main.options, ...small, maxTokens: 200, toolChoice: "required" as const };
    const models = await loadModels({ roles: { main: { ...main, options } } }, { root: dir });
    const painted: unknown[] = [];
    const result = await createAgent({
      harness: await defineHarness({ name: "h", limits: { maxSteps: 2 } }),
      models,
    }).run("Paint it.", {
      tools: [
        tool<object>({
          ...paint,
          execute: (input) => {
            painted.push(input);
            return "painted";
          },
        }),
      ],
    });
    expect(result.exit).toBe("budget_steps");
    expect(painted).toHaveLength(2);
  });
});
