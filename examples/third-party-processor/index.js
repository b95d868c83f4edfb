import { defineProcessor, replace } from "@harnessx/core/plugin";

/** Tells the model how many steps are left, near the end. */
export default defineProcessor((run, options) => {
  run.hooks.beforeModel.tap("remind", (event) => {
    const { steps } = run.budget;
    if (steps > options.from) return undefined;
    return replace(event.appendUser(`Steps left: ${steps}. Finish what you can.`));
  });
});
