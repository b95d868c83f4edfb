import {
  defineProcessor,
  replace,
  workspaceSlot,
  type TaskStartEvent,
} from "@harnessx/core/plugin";
import { skillLines, type Skill } from "./skills.ts";
import { fillTemplate } from "./template.ts";

export type { Skill } from "./skills.ts";

/** Options of the system-prompt processor; exactly one of `text` and `template` is given. */
export interface SystemPromptOptions {
  /** The prompt, used as it is. */
  readonly text?: string;
  /** The prompt with `{{name}}` placeholders. */
  readonly template?: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** What the agent knows how to do, listed behind the prompt. */
  readonly skills: readonly Skill[];
  readonly mode: "append" | "replace";
}

/** Sets or extends the system prompt. */
export default defineProcessor<SystemPromptOptions>((run, options) => {
  // Before the first model call: a placeholder without a value fails before the task has cost anything.
  run.hooks.taskStart.tap("prompt", (event) => {
    const prompt = [promptOf(event), ...skillLines(options.skills)].join("\n\n");
    return replace(
      options.mode === "replace" ? event.withSystem(prompt) : event.appendSystem(prompt),
    );
  });

  function promptOf({ tools }: TaskStartEvent): string {
    if (options.text !== undefined) return options.text;
    return fillTemplate(options.template ?? "", options.variables, run.task, {
      date: new Date(run.clock.now()).toISOString().slice(0, 10),
      workspace: run.slots.get(workspaceSlot)?.root,
      tools: tools.map(({ name }) => name).join(", "),
    });
  }
});
