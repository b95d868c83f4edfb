// Proves that .dependency-cruiser.cjs rejects what it says it rejects: a scratch copy of the layout
// holds at least one forbidden import for every rule, and allowed ones that must pass.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { readJson, root } from "./workspaces.mjs";

const config = createRequire(import.meta.url)(join(root, ".dependency-cruiser.cjs"));

/** [file, its text, the rule that must reject it] */
const forbidden = [
  [
    "packages/core/src/a.ts",
    'import "./b.ts";\nimport "@harnessx/aegis";',
    "core-imports-no-workspace-package",
  ],
  ["packages/core/src/b.ts", 'import "./a.ts";', "no-cycles"],
  ["packages/core/src/c.ts", 'import "leftpad";', "core-runtime-dependencies"],
  ["packages/core/src/d.ts", 'import "tapable";', "tapable-in-one-file"],
  ["packages/core/src/e.ts", 'import "./missing.ts";', "resolvable"],
  ["packages/core/src/f.ts", 'import "../test/allowed.test.ts";', "sources-import-no-tests"],
  [
    "packages/core/src/plugin/a.ts",
    'import { value } from "../index.ts";\nexport const x = value;',
    "contract-has-no-runtime-imports",
  ],
  [
    "packages/core/src/errors/a.ts",
    'import type { T } from "../index.ts";\nexport type X = T;',
    "errors-stand-alone",
  ],
  [
    "packages/processors/one/src/a.ts",
    'import "@harnessx/processor-two";',
    "plugin-imports-only-core",
  ],
  ["packages/processors/one/src/b.ts", 'import "@harnessx/aegis";', "plugin-imports-only-core"],
  [
    "packages/processors/one/test/a.test.ts",
    'import "@harnessx/processor-two";',
    "plugin-imports-only-core",
  ],
  [
    "packages/processors/one/src/c.ts",
    'import "@harnessx/core/testing";',
    "no-testing-entry-in-plugin-source",
  ],
  [
    "packages/processors/one/src/d.ts",
    'import "../../../core/src/index.ts";',
    "no-relative-path-into-another-package",
  ],
  [
    "packages/adapters/tiny-policy/src/a.ts",
    'import "@harnessx/adapter-household";',
    "household-only-for-tiny-policy-training",
  ],
  [
    "packages/adapters/tau-retail-policy/src/a.ts",
    'import "@harnessx/adapter-tau-retail";',
    "tau-retail-only-for-tests-of-its-policy",
  ],
  ["packages/aegis/src/a.ts", 'import "@harnessx/adapter-household";', "aegis-imports-only-core"],
  [
    "packages/aegis/src/b.ts",
    'import "../../core/src/index.ts";',
    "no-relative-path-into-another-package",
  ],
  ["packages/aegis/src/c.ts", 'import "harnessx";', "nothing-imports-the-cli"],
  ["packages/grpo-bridge/src/a.ts", 'import "@harnessx/aegis";', "grpo-bridge-imports-only-core"],
  ["examples/a.ts", 'import "../packages/core/src/index.ts";', "outside-uses-published-entries"],
];

const allowed = [
  ["packages/core/src/hooks/registrar.ts", 'import "tapable";'],
  ["packages/core/src/ok.ts", 'import "effect/Effect";\nimport "ajv";\nimport "node:fs";'],
  [
    "packages/core/src/plugin/ok.ts",
    'import type { T } from "../index.ts";\nexport type X = T;\nexport * from "./index.ts";',
  ],
  ["packages/core/src/bench/ok.ts", 'import "../index.ts";'],
  ["packages/core/src/uses-bench.ts", 'import "./bench/ok.ts";'],
  ["packages/core/test/allowed.test.ts", 'import "../src/index.ts";'],
  ["packages/processors/one/src/ok.ts", 'import "@harnessx/core/plugin";\nimport "./index.ts";'],
  ["packages/processors/one/test/ok.test.ts", 'import "@harnessx/core/testing";'],
  ["packages/adapters/tiny-policy/scripts/ok.ts", 'import "@harnessx/adapter-household";'],
  ["packages/adapters/tau-retail-policy/test/ok.ts", 'import "@harnessx/adapter-tau-retail";'],
  ["packages/aegis/src/ok.ts", 'import "@harnessx/core";'],
  ["packages/grpo-bridge/src/ok.ts", 'import "@harnessx/core";'],
  ["packages/cli/src/ok.ts", 'import "@harnessx/aegis";\nimport "@harnessx/processor-one";'],
  ["examples/ok.ts", 'import "@harnessx/core";'],
  ["test/ok.test.ts", 'import "@harnessx/aegis";'],
];

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "harnessx-boundaries-")));

