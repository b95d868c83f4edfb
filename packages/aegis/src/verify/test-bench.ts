import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, type JsonObject, type Run } from "@harnessx/core";
import { CONTRACT } from "./build.ts";
import { loadCompiler, type Compiler } from "./compiler.ts";
import { writeFiles, type Files } from "./files.ts";
import { endedBy, openTestSandbox, type Ended } from "./sandbox.ts";
import { ASSERT_SHIM, TEST_SHIM } from "./test-shims.ts";
import type { Setup } from "./watch.ts";

/** What came of one run of a package's own tests. */
export interface TestRun {
  readonly passed: number;
  /** One line for each test that failed. */
  readonly failed: readonly string[];
  /** How the sandbox ended it, when the tests did not end by themselves. */
  readonly ended?: Ended;
}

/** A package's own tests in a sandbox, loaded once, run as often as there are variants of the code. */
export interface TestBench {
  /** Each run has a machine of its own, with its own fuel and memory. */
  run(variant?: string): Promise<TestRun>;
  dispose(): Promise<void>;
}

/** One file of the package with other code in it. */
export interface Variant {
  readonly id: string;
  readonly path: string;
  readonly code: string;
}

/**
 * Puts built code, tests and variants behind the wall.
 *
 * All modules become functions of one file, so that a variant costs no more than the file that it
 * changes and nothing is loaded again.
 */
export async function openTestBench(
  root: string,
  built: { readonly dist: Files; readonly test: Files },
  variants: readonly Variant[] = [],
): Promise<TestBench> {
  const compiler = await loadCompiler();
  const modules: Record<string, string> = {
    "node:test": TEST_SHIM,
    "node:assert/strict": ASSERT_SHIM,
  };
  for (const [path, text] of Object.entries({ ...built.dist, ...built.test }))
    modules[path] = asFunction(compiler, path === "dist/contract.js" ? CONTRACT : text);
  for (const { id, path, code } of variants) modules[`${id}:${path}`] = asFunction(compiler, code);
  const dir = await mkdtemp(join(root, "tests-"));
  await writeFiles(dir, {
    "package.json": JSON.stringify({
      name: "own-tests",
      version: "0.0.0",
      type: "module",
      exports: "./code/index.js",
      harnessx: { api: 1, kind: "processor", dimension: "control", hooks: ["taskEnd"] },
    }),
    "code/index.js": runnerSource(modules, Object.keys(built.test)),
  });
  const isolated = await openTestSandbox("own-tests", dir);
  const { definition } = isolated;
  if (definition.harnessx !== "processor") throw new Error("the runner is no processor");
  const setup = definition.setup as Setup;
  let runs = 0;
  return {
    async run(variant = "") {
      runs += 1;
      const host = new RunnerHost(`own-tests ${runs}`);
      try {
        await setup(host.run, { variant });
      } catch (thrown) {
        const ended = endedBy(thrown);
        return { ...host.outcome, failed: [messageOf(thrown)], ...(ended ? { ended } : {}) };
      } finally {
        await host.end();
      }
      return host.outcome;
    },
    dispose: () => isolated.dispose(),
  };
}

/** As much of a run as the runner uses. */
class RunnerHost {
  readonly #results: { name: string; problem: string | undefined }[] = [];
  readonly #disposers: (() => void | Promise<void>)[] = [];
  readonly run: Run;

  constructor(id: string) {
    const run: Partial<Run> = {
      id,
      task: { id, text: "" },
      clock: { now: () => 0 },
      random: () => 0.5,
      log: (name, data) => {
        const problem = (data as JsonObject | undefined)?.["problem"];
        this.#results.push({ name, problem: typeof problem === "string" ? problem : undefined });
      },
      onDispose: (dispose) => void this.#disposers.push(dispose),
    };
    this.run = run as Run;
  }

  get outcome(): TestRun {
    return {
      passed: this.#results.filter(({ problem }) => problem === undefined).length,
      failed: this.#results.flatMap(({ name, problem }) =>
        problem === undefined ? [] : [`${name}: ${problem}`],
      ),
    };
  }

  async end(): Promise<void> {
    for (const dispose of this.#disposers.toReversed()) await dispose();
  }
}

/** The module as the body of a function of `exports` and `require`. */
const asFunction = (compiler: Compiler, text: string): string =>
  compiler.transpileModule(text, {
    compilerOptions: {
      target: compiler.ScriptTarget.ES2022,
      module: compiler.ModuleKind.CommonJS,
      esModuleInterop: false,
      removeComments: true,
    },
  }).outputText;

function runnerSource(modules: Files, tests: readonly string[]): string {
  const factories = Object.entries(modules).map(
    ([name, body]) => `  [${JSON.stringify(name)}, (exports, require) => {\n${body}\n  }],`,
  );
  return `import { defineProcessor } from "@harnessx/core/plugin";

const factories = new Map([
${factories.join("\n")}
]);

const pathOf = (from, name) => {
  if (!name.startsWith(".")) return name;
  const parts = from.split("/").slice(0, -1);
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
};

const { push } = Array.prototype;
const textOf = (thrown) => {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).slice(0, 300);
  } catch {
    return "something without a text";
  }
};

export default defineProcessor(async (run, { variant }) => {
  const loaded = new Map();
  const load = (path) => {
    const known = loaded.get(path);
    if (known) return known;
    const factory = factories.get(variant + ":" + path) ?? factories.get(path);
    if (!factory) throw new Error("there is no module " + path);
    const exports = {};
    loaded.set(path, exports);
    factory(exports, (name) => load(pathOf(path, name)));
    return exports;
  };
  const { tests } = load("node:test");
  for (const file of ${JSON.stringify(tests)}) load(file);
  const results = [];
  for (const { name, body } of tests) {
    try {
      await body();
      push.call(results, { name });
    } catch (thrown) {
      push.call(results, { name, problem: textOf(thrown) });
    }
  }
  for (const { name, problem } of results)
    run.log(name.slice(0, 200), problem === undefined ? {} : { problem });
});
`;
}
