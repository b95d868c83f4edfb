import { readFileSync } from "node:fs";
import { TinyPolicyError } from "./errors.ts";

/** A file at the package root: one level above `src` and above `dist` alike. */
export const packageFile = (name: string): URL => new URL(`../${name}`, import.meta.url);

/** Reads a JSON file, or fails with `HX_MODEL_WEIGHTS`. */
export function readJson(file: URL | string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TinyPolicyError(
      "HX_MODEL_WEIGHTS",
      `The ${what} of the tiny policy cannot be read from ${String(file)}.`,
      "Check the path; without the option `weights` the file that ships with the package is used.",
      { file: String(file) },
      cause,
    );
  }
}
