import { defineProcessor } from "@harnessx/core/plugin";

/** Loops for ever, or ends the process. */
export default defineProcessor<{ readonly how?: "loop" | "exit" }>((run, { how }) => {
  run.hooks.stepStart.tap("stuck", () => {
    if (how === "exit") process.exit(7);
    for (;;);
  });
});
