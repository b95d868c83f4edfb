import { createAgent, createMemorySink, scriptedModel } from "@harnessx/core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createTrustedIsolation, createWasmIsolation } from "../../src/isolation/index.ts";
import { alone, attack, packageWith, tools, type Recording } from "./world.ts";

const isolation = createWasmIsolation({ fuel: 300, placement: "inline" });
afterAll(() => isolation.dispose());

const codeOf = ({ result }: Recording): unknown => result.error?.code;
const logs = ({ events }: Pick<Recording, "events">): unknown[] =>
  events.flatMap((event) =>
    event.type === "log" && event.by === "subject" ? [event.message] : [],
  );
const tap = (body: string): string => `run.hooks.beforeTool.tap("attack", (event) => { ${body} });`;
const hooks = ["beforeTool"];

/** What no attack may change: checked after each. */
const natives = [Object.prototype, Array.prototype, Function.prototype, Promise.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
);
afterEach(() => {
  for (const [prototype, keys] of natives) expect(Reflect.ownKeys(prototype).length).toBe(keys);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

it("hands cells over to the next harness of a run", async () => {
  const root = await packageWith(
    `const cell = run.cell("count", { calls: 0 });
     run.hooks.beforeTool.tap("count", () => { cell.value.calls += 1; run.log(String(cell.value.calls)); });`,
    { hooks, state: ["count"] },
  );
  const [first, second] = [await alone(isolation, root), await alone(isolation, root, "skip")];
  const call = { calls: [{ name: "act", input: { command: "x" } }] };
  const models = { main: scriptedModel([call, call, call, call, { text: "Done." }]) };
  const sink = createMemorySink();
  let made = 0;
  const counting = tools.map((tool) => ({
    ...tool,
    execute: (...given: Parameters<typeof tool.execute>) => {
      made += 1;
      if (made === 2) void run.swap(second);
      return tool.execute(...given);
    },
  }));
  const run = createAgent({ harness: first, models }).start("x", {
    tools: counting,
    trace: () => sink,
  });
  expect((await run.result).exit).toBe("done");
  expect(sink.events.some((event) => event.type === "swap")).toBe(true);
  expect(logs(sink)).toEqual(["1", "2", "3", "4"]);
});

it("probes the tier on this machine", async () => {
  const report = await isolation.probe();
  expect(report.checks.filter(({ held }) => !held)).toEqual([]);
  expect(report.ok).toBe(true);
  expect((await createTrustedIsolation().probe()).ok).toBe(true);
});

describe("what breaks a limit", () => {
  it.each([
    ["a thenable that does nothing", "return { then() {} };", "HX_ISOLATION_STUCK"],
    [
      "a deep answer",
      "let a = []; for (let i = 0; i < 500; i += 1) a = [a]; return replace(event.withInput(a));",
      "HX_ISOLATION_BAD_DATA",
    ],
    [
      "an outcome of another kind",
      "return intercept({ status: 'ok', content: 1 });",
      "HX_ISOLATION_BAD_DATA",
    ],
    [
      "an unknown field",
      "return intercept({ status: 'ok', content: '', polluted: 1 });",
      "HX_ISOLATION_BAD_DATA",
    ],
    [
      "an error with a hostile text",
      "throw { toString() { throw 1; }, get message() { throw 2; } };",
      "HX_PROCESSOR_THREW",
    ],
    [
      "an error with a hostile name",
      "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw 1; } }); throw e;",
      "HX_PROCESSOR_THREW",
    ],
    [
      "a proxy as verdict",
      "return new Proxy({}, { get() { throw new Error('trap'); }, has: () => true });",
      "HX_PROCESSOR_THREW",
    ],
    ["an event made by hand", `return replace({ ...event });`, "HX_VERDICT_INVALID"],
    ["a verdict of another hook", "return retry('x');", "HX_VERDICT_INVALID"],
    ["no verdict at all", "return () => 1;", "HX_VERDICT_INVALID"],
  ])("%s ends as %s", async (_name, body, code) => {
    expect(codeOf(await attack(isolation, tap(body), { hooks }))).toBe(code);
  });

  it("too many requests end in the plugin's own error", async () => {
    const recorded = await attack(
      isolation,
      tap("for (let i = 0; i < 5000; i += 1) run.log('x');"),
      { hooks },
    );
    expect(codeOf(recorded)).toBe("HX_PROCESSOR_THREW");
    expect(logs(recorded).length).toBe(1000);
  });

  it("a sandbox that broke a limit is not used again", async () => {
    const root = await packageWith(tap("for (;;);"), { hooks });

    const sink = createMemorySink();
    const call = { calls: [{ name: "act", input: { command: "x" } }] };
    const result = await createAgent({
      harness: await alone(isolation, root, "skip"),
      models: { main: scriptedModel([call, call, { text: "Done." }]) },
    }).run("x", { tools, trace: () => sink });
    expect(result.exit).toBe("done");
    const faults = sink.events.flatMap((event) =>
      event.type === "log" && event.by === "runtime" ? [(event.data as { code: string }).code] : [],
    );
    expect(faults).toEqual(["HX_ISOLATION_OUT_OF_FUEL", "HX_ISOLATION_STOPPED"]);
  });

  it("engine code that burns no fuel is stopped by time, and later runs go on", async () => {
    const short = createWasmIsolation({ deadlineMs: 1_500 });
    const root = await packageWith(
      tap(
        `if (event.call.input.command === "bad") "a".repeat(2e6).indexOf("a".repeat(1e6) + "b");`,
      ),
      { hooks },
    );
    const harness = await alone(short, root);
    const run = async (command: string) => {
      const calls = [{ name: "act", input: { command } }];
      const models = { main: scriptedModel([{ calls }, { text: "Done." }]) };
      return createAgent({ harness, models }).run("x", { tools, trace: () => undefined });
    };
    expect((await run("good")).exit).toBe("done");
    expect((await run("bad")).error?.code).toBe("HX_ISOLATION_OUT_OF_TIME");
    expect((await run("good")).exit).toBe("done");
    await short.dispose();
  });
});

describe("what code can reach", () => {
  it("finds no name of the host, by any way", async () => {
    const found = await attack(
      isolation,
      `const roots = [globalThis, (0, eval)("this"), (() => {}).constructor("return this")(),
         Object.getPrototypeOf(async () => {}).constructor("return globalThis"), run.log.constructor("return this")(),
         run.hooks.beforeTool.tap.constructor("return this")()];
       const names = ["process", "require", "fetch", "WebAssembly", "setTimeout", "performance", "Buffer", "console"];
       run.log(roots.flatMap((root) => names.filter((name) => root?.[name] !== undefined)).join());
       run.log(String(run.log.constructor === Function && Object.getPrototypeOf(run) === Object.prototype));
       run.log(Object.getOwnPropertyNames(globalThis).filter((name) => /^__|host/i.test(name)).join());`,
    );
    expect(codeOf(found)).toBeUndefined();
    expect(logs(found)).toEqual(["", "true", ""]);
  });

  it.each([
    "node:fs",
    "fs",
    "../../../secret.js",
    "/etc/passwd",
    "file:///etc/passwd",
    "@harnessx/core",
  ])("cannot import %s", async (name) => {
    const head = `import * as it from ${JSON.stringify(name)}; globalThis.it = it;`;
    await expect(attack(isolation, "", { head })).rejects.toMatchObject({
      code: "HX_ISOLATION_LOAD_FAILED",
    });
    const later = await attack(
      isolation,
      `return import(${JSON.stringify(name)}).then(() => run.log("in"), () => run.log("refused"));`,
    );
    expect(logs(later)).toEqual(["refused"]);
  });

  it("a clock that stands still and chance that repeats", async () => {
    const body = tap(`
      const start = Date.now();
      for (let i = 0; i < 1e5; i += 1);
      run.log(String(Date.now() - start) + " " + (start === run.clock.now()));
      run.log([Math.random(), run.random(), Math.random()].join());
      run.log(typeof performance + new Date(0).getTimezoneOffset());`);
    const first = logs(await attack(isolation, body, { hooks }));
    expect(first[0]).toBe("0 true");
    expect(first[2]).toBe("undefined0");
    expect(logs(await attack(isolation, body, { hooks }))[1]).toBe(first[1]);
  });

  it("runs share nothing", async () => {
    const root = await packageWith(
      `globalThis.seen = (globalThis.seen ?? 0) + 1; Array.mark = (Array.mark ?? 0) + 1;
       run.log(seen + " " + Array.mark);`,
    );
    const harness = await alone(isolation, root);
    for (let times = 0; times < 3; times += 1) {
      const sink = createMemorySink();
      const models = { main: scriptedModel([{ text: "Done." }]) };
      await createAgent({ harness, models }).run("x", { trace: () => sink });
      expect(logs(sink)).toEqual(["1 1"]);
    }
  });

  it("what the runtime refuses, it refuses with its own code", async () => {
    expect(codeOf(await attack(isolation, "run.cell('secret', 1);"))).toBe(
      "HX_PLUGIN_UNDECLARED_STATE",
    );
    expect(codeOf(await attack(isolation, "run.model('main');"))).toBe(
      "HX_PLUGIN_UNDECLARED_CAPABILITY",
    );
    expect(codeOf(await attack(isolation, "run.hooks.stepEnd.tap('x', () => {});"))).toBe(
      "HX_PLUGIN_UNDECLARED_HOOK",
    );
    const late = tap(
      `try { run.hooks.beforeTool.tap("late", () => {}); } catch (e) { run.log(e.code); }`,
    );
    expect(logs(await attack(isolation, late, { hooks }))).toEqual(["HX_PLUGIN_LATE_TAP"]);
  });
});
