import { describe, expect, test } from "vitest";
import {
  createAgent,
  defineHarness,
  loadHarness,
  scriptedModel,
  validatorFor,
} from "@harnessx/core";
import { connectMcp } from "@harnessx/adapter-mcp";
import { folder, open, own, shown } from "./support.ts";

describe("content", () => {
  test("of every kind becomes something a model can read", async () => {
    const { call } = await open(own("wrong"));
    const { content } = await call("content");
    expect(content).toEqual([
      { type: "text", text: "words" },
      { type: "image", mediaType: "image/png", data: expect.stringMatching(/^iVBOR/) },
      { type: "text", text: "[audio: audio/wav, 4 bytes, left out]" },
      { type: "text", text: "[resource link file:///a.txt (text/plain, 12 bytes)] a: A file" },
      { type: "text", text: "[resource file:///b.txt (text/plain)]\ninside b" },
      { type: "image", mediaType: "image/png", data: expect.stringMatching(/^iVBOR/) },
      { type: "text", text: "[resource file:///d.zip: application/zip, 4 bytes, left out]" },
      { type: "text", text: "[image: image/x-strange, 4 bytes, left out]" },
    ]);
  });

  test("that is structured is for programs, and shown only where there is nothing else", async () => {
    const { call } = await open(own("wrong"));
    expect(await call("fit")).toEqual({
      status: "ok",
      content: [{ type: "text", text: "see structured" }],
      structured: { n: 4 },
    });
    expect(await call("only-structured")).toEqual({
      status: "ok",
      content: [{ type: "text", text: '{"n":5}' }],
      structured: { n: 5 },
    });
  });

  test("of an error says so in its status", async () => {
    const { call } = await open(own("wrong"));
    expect(await call("failing")).toMatchObject({
      status: "error",
      content: [{ type: "text", text: "no such thing" }],
      error: { code: "HX_MCP_TOOL_ERROR" },
    });
  });
});

describe("definitions", () => {
  test("come from all pages, under names that fit and do not collide", async () => {
    const { server } = await open(own("wrong"), { resources: "tools", prompts: "tools" });
    const names = server.source.list().map(({ name }) => name);
    for (const name of names) expect(name).toMatch(/^s__[\w-]{1,61}$/);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("s__bash");
    expect(names).not.toContain("bash");
    expect(names.filter((name) => name.startsWith("s__a_b_c_d-"))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith("s__nnn"))).toHaveLength(2);
    // The server's own tool of that name makes room for ours.
    expect(names).toContain("s__read_resource");
    expect(server.tool("read_resource")!.name).toMatch(/^s__read_resource-[0-9a-f]{8}$/);
    expect(server.source.list()).toBe(server.source.list());
  });

  test("that core cannot check are withheld, and the others are used", async () => {
    const { server, reports } = await open(own("wrong"));
    expect([...server.withheld.keys()]).toEqual(["unschema", "faraway"]);
    expect(reports.map(({ kind, tool }) => [kind, tool])).toEqual([
      ["tool-invalid", "unschema"],
      ["tool-invalid", "faraway"],
    ]);
    for (const { inputSchema } of server.source.list())
      expect(() => validatorFor(inputSchema)).not.toThrow();
  });

  test("are chosen by the entry", async () => {
    const { server } = await open(own("wrong"), {
      tools: { allow: ["f*", "bash"], deny: ["failing"] },
    });
    expect(server.definitions.map(({ name }) => name)).toEqual(["fit", "bash"]);
  });
});

describe("in a run", () => {
  test("a result that does not fit its schema is an error, one that fits reaches the program", async () => {
    const root = await folder();
    const harness = await loadHarness(
      {
        name: "demo",
        version: "1",
        tools: [
          { id: "w", mcp: own("wrong") },
          { id: "w-2", mcp: own("wrong") },
        ],
      },
      { root, mcp: connectMcp },
    );
    try {
      const calls = ["misfit", "missing", "fit", "unschema"].map((name, index) => ({
        id: `c${index}`,
        name: `w__${name}`,
        input: {},
      }));
      const model = scriptedModel([{ calls }, { text: "done" }]);
      const result = await createAgent({ harness, models: { main: model } }).run("go");
      const answers = [...result.messages].filter((message) => message.role === "tool");
      expect(answers.map(({ status }) => status)).toEqual(["error", "error", "ok", "error"]);
      expect(harness.tools.map(({ name }) => name)).toContain("w-2__bash");
    } finally {
      await harness.close();
    }
  });

  test("without the adapter an entry is refused", async () => {
    const entry = { id: "w", mcp: own("wrong") };
    await expect(defineHarness({ name: "demo", tools: [entry] })).rejects.toMatchObject({
      code: "HX_MCP_UNSUPPORTED",
    });
  });
});

describe("size", () => {
  test("a long text is cut and says how much is missing", async () => {
    const { call } = await open(own("huge"), { maxTextBytes: 100_000 });
    const result = await call("text", { bytes: 1_000_000 });
    expect(result.status).toBe("ok");
    expect(shown(result)).toMatch(/^0123456789abcde\n[^]*… 9\d{5} bytes left out …\]$/);
    expect(shown(result).length).toBeLessThan(101_000);
  });

  test("a result that was cut is none for a program", async () => {
    const { call } = await open(own("huge"), { maxTextBytes: 100_000 });
    const result = await call("structured", { bytes: 1_000_000 });
    expect(result).toMatchObject({ status: "error", error: { code: "HX_MCP_TOO_LARGE" } });
    expect(result.structured).toBeUndefined();
    expect((await call("structured", { bytes: 50_000 })).status).toBe("ok");
  });

  test("a picture that was cut is described", async () => {
    const { call } = await open(own("huge"), { maxTextBytes: 100_000 });
    expect(shown(await call("image", { bytes: 500_000 }))).toMatch(
      /^\[image: image\/png, \d{6} bytes, left out\]$/,
    );
  });

  test("a message of many parts is dropped at its limit, and the server goes on", async () => {
    const { call } = await open(own("huge"), { maxMessageBytes: 1_000_000 });
    expect(await call("many", { bytes: 3_000_000 })).toMatchObject({
      status: "error",
      error: { code: "HX_MCP_TOO_LARGE" },
    });
    expect((await call("many", { bytes: 100_000 })).status).toBe("ok");
  });
});
