import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { connectMcp } from "@harnessx/adapter-mcp";
import { folder, open, person, reference, shown } from "./support.ts";

test("server-everything: tools, resources, prompts, completion, progress, elicitation, sampling, roots", async () => {
  const { server, call } = await open(reference("everything", "stdio"), {
    resources: "tools",
    prompts: "tools",
  });
  expect(server.info).toMatchObject({ name: "mcp-servers/everything", protocol: "2025-11-25" });
  expect(shown(await call("echo", { message: "hi" }))).toBe("Echo: hi");
  expect((await call("get-structured-content", { location: "New York" })).structured).toMatchObject(
    { temperature: expect.any(Number) },
  );
  expect((await call("get-tiny-image")).content).toContainEqual(
    expect.objectContaining({ type: "image", mediaType: "image/png" }),
  );
  expect(shown(await call("get-resource-links", { count: 2 }))).toMatch(/\[resource link demo:/);
  expect(
    shown(await call("get-resource-reference", { resourceType: "Text", resourceId: 1 })),
  ).toMatch(/\[resource demo:/);
  const logs: string[] = [];
  const log = (message: string): void => void logs.push(message);
  expect(
    (await call("trigger-long-running-operation", { duration: 0.4, steps: 4 }, { log })).status,
  ).toBe("ok");
  expect(logs.length).toBeGreaterThanOrEqual(3);
  expect(shown(await call("get-roots-list"))).toContain("file://");
  const { asked, ask } = person("accept", { name: "Ada", check: true });
  expect(shown(await call("trigger-elicitation-request", {}, { ask }))).toContain("- Name: Ada");
  expect(asked).toHaveLength(1);
  const model = () => ({
    generate: () =>
      Promise.resolve({
        content: [{ type: "text" as const, text: "sampled!" }],
        toolCalls: [],
        finish: "stop" as const,
        usage: { input: 1, output: 1 },
      }),
  });
  expect(
    shown(await call("trigger-sampling-request", { prompt: "x", maxTokens: 10 }, { ask, model })),
  ).toContain("sampled!");

  const tools = new Map(server.source.list().map((tool) => [tool.name, tool]));
  const { toolContext } = await import("@harnessx/core/testing");
  const run = async (name: string, input: object) =>
    shown((await tools.get(name)!.execute(input as never, toolContext())) as never);
  const listed = await run("s__list_resources", {});
  const uri = listed.split(" | ")[0]!;
  expect(await run("s__read_resource", { uri })).toContain(`[resource ${uri}`);
  expect(await run("s__list_resources", { contains: "(template)" })).toContain("{resourceId}");
  expect(await run("s__list_prompts", { contains: "args" })).toContain("args-prompt(city, state?)");
  expect(await run("s__get_prompt", { name: "args-prompt", arguments: { city: "Rome" } })).toMatch(
    /user:\n.*Rome/,
  );
  expect((await server.prompts()).map(({ name }) => name)).toContain("completable-prompt");
  expect(
    await server.complete({ prompt: "completable-prompt" }, { name: "department", value: "E" }),
  ).toContain("Engineering");
});

test("server-filesystem works in its roots and nowhere else, in a run", async () => {
  const root = await realpath(await folder());
  await mkdir(join(root, "inside"));
  await writeFile(join(root, "inside", "a.txt"), "alpha");
  const entry = { id: "files", mcp: reference("filesystem", root), options: { roots: ["inside"] } };
  const harness = await loadHarness(
    { name: "demo", version: "1", tools: [entry] },
    { root, mcp: connectMcp },
  );
  try {
    const model = scriptedModel([
      {
        calls: [
          { name: "files__read_text_file", input: { path: join(root, "inside", "a.txt") } },
          { name: "files__write_file", input: { path: join(root, "outside.txt"), content: "x" } },
          { name: "files__read_text_file", input: { path: 5 } },
        ],
      },
      { text: "done" },
    ]);
    const { messages } = await createAgent({ harness, models: { main: model } }).run("go");
    const answers = [...messages].filter((message) => message.role === "tool");
    expect(answers.map(({ status }) => status)).toEqual(["ok", "error", "error"]);
    expect(JSON.stringify(answers[0]!.content)).toContain("alpha");
    await expect(readFile(join(root, "outside.txt"))).rejects.toThrow("ENOENT");
  } finally {
    await harness.close();
  }
});

test("server-memory keeps its state over calls and loses it with the process alone", async () => {
  const root = await folder();
  const file = join(root, "memory.jsonl");
  const { call } = await open({ ...reference("memory"), env: { MEMORY_FILE_PATH: file } } as never);
  const entities = [{ name: "Ada", entityType: "person", observations: ["counts"] }];
  expect((await call("create_entities", { entities })).structured).toEqual({ entities });
  expect((await call("search_nodes", { query: "Ada" })).structured).toMatchObject({ entities });
});

test("server-sequential-thinking answers with structured content", async () => {
  const { call } = await open(reference("sequential-thinking"));
  const thought = {
    thought: "first",
    nextThoughtNeeded: false,
    thoughtNumber: 1,
    totalThoughts: 1,
  };
  expect((await call("sequentialthinking", thought)).structured).toMatchObject({
    thoughtNumber: 1,
  });
});
