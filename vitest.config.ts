import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

const source = "@harnessx/source";
const ignored = ["**/node_modules/**", "**/dist/**", "**/.harnessx/**", "**/fixtures/**"];

const isNodes = (condition: string): boolean => condition !== "module";

/** Tests read the sources of every workspace package: no build comes before them. */
export const shared = {
  resolve: { conditions: [source, ...defaultClientConditions] },
  // What only bundlers can load, Node cannot: packages get their `node` builds.
  ssr: { resolve: { conditions: [source, ...defaultServerConditions.filter(isNodes)] } },
};

/** In forked workers Node's own resolver (`import.meta.resolve`) follows the same condition. */
export const workers = {
  pool: "forks" as const,
  // One more than cores: many tests wait for processes and timers.
  maxWorkers: 3,
  // Keys that tests make are nobody's keys.
  env: { HARNESSX_KEYS: join(tmpdir(), "harnessx-test-keys") },
};

export default defineConfig({
  ...shared,
  test: {
    ...workers,
    passWithNoTests: true,
    // Tests assert nothing about time; a busy machine must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // One process for many files: most of the time would otherwise go into loading modules.
          isolate: false,
          include: ["packages/**/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...ignored, "**/*.slow.test.ts", "**/*.isolated.test.ts"],
          typecheck: {
            enabled: true,
            ignoreSourceErrors: true, // `npm run check` reports those
            include: ["packages/**/test/**/*.test-d.ts", "test/**/*.test-d.ts"],
            exclude: ignored,
            // Only what these files reach: the whole program is the business of `npm run check`.
            tsconfig: "./tsconfig.typetests.json",
          },
          benchmark: { include: ["packages/**/bench/**/*.bench.ts", "benchmarks/**/*.bench.ts"] },
        },
      },
      {
        extends: true,
        test: {
          // Tests that exchange modules or change their process.
          name: "isolated",
          include: ["packages/**/test/**/*.isolated.test.ts"],
          exclude: ignored,
        },
      },
    ],
  },
});
