import { access, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as contract from "@harnessx/core/plugin";
import { loadPlugin, validatorFor } from "@harnessx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  plan,
  propose,
  verificationChecks,
  verificationSchema,
  verifyPackage,
  type GeneratedPackage,
  type VerificationCheck,
} from "../../src/index.ts";
import { CONTRACT } from "../../src/verify/build.ts";
import { recordKeyWorld, type Recorded } from "../support/workspace.ts";

let recorded: Recorded;
let good: GeneratedPackage;
beforeAll(async () => {
  recorded = await recordKeyWorld();
  const { digest, harness } = recorded;
  const context = {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set<string>(),
  };
  const candidates = propose(digest, plan(digest, harness.manifest, [], 1), context);
  good = candidates.find(({ operator }) => operator === "template:progress-advice")!.packages[0]!;
});
afterAll(() => rm(recorded.dir, { recursive: true, force: true }));

/** The good package with one thing changed. */
const changed = (
  files: Record<string, string | ((text: string) => string) | undefined>,
): GeneratedPackage => {
  const next: Record<string, string> = { ...good.files };
  for (const [path, change] of Object.entries(files)) {
    if (change === undefined) delete next[path];
    else next[path] = typeof change === "string" ? change : change(next[path] ?? "");
  }
  return { ...good, files: next };
};
const packageJson = (change: (json: any) => unknown) =>
  changed({
    "package.json": (text) => {
      const json = JSON.parse(text);
      change(json);
      return JSON.stringify(json);
    },
  });
const inSetup = (line: string) =>
  changed({
    "src/index.ts": (text) => text.replace("  const counts =", `  ${line}\n  const counts =`),
  });
const atTop = (line: string) => changed({ "src/index.ts": (text) => `${text}\n${line}\n` });

