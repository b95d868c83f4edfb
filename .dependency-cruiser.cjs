"use strict";

/**
 * The allowed directions of imports. scripts/check-boundaries-selftest.mjs plants one breach of each
 * rule in a scratch copy and proves that it is rejected: a new rule needs a new case there.
 */
const plugin = "^packages/(processors|adapters)/([^/]+)/";
const inPackage = "^packages/(?:(?:processors|adapters)/[^/]+|[^/]+)/";
const testOrScript = "^packages/(processors|adapters)/[^/]+/(test|scripts|bench|conformance)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Modules form a tree of layers; a cycle hides which one is below.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "core-imports-no-workspace-package",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "^packages/(?!core/)" },
    },
    {
      name: "core-runtime-dependencies",
      comment: "Core stands on tapable, effect and ajv alone.",
      severity: "error",
      from: { path: "^packages/core/src/" },
      to: {
        path: "node_modules/",
        pathNot: "node_modules/(tapable|effect|ajv|@types/node)/",
      },
    },
    {
      name: "plugin-imports-only-core",
      comment: "A processor or adapter sees core and itself: what it can do, a third party can do.",
      severity: "error",
      from: { path: plugin },
      to: {
        path: "^packages/",
        pathNot: [
          "^packages/core/",
          "^packages/$1/$2/",
          "^packages/adapters/(household|tau-retail)/",
        ],
      },
    },
    {
      name: "household-only-for-tiny-policy-training",
      comment: "tiny-policy learns from the household suite: its scripts and tests may import it.",
      severity: "error",
      from: {
        path: plugin,
        pathNot: [
          "^packages/adapters/household/",
          "^packages/adapters/tiny-policy/(scripts|test|bench)/",
        ],
      },
      to: { path: "^packages/adapters/household/" },
    },
    {
      name: "tau-retail-only-for-tests-of-its-policy",
      comment: "The policy is proven on the suite that it plays.",
      severity: "error",
      from: {
        path: plugin,
        pathNot: ["^packages/adapters/tau-retail/", "^packages/adapters/tau-retail-policy/test/"],
      },
      to: { path: "^packages/adapters/tau-retail/" },
    },
    {
      name: "no-testing-entry-in-plugin-source",
      comment: "@harnessx/core/testing is for tests.",
      severity: "error",
      from: { path: "^packages/(processors|adapters)/", pathNot: testOrScript },
      to: { path: "^packages/core/src/testing/" },
    },
    {
      name: "aegis-imports-only-core",
      severity: "error",
      from: { path: "^packages/aegis/src/" },
      to: { path: "^packages/(?!core/|aegis/)" },
    },
    {
      name: "grpo-bridge-imports-only-core",
      severity: "error",
      from: { path: "^packages/grpo-bridge/src/" },
      to: { path: "^packages/(?!core/|grpo-bridge/)" },
    },
    {
      name: "nothing-imports-the-cli",
      severity: "error",
      from: { pathNot: "^(packages/cli/|test/)" },
      to: { path: "^packages/cli/" },
    },
    {
      name: "no-relative-path-into-another-package",
      comment: "Packages meet at their published entry points.",
      severity: "error",
      from: { path: "^packages/((?:processors|adapters)/[^/]+|[^/]+)/" },
      to: {
        path: "^packages/",
        pathNot: "^packages/$1/",
        dependencyTypes: ["local"],
        dependencyTypesNot: ["aliased-workspace"],
      },
    },
    {
      name: "outside-uses-published-entries",
      comment: "Examples, benchmarks and end-to-end tests use packages by name.",
      severity: "error",
      from: { path: "^(examples|benchmarks|test)/" },
      to: {
        path: "^packages/",
        dependencyTypes: ["local"],
        dependencyTypesNot: ["aliased-workspace"],
      },
    },
    {
      name: "contract-has-no-runtime-imports",
      comment: "@harnessx/core/plugin is types and defineX functions: importing it costs nothing.",
      severity: "error",
      from: { path: "^packages/core/src/plugin/" },
      to: { pathNot: "^packages/core/src/plugin/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "errors-stand-alone",
      severity: "error",
      from: { path: "^packages/core/src/errors/" },
      to: { pathNot: "^packages/core/src/(errors/|plugin/error)" },
    },
    {
      name: "tapable-in-one-file",
      severity: "error",
      from: { path: "^packages/", pathNot: "^packages/core/src/hooks/registrar[.]ts$" },
      to: { path: "node_modules/tapable/" },
    },
    {
      name: "sources-import-no-tests",
      severity: "error",
      from: { path: `${inPackage}src/` },
      to: { path: [`${inPackage}(test|bench|scripts)/`, "^(test|benchmarks|scripts|examples)/"] },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^(packages|examples|benchmarks|test|scripts)/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|fixtures|coverage|[.]harnessx|[.]examples)/" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@harnessx/source", "import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};
