import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAgent,
  createMemorySink,
  loadHarness,
  scriptedModel,
  type LoadedHarness,
  type ToolResult,
  type TraceEvent,
} from "@harnessx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createProcessIsolation,
  createWasmIsolation,
  openIsolated,
  type Isolation,
} from "../../src/isolation/index.ts";
import { CONTRACT } from "../../src/verify/build.ts";
import { canWall } from "./matrix.ts";

/** A package of one tool `probe` whose execute has the given body. */
async function toolPackage(
  body: string,
  { spec = "", head = "", net = [] as readonly string[] } = {},
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "harnessx-tools-"));
  await mkdir(join(root, "kit/dist"), { recursive: true });
  const harnessx = { api: 1, kind: "tools", ...(net.length > 0 ? { capabilities: { net } } : {}) };
  const facts = { name: "kit", version: "1.0.0", type: "module", exports: "./dist/index.js" };
  await writeFile(join(root, "kit/package.json"), JSON.stringify({ ...facts, harnessx }));
  await writeFile(join(root, "kit/dist/contract.js"), CONTRACT);
  await writeFile(
    join(root, "kit/dist/index.js"),
    `import { defineTools, tool } from "./contract.js";
     ${head}
     export default defineTools((options, context) => [tool({
       name: "probe",
       description: "Does what the test wants.",
       inputSchema: { type: "object", properties: { what: { type: "string" } } },
       ${spec}
       execute(input, call) { ${body} },
     })]);`,
  );
  return root;
}

const load = (root: string, isolation?: Isolation): Promise<LoadedHarness> =>
  loadHarness(
    { name: "kit", version: "1", tools: [{ id: "kit", use: "./kit" }], limits: { maxSteps: 6 } },
    { root, lock: false, ...(isolation ? { open: openIsolated(isolation) } : {}) },
  );

interface Ran {
  readonly results: readonly ToolResult[];
  readonly events: readonly TraceEvent[];
  readonly logs: readonly string[];
}

/** Lets a scripted model call the tool with each input, one step after another. */
async function run(
  harness: LoadedHarness,
  inputs: readonly unknown[] = [{}],
  limits: { readonly toolTimeoutMs?: number } = {},
): Promise<Ran> {
  const sink = createMemorySink();
  const models = {
    main: scriptedModel([
      ...inputs.map((input) => ({ calls: [{ name: "probe", input }] })),
      { text: "Done." },
    ]),
  };
  const patient = { ...harness, limits: { ...harness.limits, ...limits } };
  await createAgent({ harness: patient, models }).run("x", { seed: 1, trace: () => sink });
  const { events } = sink;
  return {
    events,
    results: events.flatMap((event) => (event.type === "tool.result" ? [event] : [])),
    logs: events.flatMap((event) =>
      event.type === "log" && event.by.startsWith("tool:") ? [event.message] : [],
    ),
  };
}

const tiers: readonly (readonly [string, boolean, () => Isolation])[] = [
  ["wasm, in a thread", false, () => createWasmIsolation({ fuel: 300 })],
  ["wasm, inline", false, () => createWasmIsolation({ fuel: 300, placement: "inline" })],
  [
    canWall ? "process" : "process (skipped: bubblewrap cannot run here)",
    !canWall,
    () => createProcessIsolation({ deadlineMs: 3_000 }),
  ],
];

