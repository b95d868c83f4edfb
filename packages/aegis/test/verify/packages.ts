import type { GeneratedPackage } from "../../src/evolve/index.ts";

/* Packages as text: a plain good one, and the places where the others differ. */

const INDEX = `import { defineProcessor, replace, textOf } from "@harnessx/core/plugin";

/** See options.schema.json. */
export interface Options {
  readonly limit: number;
}

/** Tells the agent to try another way after calls that failed. */
export default defineProcessor<Options>((run, options) => {
  let failures = 0;
  run.hooks.afterTool.tap("count", ({ result }) => {
    failures = result.status === "error" ? failures + 1 : 0;
  });
  run.hooks.beforeModel.tap("advise", (event) => {
    if (failures < options.limit) return undefined;
    return replace(event.appendUser(adviceFor(failures)));
  });
});

/** The advice after that many failures. */
export function adviceFor(failures: number): string {
  return \`The last \${failures} calls failed: try another way.\`;
}

/** What a message says, in small letters. */
export const said = (text: string): string => textOf(text).toLowerCase();
`;

const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor, { adviceFor, said } from "../src/index.ts";

function openRun(limit: number) {
  const taps = new Map<string, (event: unknown) => unknown>();
  const hook = (name: string) => ({ tap: (_label: string, tap: (event: unknown) => unknown) => void taps.set(name, tap) });
  const hooks = { beforeModel: hook("beforeModel"), afterTool: hook("afterTool") };
  void processor.setup({ task: { id: "t", text: "" }, hooks } as unknown as Run, { limit });
  return {
    call: (status: string) => void taps.get("afterTool")?.({ result: { status, content: "" } }),
    advice(): string {
      let added = "";
      taps.get("beforeModel")?.({ appendUser: (more: string) => void (added += more) });
      return added;
    },
  };
}

test("advises after the limit and not before", () => {
  const run = openRun(2);
  assert.equal(run.advice(), "");
  run.call("error");
  assert.equal(run.advice(), "");
  run.call("error");
  assert.equal(run.advice(), "The last 2 calls failed: try another way.");
  run.call("ok");
  assert.equal(run.advice(), "");
});

test("speaks", () => {
  assert.match(adviceFor(3), /last 3 calls/);
  assert.equal(said("Loud"), "loud");
});
`;

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: { limit: { type: "integer", minimum: 1, default: 2 } },
};

const README = `# evolved-processor-fixture

Tells the agent to try another way after calls that failed.

## Why

