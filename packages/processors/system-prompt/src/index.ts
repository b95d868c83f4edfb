import { defineProcessor, replace } from "@harnessx/core/plugin";
import { fillTemplate } from "./template.ts";

/** Options of the system-prompt processor; exactly one of `text` and `template` is given. */
export interface SystemPromptOptions {
  /** The prompt, used as it is. */
  readonly text?: string;
  /** The prompt with `{{name}}` placeholders. */
  readonly template?: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly mode: "append" | "replace";
}

/** Sets or extends the system prompt. */
export default defineProcessor<SystemPromptOptions>((run, options) => {
  // Rendered during setup: a placeholder without a value fails before the task has cost anything.
  const prompt = options.text ?? fillTemplate(options.template ?? "", options.variables, run.task);
  run.hooks.taskStart.tap("prompt", (event) =>
    replace(options.mode === "replace" ? event.withSystem(prompt) : event.appendSystem(prompt)),
  );
});
