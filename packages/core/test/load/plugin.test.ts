import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createAgent,
  emptyLock,
  hashPackage,
  inspectPlugin,
  loadHarness,
  loadModels,
  loadPlugin,
  scriptedModel,
  type Manifest,
} from "@harnessx/core";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hx-load-"));
});

interface Fake {
  readonly name?: string;
  readonly harnessx?: unknown;
  readonly code?: string;
  readonly packageJson?: Record<string, unknown>;
  readonly schema?: unknown;
}

const PROCESSOR = { api: 1, kind: "processor", dimension: "control", hooks: ["stepEnd"] };
const CODE = `export default { harnessx: "processor", setup(run, options) { run.hooks.stepEnd.tap("t", () => undefined); } };\n`;

/** Writes a package into node_modules of `root`. */
async function install({
  name = "fake",
  harnessx = PROCESSOR,
  code = CODE,
  packageJson = {},
  schema,
}: Fake): Promise<string> {
  const dir = join(root, "node_modules", name);
  await mkdir(dir, { recursive: true });
  const full = {
    name,
    version: "1.2.3",
    type: "module",
    exports: "./index.js",
    harnessx,
    ...packageJson,
  };
  await writeFile(join(dir, "package.json"), JSON.stringify(full));
  await writeFile(join(dir, "index.js"), code);
  if (schema !== undefined)
    await writeFile(
      join(dir, "options.schema.json"),
      typeof schema === "string" ? schema : JSON.stringify(schema),
    );
  return dir;
}

const manifest = (...processors: NonNullable<Manifest["processors"]>): Manifest => ({
  name: "t",
  version: "1",
  processors,
});
const load = (...processors: NonNullable<Manifest["processors"]>) =>
  loadHarness(manifest(...processors), { root });

describe("a package that does not fit is refused with its own code", () => {
  const cases: readonly (Fake & { readonly why: string; readonly code_: string })[] = [
    {
      why: "no metadata",
      packageJson: { harnessx: undefined },
      code_: "HX_PLUGIN_METADATA_MISSING",
    },
    {
      why: "an unknown metadata key",
      harnessx: { ...PROCESSOR, hoks: [] },
      code_: "HX_PLUGIN_METADATA_INVALID",
    },
    {
      why: "an unknown hook",
      harnessx: { ...PROCESSOR, hooks: ["beforeLunch"] },
      code_: "HX_PLUGIN_METADATA_INVALID",
    },
    {
      why: "a processor without a hook",
      harnessx: { ...PROCESSOR, hooks: [] },
      code_: "HX_PLUGIN_METADATA_INVALID",
    },
    {
      why: "a newer contract",
      harnessx: { ...PROCESSOR, api: 2 },
      code_: "HX_PLUGIN_API_UNSUPPORTED",
    },
    {
      why: "code that throws",
      code: "throw new Error('at import')",
      code_: "HX_PLUGIN_IMPORT_FAILED",
    },
    {
      why: "code that does not parse",
      code: "export default {{{",
      code_: "HX_PLUGIN_IMPORT_FAILED",
    },
    { why: "no default export", code: "export const x = 1", code_: "HX_PLUGIN_EXPORT_INVALID" },
    {
      why: "an export of another kind",
      code: `export default { harnessx: "tools", create() {} }`,
      code_: "HX_PLUGIN_EXPORT_INVALID",
    },
    {
      why: "a missing options schema",
      harnessx: { ...PROCESSOR, options: "./options.schema.json" },
      code_: "HX_PLUGIN_OPTIONS_SCHEMA_INVALID",
    },
    {
      why: "an options schema outside",
      harnessx: { ...PROCESSOR, options: "../../x.json" },
      code_: "HX_PLUGIN_OPTIONS_SCHEMA_INVALID",
    },
    {
      why: "an options schema that is none",
      harnessx: { ...PROCESSOR, options: "./options.schema.json" },
      schema: { type: "strnig" },
      code_: "HX_PLUGIN_OPTIONS_SCHEMA_INVALID",
    },
    {
      why: "an entry outside",
      packageJson: { exports: "../other/index.js" },
      code_: "HX_PLUGIN_METADATA_INVALID",
    },
    { why: "no version", packageJson: { version: "" }, code_: "HX_PLUGIN_METADATA_INVALID" },
    {
      why: "another kind than a processor",
      harnessx: { api: 1, kind: "tools" },
      code: `export default { harnessx: "tools", create: () => [] }`,
      code_: "HX_PLUGIN_KIND_MISMATCH",
    },
  ];

  test.each(cases)("$why: $code_", async ({ code_, why: _why, ...fake }) => {
    await install(fake);
    const error = await load({ id: "x", use: "fake" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: code_ });
    expect((error as { hint: string }).hint).not.toBe("");
  });

  test("it is not installed", async () => {
    await expect(load({ id: "x", use: "nowhere" })).rejects.toMatchObject({
      code: "HX_PLUGIN_NOT_FOUND",
      details: { package: "nowhere" },
    });
    await expect(load({ id: "x", use: "./nowhere" })).rejects.toMatchObject({
      code: "HX_PLUGIN_NOT_FOUND",
    });
    await expect(load({ id: "x", use: "inline:nowhere" })).rejects.toMatchObject({
      code: "HX_PLUGIN_NOT_FOUND",
    });
  });

  test("its package.json is no JSON", async () => {
    const dir = await install({});
    await writeFile(join(dir, "package.json"), "{");
    await expect(load({ id: "x", use: "fake" })).rejects.toMatchObject({
      code: "HX_PLUGIN_METADATA_INVALID",
    });
  });
});