In recorded runs a call that had failed twice was made a third time in 61 % of the cases.
`;

const metadata = {
  api: 1,
  kind: "processor",
  dimension: "control",
  hooks: ["beforeModel", "afterTool"],
  group: "fixture",
  options: "./options.schema.json",
  capabilities: {},
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The good package. */
export const good: GeneratedPackage = {
  name: "evolved-processor-fixture",
  version: "0.1.0",
  files: {
    "package.json": json({
      name: "evolved-processor-fixture",
      version: "0.1.0",
      description: "Tells the agent to try another way.",
      keywords: ["harnessx-plugin"],
      license: "MIT",
      type: "module",
      exports: "./dist/index.js",
      peerDependencies: { "@harnessx/core": ">=0.1.0 <1" },
      harnessx: metadata,
    }),
    "options.schema.json": json(SCHEMA),
    "README.md": README,
    "src/index.ts": INDEX,
    "test/index.test.ts": TEST,
  },
};

/** Files of the good package that are other, new, or (undefined) gone. */
export function changed(
  files: Readonly<Record<string, string | ((text: string) => string) | undefined>>,
): GeneratedPackage {
  const next: Record<string, string> = { ...good.files };
  for (const [path, change] of Object.entries(files)) {
    if (change === undefined) delete next[path];
    else next[path] = typeof change === "string" ? change : change(next[path] ?? "");
  }
  return { ...good, files: next };
}

/** Another package.json. */
export const packageJson = (change: (json: Record<string, unknown>) => void): GeneratedPackage =>
  changed({
    "package.json": (text) => {
      const parsed = JSON.parse(text) as Record<string, unknown>;
      change(parsed);
      return json(parsed);
    },
  });

/** Other metadata and whatever else is other. */
export const withMetadata = (
  more: object,
  files: Parameters<typeof changed>[0] = {},
): GeneratedPackage => ({
  ...good,
  files: {
    ...changed(files).files,
    "package.json": packageJson((one) => (one["harnessx"] = { ...metadata, ...more })).files[
      "package.json"
    ]!,
  },
});

const replaced = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`the fixture has no ${from}`);
  return text.replace(from, () => to);
};

export const source = (from: string, to: string): GeneratedPackage =>
  changed({ "src/index.ts": (text) => replaced(text, from, to) });

/** A statement at the beginning of the setup. */
export const inSetup = (line: string): GeneratedPackage =>
  source("  let failures = 0;", `  ${line}\n  let failures = 0;`);

/** A statement at the beginning of the hook before the model. */
export const beforeModel = (line: string): GeneratedPackage =>
  source("    if (failures < options.limit)", `    ${line}\n    if (failures < options.limit)`);

/** Code at the end of the module. */
export const atTop = (line: string): GeneratedPackage =>
  changed({ "src/index.ts": (text) => `${text}\n${line}\n` });

/** A tap of its own, and the hook in the metadata. */
export const withTap = (hook: string, tap: string, imports = ""): GeneratedPackage =>
  withMetadata(
    { hooks: [...metadata.hooks, hook] },
    {
      "src/index.ts": (text) =>
        replaced(
          imports === "" ? text : text.replace("replace, textOf", `replace, textOf, ${imports}`),
          "  let failures = 0;",
          `  ${tap}\n  let failures = 0;`,
        ),
      "test/index.test.ts": (text) =>
        text.replace("const hooks = {", `const hooks = { ${hook}: hook("${hook}"),`),
    },
  );

/** A package of one tool that asks an address. */
export function toolPackage(
  host: string,
  capabilities: object = { net: [host] },
): GeneratedPackage {
  const name = "evolved-tools-lookup";
  return {
    name,
    version: "0.1.0",
    files: {
      "package.json": json({
        name,
        version: "0.1.0",
        type: "module",
        license: "MIT",
        exports: "./dist/index.js",
        peerDependencies: { "@harnessx/core": ">=0.1.0 <1" },
        harnessx: { api: 1, kind: "tools", capabilities },
      }),
      "README.md": "# evolved-tools-lookup\n\nLooks a title up.\n",
      "src/index.ts": `import { defineTools, tool } from "@harnessx/core/plugin";

/** Asks the service for the text of a page. */
export default defineTools((_options, { http }) => [
  tool<{ title: string }>({
    name: "lookup",
    description: "The text of the page with that title.",
    inputSchema: {
      type: "object",
      properties: { title: { type: "string" } },
      required: ["title"],
      additionalProperties: false,
    },
    async execute({ title }) {
      const { status, body } = await http({ url: \`http://${host}/page?title=\${encodeURIComponent(title)}\` });
      if (status !== 200) return { status: "error", content: \`There is no page \${title}.\` };
      return body;
    },
  }),
]);
`,
      "test/index.test.ts": `import { test } from "node:test";
import assert from "node:assert/strict";
import type { ToolContext } from "@harnessx/core/plugin";
import tools from "../src/index.ts";

test("asks for the title and returns the text", async () => {
  const asked: string[] = [];
  const http = (request: { readonly url: string }) => {
    asked.push(request.url);
    const known = request.url.endsWith("A%20B");
    return Promise.resolve({ status: known ? 200 : 404, headers: {}, body: known ? "text" : "" });
  };
  const [lookup] = await tools.create({} as never, { root: ".", http, onClose: () => undefined });
  assert.equal(lookup?.name, "lookup");
  assert.equal(await lookup?.execute({ title: "A B" } as never, {} as ToolContext), "text");
  assert.deepEqual(await lookup?.execute({ title: "C" } as never, {} as ToolContext), {
    status: "error",
    content: "There is no page C.",
  });
  assert.deepEqual(asked, ["http://${host}/page?title=A%20B", "http://${host}/page?title=C"]);
});
`,
    },
  };
}