describe("verifyPackage", () => {
  it("passes a good package into the store, read-only, and what lies there loads and is whole", async () => {
    const traces = recorded.records.slice(0, 2).map(({ trace }) => trace!);
    const options = { dir: recorded.dir, traces };
    const { report, folder } = await verifyPackage(good, options);
    expect(report.checks.flatMap(({ findings }) => findings)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.checks.map(({ check }) => check)).toEqual([...verificationChecks]);
    expect(report.checks.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(report.checks.find(({ check }) => check === "replay")!.counts).toMatchObject({
      runs: 2,
      hooks: 2,
    });
    expect(validatorFor(verificationSchema)(JSON.parse(JSON.stringify(report)))).toBeUndefined();
    const plugin = await loadPlugin(folder!, recorded.dir);
    expect(plugin.definition.harnessx).toBe("processor");
    expect((await stat(join(folder!, "dist/index.js"))).mode & 0o222).toBe(0);
    expect(await readFile(join(folder!, "src/index.ts"), "utf8")).toBe(good.files["src/index.ts"]);
    await expect(access(join(folder!, "test/index.test.js"))).rejects.toThrow("ENOENT");
    // The same bytes, policy, tools and seed: the same verdict, to the last count.
    expect(await verifyPackage(good, options)).toEqual({ report, folder });
  });

  const planted: [
    name: string,
    caughtBy: VerificationCheck,
    make: () => GeneratedPackage,
    finding: RegExp,
  ][] = [
    [
      "a shipped dist",
      "intake",
      () => changed({ "dist/index.js": "export default 1;" }),
      /dist\/index.js/,
    ],
    [
      "a script",
      "intake",
      () => packageJson((json) => (json.scripts = { postinstall: "x" })),
      /scripts/,
    ],
    [
      "a dependency",
      "intake",
      () => packageJson((json) => (json.dependencies = { x: "1" })),
      /dependencies/,
    ],
    ["a program", "intake", () => packageJson((json) => (json.bin = "./x.js")), /bin/],
    ["a path out of the package", "intake", () => changed({ "../x.ts": "" }), /not allowed/],
    ["no test", "intake", () => changed({ "test/index.test.ts": undefined }), /missing/],
    ["too much", "intake", () => changed({ "README.md": "x".repeat(300_000) }), /bytes/],
    [
      "an unknown hook",
      "metadata",
      () => packageJson((json) => (json.harnessx.hooks = ["beforeLunch"])),
      /hooks/,
    ],
    [
      "another kind",
      "metadata",
      () => packageJson((json) => (json.harnessx = { api: 1, kind: "model" })),
      /kind/,
    ],
    [
      "a capability",
      "metadata",
      () => packageJson((json) => (json.harnessx.capabilities = { net: ["x.org"] })),
      /net/,
    ],
    [
      "a broken options schema",
      "metadata",
      () => changed({ "options.schema.json": '{ "type": "nonsense" }' }),
      /schema/,
    ],
    ["an import of Node", "source-policy", () => atTop('import "node:fs";'), /node:fs/],
    [
      "an import of core",
      "source-policy",
      () => atTop('export * from "@harnessx/core";'),
      /@harnessx\/core/,
    ],
    [
      "a value that built packages lack",
      "source-policy",
      () => atTop('import { defineErrors } from "@harnessx/core/plugin";\nvoid defineErrors;'),
      /defineErrors/,
    ],
    [
      "a namespace import",
      "source-policy",
      () => atTop('import * as all from "@harnessx/core/plugin";\nvoid all;'),
      /by names/,
    ],
    ["a dynamic import", "source-policy", () => atTop('void import("./index.ts");'), /dynamically/],
    ["eval", "source-policy", () => inSetup('eval("1");'), /eval/],
    [
      "the Function constructor",
      "source-policy",
      () => inSetup('(() => 1).constructor("return 1");'),
      /constructor/,
    ],
    ["new Function", "source-policy", () => inSetup('new Function("1");'), /Function/],
    ["globalThis", "source-policy", () => inSetup("globalThis.valueOf();"), /globalThis/],
    ["process", "source-policy", () => inSetup("process.exit(0);"), /process/],
    ["require", "source-policy", () => inSetup('require("fs");'), /require/],
    ["a timer", "source-policy", () => inSetup("setTimeout(() => 1, 5);"), /setTimeout/],
    ["the time of day", "source-policy", () => inSetup("Date.now();"), /Date/],
    ["ambient randomness", "source-policy", () => inSetup("Math.random();"), /Math.random/],
    [
      "a poisoned prototype",
      "source-policy",
      () => inSetup('Object.defineProperty({}, "a", {});'),
      /defineProperty/,
    ],
    [
      "a member by a built name",
      "source-policy",
      () => inSetup('void ({} as Record<string, unknown>)["con" + "structor"];'),
      /constructor/,
    ],
    ["a suppression", "source-policy", () => inSetup("// @ts-ignore"), /suppresses/],
    ["the type any", "source-policy", () => inSetup("const x: any = 1; void x;"), /any/],
    ["invisible characters", "source-policy", () => inSetup("// \u202e"), /invisible/],
    ["an encoded text", "source-policy", () => inSetup(`void "${"QUJD".repeat(30)}";`), /encoded/],
    [
      "a global in a test",
      "source-policy",
      () => changed({ "test/index.test.ts": (text) => `${text}\nconsole.log(1);\n` }),
      /console/,
    ],
    ["a type error", "types", () => inSetup("const x: number = run.task.text; void x;"), /TS2322/],
    [
      "a verdict that its hook forbids",
      "types",
      () => inSetup('run.hooks.stepEnd.tap("x", () => replace({}));'),
      /TS/,
    ],
  ];

  it.each(planted)(
    "refuses %s, in the check %s and no earlier one",
    async (_name, caughtBy, make, finding) => {
      const { report, folder } = await verifyPackage(make());
      expect(folder).toBeUndefined();
      expect(report.ok).toBe(false);
      expect(report.checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([caughtBy]);
      expect(report.checks.at(-1)!.findings.join("\n")).toMatch(finding);
    },
  );
});

describe("the built-in contract", () => {
  it("does what @harnessx/core/plugin does", async () => {
    const built = (await import(
      `data:text/javascript,${encodeURIComponent(CONTRACT)}`
    )) as typeof contract;
    // Packages are refused that import the others.
    const carried = Object.keys(contract).filter(
      (name) => !["HarnessXError", "defineErrors", "callKey", "describeCall"].includes(name),
    );
    expect(Object.keys(built).toSorted()).toEqual(carried.toSorted());
    const same = (use: (one: typeof contract) => unknown) =>
      expect(use(built)).toEqual(use(contract));
    const f = () => {};
    same((one) => one.defineProcessor(f));
    const list = () => [];
    same((one) => one.defineTools(list));
    same((one) => one.stage);
    same((one) => one.slot("x"));
    same((one) => [
      one.replace(1),
      one.split([1]),
      one.intercept(1),
      one.abort("x"),
      one.abort("x", "loop"),
      one.retry(),
      one.retry("x"),
      one.askApproval("x"),
    ]);
    same((one) => one.textOf("x"));
    same((one) =>
      one.textOf([
        { type: "text", text: "a" },
        { type: "thinking", text: "b" },
        { type: "text", text: "c" },
      ]),
    );
    same((one) => one.textOf({ id: 1, role: "user", content: [{ type: "text", text: "a" }] }));
    same(
      (one) => one.tool({ name: "x", description: "", inputSchema: {}, execute: () => "" }).name,
    );
    same((one) => [
      one.defineModel(f as never),
      one.defineSuite(f as never),
      one.defineBundle(list),
    ]);
  });
});