describe("options", () => {
  const schema = {
    type: "object",
    additionalProperties: false,
    properties: { window: { type: "integer", minimum: 1, default: 12 } },
  };
  const harnessx = { ...PROCESSOR, options: "./options.schema.json" };

  test("get the schema's defaults and are frozen", async () => {
    await install({ harnessx, schema });
    const { processors } = await load({ id: "x", use: "fake" });
    expect(processors[0]!.options).toEqual({ window: 12 });
    expect(Object.isFrozen(processors[0]!.options)).toBe(true);
  });

  test.each([{ options: { window: 0 } }, { options: { window: "3" } }, { options: { widnow: 3 } }])(
    "$options are refused",
    async ({ options }) => {
      await install({ harnessx, schema });
      await expect(load({ id: "x", use: "fake", options })).rejects.toMatchObject({
        code: "HX_PLUGIN_OPTIONS_INVALID",
        details: { entry: "x" },
      });
    },
  );

  test("a plugin without a schema takes none", async () => {
    await install({});
    await expect(load({ id: "x", use: "fake", options: { a: 1 } })).rejects.toMatchObject({
      code: "HX_PLUGIN_OPTIONS_INVALID",
    });
  });

  test("omitted defaults do not change the harness hash, other values do", async () => {
    await install({ harnessx, schema });
    const hash = async (options?: { window: number }) =>
      (await load({ id: "x", use: "fake", ...(options ? { options } : {}) })).hash;
    expect(await hash({ window: 12 })).toBe(await hash());
    expect(await hash({ window: 13 })).not.toBe(await hash());
  });
});

