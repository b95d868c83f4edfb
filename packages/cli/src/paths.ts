import { relative } from "node:path";
import { fileURLToPath } from "node:url";

// Sources and the bundle both lie one folder below the package, and only files at that depth may
// resolve against their own address.

/** A file of this package. */
export const packageFile = (path: string): string =>
  fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The harness of `hx run` and `hx bench` when none is named: no processors. */
export const baseHarness = (): string => packageFile("harnesses/base.json");

/** Where traces go and are looked for unless `--trace-dir` says otherwise. */
export const traceFolder = ".harnessx/traces";

/** A path as it is shortest to write from the working directory. */
export function relativePath(cwd: string, path: string): string {
  const shorter = relative(cwd, path);
  return shorter === "" || shorter.length >= path.length ? path : shorter;
}
