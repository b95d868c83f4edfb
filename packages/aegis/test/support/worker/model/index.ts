import { defineModel } from "@harnessx/core/plugin";
import { forgetfulModel } from "../../key-world.ts";

/** The forgetful model; with `hang` it never answers and never lets go of its thread. */
export default defineModel<{ readonly hang?: boolean }>(({ hang }) => {
  if (!hang) return forgetfulModel();
  return {
    ...forgetfulModel(),
    generate() {
      for (;;);
    },
  };
});
