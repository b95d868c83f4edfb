import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The folder of the data when no option names one: `tau-retail` in the folder of the environment
 * variable HARNESSX_DATA, or else in `../shared/data`, both relative to `root`.
 *
 * @example
 * ```ts
 * import { standardFolder } from "@harnessx/adapter-tau-retail";
 * standardFolder("/work/app", "/data").endsWith("tau-retail"); // true
 * ```
 */
export function standardFolder(root: string, data = process.env["HARNESSX_DATA"]): string {
  return join(resolve(root, data || "../shared/data"), "tau-retail");
}

/** Whether the data are where `standardFolder` says. */
export const hasStandardData = (root: string, data?: string): boolean =>
  existsSync(join(standardFolder(root, data), "db.json"));