let web: ReturnType<typeof createServer>;
let host: string;
let requests = 0;
beforeAll(async () => {
  web = createServer((request, response) => {
    requests += 1;
    response.setHeader("x-seen", request.headers["x-from"] ?? "");
    response.end(`${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => void web.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(() => web.close());

describe.each(tiers)("tools behind the wall: %s", (_name, skip, make) => {
  const isolation = make();
  afterAll(() => isolation.dispose());
  const codeOf = ({ results }: Ran): unknown => results[0]?.error?.code;

  it.skipIf(skip)("do what they do in front of it", async () => {
    const root = await toolPackage(
      `call.log("at " + call.step, { now: call.now() === Date.now() || true });
       if (input.what === "throw") throw new Error("no " + input.what);
       if (input.what === "nothing") return undefined;
       if (input.what === "structured") return { status: "ok", content: "s", structured: { a: [1, null] } };
       if (input.what === "parts") return { status: "ok", content: [{ type: "text", text: "p" }], end: true };
       if (input.what === "later") return Promise.resolve("later " + call.signal.aborted);
       return { status: "error", content: "e " + call.callId + call.idempotencyKey.includes(call.runId), error: { code: "X", message: "y" } };`,
    );
    const whats = ["throw", "nothing", "structured", "later", "other", "parts"];
    const inputs = whats.map((what) => ({ what }));
    const [trusted, walled] = [await load(root), await load(root, isolation)];
    expect(walled.hash).toBe(trusted.hash);
    expect(walled.tools.map(({ execute: _, ...spec }) => spec)).toEqual(
      trusted.tools.map(({ execute: _, ...spec }) => spec),
    );
    const expected = await run(trusted, inputs);
    const got = await run(walled, inputs);
    expect(got.results).toHaveLength(6);
    const anonymous = ({ results }: Ran): unknown =>
      results.map(({ status, structured, end, error }) => [status, structured, end, error]);
    expect(anonymous(got)).toEqual(anonymous(expected));
    expect(got.logs).toEqual(expected.logs);
  });

  it.skipIf(skip)("reach the hosts that were granted, through the host, counted", async () => {
    const body = `return (async () => {
      const { status, headers, body } = await context.http({ url: "http://" + input.host + "/a?b", headers: { "x-from": "me" } });
      return [status, headers["x-seen"], body].join(" ");
    })();`;
    const before = requests;
    const granted = await load(await toolPackage(body, { net: [host] }), isolation);
    const ok = await run(granted, [{ host }]);
    expect(ok.results[0]).toMatchObject({ status: "ok", content: "200 me GET /a?b" });
    expect(requests).toBe(before + 1);
    expect(isolation.usage()["kit"]?.["http"]).toBe(1);

    const without = await load(await toolPackage(body), isolation);
    const refused = await run(without, [{ host }]);
    expect(refused.results[0]?.status).toBe("error");
    expect(requests).toBe(before + 1);
  });

  it.skipIf(skip)("a loop ends the call and not the tool", async () => {
    const root = await toolPackage(`if (input.what === "loop") for (;;); return "fine";`);
    const harness = await load(root, isolation);
    const { results } = await run(harness, [{ what: "loop" }, {}, {}]);
    expect(results.map(({ status }) => status)).toEqual(["error", "ok", "ok"]);
    expect(String(results[0]!.content)).toMatch(/fuel|stopped/);
  });

  it.skipIf(skip)("a result that is too large is refused", async () => {
    const harness = await load(await toolPackage(`return "x".repeat(1 << 21);`), isolation);
    const { results } = await run(harness);
    expect(results[0]).toMatchObject({ status: "error" });
    expect(String(results[0]!.content)).toContain("too much data");
  });

  it.skipIf(skip)("a polluting result is refused", async () => {
    const body = `return JSON.parse('{"status": "ok", "content": "", "structured": {"__proto__": {"hx": 1}}}');`;
    const ran = await run(await load(await toolPackage(body), isolation));
    expect(ran.results[0]?.status).toBe("error");
    expect("hx" in {}).toBe(false);
  });

  it.skipIf(skip)("an abort reaches the call, and a call that is over can do nothing", async () => {
    const body = `return new Promise((resolve) => {
      call.signal.addEventListener("abort", () => {
        try { call.log("after the end"); } catch (error) { globalThis.said = error.message; }
        resolve("");
      });
      if (input.what === "wait") resolve("");
      if (input.what === "tell") resolve(String(globalThis.said));
    });`;
    const harness = await load(await toolPackage(body), isolation);
    const inputs = [{}, { what: "wait" }, { what: "tell" }];
    const { results, logs } = await run(harness, inputs, { toolTimeoutMs: 300 });
    expect(results[0]?.status).toBe("timeout");
    expect(results[2]).toMatchObject({ status: "ok", content: "the call is over" });
    expect(logs).toEqual([]);
    expect(codeOf({ results, logs, events: [] })).toBe("HX_TOOL_TIMEOUT");
  });
});

describe("what tools may say of themselves", () => {
  const isolation = createWasmIsolation({ placement: "inline" });
  afterAll(() => isolation.dispose());

  it.each([
    [
      "a pattern, which the host would run",
      `outputSchema: { type: "object", properties: { a: { type: "string", pattern: "(a+)+$" } } },`,
    ],
    ["a reference", `outputSchema: { $ref: "#" },`],
    ["a description without end", `description: "x".repeat(30000),`],
    ["a field that tools do not have", `tags: [{ __proto__: null }],`],
  ])("refuses tools that declare %s", async (_what, spec) => {
    const root = await toolPackage(`return "";`, { spec });
    await expect(load(root, isolation)).rejects.toMatchObject({ code: "HX_ISOLATION_BAD_DATA" });
  });

  it("a property that is called pattern is no pattern", async () => {
    const spec = `inputSchema: { type: "object", properties: { pattern: { type: "string" } } },`;
    const harness = await load(await toolPackage("return input.pattern;", { spec }), isolation);
    expect((await run(harness, [{ pattern: "p" }])).results[0]?.content).toBe("p");
  });
});

describe.skipIf(!canWall)("tools in the process tier", () => {
  it("may use Node: its own files, timers, cryptography", async () => {
    const isolation = createProcessIsolation();
    const root = await toolPackage(
      `return (async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const file = JSON.parse(await readFile("/app/package/package.json", "utf8"));
        return file.name + " " + createHash("sha256").update("x").digest("hex").slice(0, 8);
      })();`,
      {
        head: `import { readFile } from "node:fs/promises"; import { createHash } from "node:crypto";`,
      },
    );
    const { results } = await run(await load(root, isolation));
    expect(results[0]).toMatchObject({ status: "ok", content: "kit 2d711642" });
    await isolation.dispose();
  });
});