function write(file, text) {
  mkdirSync(dirname(join(scratch, file)), { recursive: true });
  writeFileSync(join(scratch, file), `${text}\n`);
}

function addPackage(dir, name, entries = { ".": "./src/index.ts" }) {
  const exports = Object.fromEntries(
    Object.entries(entries).map(([key, file]) => [key, { "@harnessx/source": file }]),
  );
  write(`${dir}/package.json`, JSON.stringify({ name, type: "module", exports }));
  for (const file of Object.values(entries)) {
    write(`${dir}/${file}`, "export const value = 1;\nexport type T = number;");
  }
  if (dir.startsWith("node_modules/")) return;
  const link = join(scratch, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(scratch, dir), link, "junction");
}

async function violations() {
  process.chdir(scratch); // rule paths are relative to the working directory
  const { output } = await cruise(
    ["packages", "examples", "test"],
    {
      ...config.options,
      exclude: config.options.exclude.path,
      doNotFollow: config.options.doNotFollow.path,
      tsConfig: undefined,
      ruleSet: { forbidden: config.forbidden },
      validate: true,
      baseDir: scratch,
    },
    config.options.enhancedResolveOptions,
  );
  return output.summary.violations;
}

try {
  const { workspaces } = readJson(join(root, "package.json"));
  write("package.json", JSON.stringify({ name: "scratch", type: "module", workspaces }));
  addPackage("packages/core", "@harnessx/core", {
    ".": "./src/index.ts",
    "./plugin": "./src/plugin/index.ts",
    "./testing": "./src/testing/index.ts",
  });
  addPackage("packages/processors/one", "@harnessx/processor-one");
  addPackage("packages/processors/two", "@harnessx/processor-two");
  addPackage("packages/adapters/household", "@harnessx/adapter-household");
  addPackage("packages/adapters/tiny-policy", "@harnessx/adapter-tiny-policy");
  addPackage("packages/adapters/tau-retail", "@harnessx/adapter-tau-retail");
  addPackage("packages/adapters/tau-retail-policy", "@harnessx/adapter-tau-retail-policy");
  addPackage("packages/aegis", "@harnessx/aegis");
  addPackage("packages/grpo-bridge", "@harnessx/grpo-bridge");
  addPackage("packages/cli", "harnessx", { ".": "./src/index.ts" });
  for (const name of ["tapable", "ajv", "leftpad"]) addPackage(`node_modules/${name}`, name);
  addPackage("node_modules/effect", "effect", { "./Effect": "./Effect.ts" });
  for (const [file, text] of [...forbidden, ...allowed]) write(file, text);

  const found = await violations();
  const problems = [];
  for (const [file, , rule] of forbidden) {
    // A cycle is reported once, from any of its members.
    const names = (v) => v.from === file || v.cycle?.some((member) => member.name === file);
    if (!found.some((v) => names(v) && v.rule.name === rule)) {
      problems.push(`not rejected: ${file} (${rule})`);
    }
  }
  for (const { name } of config.forbidden) {
    if (!forbidden.some(([, , rule]) => rule === name)) problems.push(`rule without case: ${name}`);
  }
  for (const [file] of allowed) {
    for (const v of found.filter((violation) => violation.from === file)) {
      problems.push(`wrongly rejected: ${file} -> ${v.to} (${v.rule.name})`);
    }
  }
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exitCode = 1;
  } else {
    console.log(
      `boundaries: ${forbidden.length} breaches rejected, ${allowed.length} imports allowed`,
    );
  }
} finally {
  process.chdir(root);
  rmSync(scratch, { recursive: true, force: true });
}