describe("identity", () => {
  test("the hash follows the code, and changed code is loaded anew", async () => {
    const dir = await install({});
    const before = await load({ id: "x", use: "fake" });
    await writeFile(join(dir, "index.js"), CODE.replace(`"t"`, `"changed"`));
    const after = await load({ id: "x", use: "fake" });
    expect(after.hash).not.toBe(before.hash);
    const names: string[] = [];
    for (const harness of [before, after]) {
      const stream = createAgent({
        harness,
        models: { main: scriptedModel([{ text: "x" }]) },
      }).stream("go");
      for await (const item of stream)
        if (item.type === "event" && item.event.type === "hook")
          names.push(item.event.taps[0]!.tap);
    }
    expect(names).toEqual(["t", "changed"]);
  });

  test("changed code of which parts would stay the old ones is refused", async () => {
    const dir = await install({ code: `export { default } from "./other.js";` });
    await writeFile(join(dir, "other.js"), CODE);
    await load({ id: "x", use: "fake" });
    await writeFile(join(dir, "other.js"), `${CODE}// changed`);
    await expect(load({ id: "x", use: "fake" })).rejects.toMatchObject({
      code: "HX_PLUGIN_CHANGED",
    });
  });

  test("metadata is read without running any code", async () => {
    const dir = await install({ code: "throw new Error('ran')" });
    expect((await inspectPlugin(dir)).metadata).toEqual(PROCESSOR);
    await expect(loadPlugin("fake", root)).rejects.toMatchObject({
      code: "HX_PLUGIN_IMPORT_FAILED",
    });
  });

  test("a run under another hash than expected is refused", async () => {
    const harness = await load();
    const agent = createAgent({ harness, models: { main: scriptedModel([{ text: "x" }]) } });
    await expect(agent.run("go", { expectHarness: "sha256-other" })).rejects.toMatchObject({
      code: "HX_HASH_MISMATCH",
    });
    expect((await agent.run("go", { expectHarness: harness.hash })).harness.executed).toBe(
      harness.hash,
    );
  });
});

describe("the lock", () => {
  async function locked(
    change: (entry: Record<string, unknown>) => void = () => undefined,
    extra: Record<string, unknown> = {},
  ) {
    const dir = await install({ harnessx: { ...PROCESSOR, capabilities: { model: ["judge"] } } });
    const entry = {
      use: "fake",
      version: "1.2.3",
      integrity: await hashPackage(dir, join(dir, "index.js")),
      capabilities: { model: ["judge"] },
      decidedBy: "human",
    };
    change(entry);
    const file = join(root, "harness.json");
    await writeFile(file, JSON.stringify(manifest({ id: "x", use: "fake" })));
    await writeFile(
      join(root, "harness.lock.json"),
      JSON.stringify({ ...emptyLock, lockVersion: 1, entries: { x: entry, ...extra } }),
    );
    return { file, dir };
  }

  test("that matches lets the harness load", async () => {
    const { file } = await locked();
    expect((await loadHarness(file)).processors).toHaveLength(1);
  });

  test.each([
    {
      what: "version",
      change: (entry: Record<string, unknown>) => void (entry["version"] = "9.9.9"),
    },
    {
      what: "code",
      change: (entry: Record<string, unknown>) =>
        void (entry["integrity"] = `sha256-${"0".repeat(64)}`),
    },
    { what: "package", change: (entry: Record<string, unknown>) => void (entry["use"] = "other") },
  ])("that has another $what refuses it", async ({ change }) => {
    const { file } = await locked(change);
    await expect(loadHarness(file)).rejects.toMatchObject({
      code: "HX_LOCK_MISMATCH",
      details: { entry: "x" },
    });
  });

  test("that has an entry more or less refuses it", async () => {
    const { file } = await locked(undefined, {
      y: {
        use: "y",
        version: "1.0.0",
        integrity: `sha256-${"0".repeat(64)}`,
        capabilities: {},
        decidedBy: "human",
      },
    });
    await expect(loadHarness(file)).rejects.toMatchObject({ code: "HX_LOCK_MISMATCH" });
    await writeFile(
      join(root, "harness.lock.json"),
      JSON.stringify({ lockVersion: 1, entries: {} }),
    );
    await expect(loadHarness(file)).rejects.toMatchObject({ code: "HX_LOCK_MISMATCH" });
  });

  test("notices code that was changed afterwards", async () => {
    const { file, dir } = await locked();
    await writeFile(
      join(dir, "index.js"),
      `${await readFile(join(dir, "index.js"), "utf8")}// changed`,
    );
    await expect(loadHarness(file)).rejects.toMatchObject({ code: "HX_LOCK_MISMATCH" });
  });

  test("is checked before any code of the package runs", async () => {
    const { file, dir } = await locked();
    await writeFile(join(dir, "index.js"), "throw new Error('it ran');");
    await expect(loadHarness(file)).rejects.toMatchObject({ code: "HX_LOCK_MISMATCH" });
  });

  test("that is damaged is not ignored", async () => {
    const { file } = await locked();
    await writeFile(join(dirname(file), "harness.lock.json"), "{");
    await expect(loadHarness(file)).rejects.toMatchObject({
      code: expect.stringMatching(/^HX_(LOCK_INVALID|MANIFEST_UNREADABLE)$/) as string,
    });
  });
});

