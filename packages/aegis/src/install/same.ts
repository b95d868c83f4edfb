import { canonicalJson } from "@harnessx/core";

/** Whether two values would be the same in a file. */
export const same = (a: unknown, b: unknown): boolean =>
  canonicalJson(JSON.parse(JSON.stringify(a))) === canonicalJson(JSON.parse(JSON.stringify(b)));
