import { defineErrors } from "../plugin/error.ts";
import { manifestErrors } from "./codes/manifest.ts";
import { pluginErrors } from "./codes/plugin.ts";
import { runErrors } from "./codes/run.ts";
import { traceErrors } from "./codes/trace.ts";

export { HarnessXError } from "../plugin/error.ts";
export type { ErrorJson, ErrorTable, ErrorTemplate } from "../plugin/error.ts";

/** Every error code of core with its message template and hint. */
export const errorTable = {
  ...pluginErrors,
  ...manifestErrors,
  ...runErrors,
  ...traceErrors,
} as const;

/** A stable error code of core. */
export type ErrorCode = keyof typeof errorTable;

/** Makes an error of core. */
export const hxError = defineErrors(errorTable);

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    // Objects without a prototype, proxies, getters that throw: anything can be thrown.
    return "a value that has no text";
  }
}