describe("bundles and tools", () => {
  test("a bundle stands for its entries", async () => {
    await install({});
    await install({
      name: "pack",
      harnessx: { api: 1, kind: "bundle" },
      code: `export default { harnessx: "bundle", expand: () => [{ id: "a", use: "fake" }, { id: "b", use: "fake" }] };`,
    });
    expect(
      (await load({ id: "all", use: "pack" })).processors.map((processor) => processor.id),
    ).toEqual(["all.a", "all.b"]);
  });

  test("a bundle that contains itself is refused, and a lock covers what a bundle stands for", async () => {
    const metadata = { api: 1, kind: "bundle" };
    const expand = (use: string) =>
      `export default { harnessx: "bundle", expand: () => [{ id: "part", use: "${use}" }] };`;
    await install({ name: "loop", harnessx: metadata, code: expand("loop") });
    await expect(load({ id: "all", use: "loop" })).rejects.toMatchObject({
      code: "HX_PLUGIN_METADATA_INVALID",
    });
    await install({});
    const dir = await install({ name: "pack", harnessx: metadata, code: expand("fake") });
    const integrity = await hashPackage(dir, join(dir, "index.js"));
    const entry = {
      use: "pack",
      version: "1.2.3",
      integrity,
      capabilities: {},
      decidedBy: "human",
    };
    const lock = { lockVersion: 1 as const, entries: { all: entry } };
    await expect(
      loadHarness(manifest({ id: "all", use: "pack" }), { root, lock }),
    ).rejects.toMatchObject({
      code: "HX_LOCK_MISMATCH",
      details: { entry: "all.part" },
    });
  });

  test("tools are made once and their names must differ", async () => {
    const code = (name: string) =>
      `export default { harnessx: "tools", create: () => [{ name: "${name}", description: "", inputSchema: { type: "object" }, execute: () => "x" }] };`;
    await install({ name: "one", harnessx: { api: 1, kind: "tools" }, code: code("a") });
    await install({ name: "two", harnessx: { api: 1, kind: "tools" }, code: code("a") });
    const of = (...names: string[]) =>
      loadHarness(
        { name: "t", version: "1", tools: names.map((use) => ({ id: use, use })) },
        { root },
      );
    expect((await of("one")).tools.map((tool) => tool.name)).toEqual(["a"]);
    await expect(of("one", "two")).rejects.toMatchObject({ code: "HX_TOOL_DUPLICATE" });
    await expect(
      loadHarness(
        { name: "t", version: "1", tools: [{ id: "m", mcp: { command: "npx" } }] },
        { root },
      ),
    ).rejects.toMatchObject({ code: "HX_MCP_UNSUPPORTED" });
  });
});

