import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { version } from "@harnessx/core";
import { CONTRACT } from "./build.ts";
import { compilerVersion } from "./compiler.ts";
import { ASSERT_SHIM, TEST_SHIM } from "./test-shims.ts";

/** Changes with the rules of this folder; part of every report. */
const RULES = 2;

let known: string | undefined;

/** What a verdict on a package depends on beside the package and the caller's policy. */
export function toolchain(): string {
  return (known ??= createHash("sha256")
    .update(
      JSON.stringify([
        RULES,
        version,
        compilerVersion(),
        engine(),
        CONTRACT,
        TEST_SHIM,
        ASSERT_SHIM,
      ]),
    )
    .digest("hex"));
}

/** The engine of the sandbox, byte for byte. */
function engine(): string {
  const file = createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm");
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
