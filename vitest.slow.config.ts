import { defineConfig } from "vitest/config";
import { shared, workers } from "./vitest.config.ts";

/** Long-running suites: `npm run test:slow`. */
export default defineConfig({
  ...shared,
  test: {
    ...workers,
    passWithNoTests: true,
    include: ["packages/**/test/**/*.slow.test.ts", "test/**/*.slow.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.harnessx/**", "**/fixtures/**"],
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