describe("models.json", () => {
  const code = `export default { harnessx: "model", create: (options) => ({ id: "m-" + options.key, policy: "scripted", generate: async () => { if (options.key === "down") throw Object.assign(new Error("down"), { retryable: true }); return { content: [{ type: "text", text: options.key }], toolCalls: [], finish: "stop", usage: { input: 1, output: 1 } }; } }) };`;
  const model = {
    name: "some-model",
    harnessx: { api: 1, kind: "model", options: "./options.schema.json" },
    code,
    schema: { type: "object", properties: { key: { type: "string" } } },
  };

  test("roles, retries, fallback, prices and secrets work together", async () => {
    await install(model);
    process.env["HX_TEST_KEY"] = "up";
    const models = await loadModels(
      {
        roles: {
          main: {
            use: "some-model",
            options: { key: "down" },
            retry: { times: 2, delayMs: 1 },
            fallback: [
              {
                use: "some-model",
                options: { key: { env: "HX_TEST_KEY" } },
                price: { input: 1e6, output: 0 },
              },
            ],
          },
        },
      },
      { root },
    );
    const errors: string[] = [];
    const stream = createAgent({ harness: await load(), models }).stream("go");
    for await (const item of stream)
      if (item.type === "event" && item.event.type === "model.error")
        errors.push(`${item.event.model} ${item.event.attempt}`);
    const result = await stream.result;
    expect(result).toMatchObject({ exit: "done", output: "up", totals: { costUsd: 1 } });
    expect(errors).toEqual(["m-down 1", "m-down 2", "m-down 3"]);
  });

  test("without a usable model the run ends as model_error and keeps the reason", async () => {
    await install(model);
    const models = await loadModels(
      { roles: { main: { use: "some-model", options: { key: "down" } } } },
      { root },
    );
    const result = await createAgent({ harness: await load(), models }).run("go");
    expect(result).toMatchObject({ exit: "model_error", error: { code: "HX_MODEL_FAILED" } });
    expect(result.reason).toContain("down");
  });

  test.each([
    { file: { roles: {} }, code: "HX_MODELS_INVALID" },
    { file: { roles: { main: { use: "some-model", retires: 1 } } }, code: "HX_MODELS_INVALID" },
    { file: { roles: { main: { use: "fake" } } }, code: "HX_PLUGIN_KIND_MISMATCH" },
    {
      file: { roles: { main: { use: "some-model", options: { key: { env: "HX_NOT_SET" } } } } },
      code: "HX_SECRET_MISSING",
    },
  ])("$code", async ({ file, code: expected }) => {
    await install(model);
    await install({});
    await expect(loadModels(file as never, { root })).rejects.toMatchObject({ code: expected });
  });

  const malformed: readonly {
    readonly what: string;
    readonly response: unknown;
    readonly problem: string;
  }[] = [
    { what: "nothing", response: undefined, problem: "no object" },
    {
      what: "text for content",
      response: { content: "hi", toolCalls: [], finish: "stop", usage: { input: 1, output: 1 } },
      problem: "content",
    },
    {
      what: "a call without id",
      response: {
        content: [],
        toolCalls: [{ name: "x" }],
        finish: "tool_calls",
        usage: { input: 1, output: 1 },
      },
      problem: "no id",
    },
    {
      what: "an unknown finish",
      response: { content: [], toolCalls: [], finish: "tired", usage: { input: 1, output: 1 } },
      problem: "finish",
    },
    {
      what: "no usage",
      response: { content: [], toolCalls: [], finish: "stop" },
      problem: "usage",
    },
    {
      what: "unequal log-probabilities",
      response: {
        content: [],
        toolCalls: [],
        finish: "stop",
        usage: { input: 1, output: 1 },
        tokens: { output: [1], logprobs: [] },
      },
      problem: "length",
    },
  ];
  test.each(malformed)(
    "a response with $what is an error of the model",
    async ({ response, problem }) => {
      const client = { ...scriptedModel([]), generate: () => Promise.resolve(response as never) };
      const result = await createAgent({ harness: await load(), models: { main: client } }).run(
        "go",
      );
      expect(result).toMatchObject({
        exit: "model_error",
        error: { code: "HX_MODEL_RESPONSE_INVALID" },
      });
      expect(result.error!.message).toContain(problem);
    },
  );
});
