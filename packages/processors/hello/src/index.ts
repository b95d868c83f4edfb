import { defineProcessor, replace } from "@harnessx/core/plugin";

/** Options as the processor receives them: checked, with defaults, by `options.schema.json`. */
export interface HelloOptions {
  /** Paragraph that is added to the end of the system prompt. */
  readonly greeting: string;
}

/** Adds a greeting to the system prompt. */
export default defineProcessor<HelloOptions>((run, options) => {
  // Runs once per run: a variable declared here belongs to this run alone.
  run.hooks.taskStart.tap("greet", (event) => replace(event.appendSystem(options.greeting)));
});
