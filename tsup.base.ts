import type { Options } from "tsup";

/** Shared by every package. Declarations come from `tsc -b` (see scripts/build.mjs). */
export const base: Options = {
  format: ["esm"],
  target: "node20",
  platform: "node",
  dts: false,
  sourcemap: true,
  splitting: true,
  clean: false,
  silent: true,
  // esbuild keeps the folder it was loaded in; scripts/build.mjs visits one package after another.
  esbuildOptions(options) {
    options.absWorkingDir = process.cwd();
  },
};
