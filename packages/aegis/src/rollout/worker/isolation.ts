import type { OpenPlugin } from "@harnessx/core";
import { STORE } from "../../evolve/index.ts";
import { createWasmIsolation, openIsolated } from "../../isolation/index.ts";
import type { RolloutRecipe } from "../recipe.ts";

/** How this process opens packages. A worker can be killed from outside, so the sandbox may share its thread. */
export function openerFor({ isolation = "wasm" }: RolloutRecipe): OpenPlugin | undefined {
  if (isolation === "trusted") return undefined;
  return openIsolated(createWasmIsolation({ placement: "inline" }), {
    which: ({ use }) => use.startsWith(`./${STORE}/`),
  });
}
