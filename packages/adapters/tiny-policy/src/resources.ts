import { readFileSync } from "node:fs";
import { tinyPolicyError } from "./errors.ts";

/** A file at the package root: one level above `src` and above `dist` alike. */
export const packageFile = (name: string): URL => new URL(`../${name}`, import.meta.url);

/** Reads a JSON file, or fails with `HX_MODEL_WEIGHTS`. */
export function readJson(file: URL | string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw tinyPolicyError(
      "HX_MODEL_WEIGHTS",
      { file: String(file), problem: `the ${what} cannot be read` },
      cause,
    );
  }
}
