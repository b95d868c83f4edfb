import { defineConfig } from "tsup";
import { base } from "../../tsup.base.ts";

export default defineConfig({
  ...base,
  entry: {
    index: "src/index.ts",
    "plugin/index": "src/plugin/index.ts",
    effect: "src/effect.ts",
    "testing/index": "src/testing/index.ts",
  },
});
