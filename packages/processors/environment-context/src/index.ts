import {
  defineProcessor,
  replace,
  workspaceSlot,
  type BudgetView,
  type ToolSpec,
} from "@harnessx/core/plugin";
import { treeOf } from "./tree.ts";

/** Options of the environment-context processor. */
export interface EnvironmentContextOptions {
  /** First line of the section; empty for none. */
  readonly heading: string;
  /** List every tool with the first sentence of its description. */
  readonly tools: boolean;
  /** Say how many steps, how much time and how many tokens there are. */
  readonly budget: boolean;
  /** Name the working folder when the slot `workspace` has one. */
  readonly workspace: boolean;
  /** Say today's date (UTC). */
  readonly date: boolean;
  readonly facts: readonly string[];
  readonly rules: readonly string[];
  /** Add rules of honest work before `rules`. */
  readonly integrity: boolean;
  /** List the files of the working folder. */
  readonly tree: boolean;
  /** Most lines of the list. */
  readonly treeLines: number;
  /** How many levels of folders the list shows. */
  readonly treeDepth: number;
  /** Remind the model once no more than this many steps are left; 0 never. */
  readonly remindAt: number;
  /** Text of the reminder; `{steps}` is the number of steps left. */
  readonly reminder: string;
}

/** What is expected of an agent that nobody watches. */
const integrityRules = [
  "Report only what you have seen or done in this task; say so when you could not do or check something.",
  "Do not weaken, skip or rewrite a test or a check to make it pass, unless that is the task.",
  "Do not look for the expected answers of this task, nor change what judges it.",
  "Leave alone what the task does not concern, and never destroy what cannot be restored without being asked to.",
];

/** Adds facts about the run to the system prompt, and a reminder when the steps run out. */
export default defineProcessor<EnvironmentContextOptions>((run, options) => {
  run.hooks.taskStart.tap("facts", async (event) => {
    const root: string | undefined = run.slots.get(workspaceSlot)?.root;
    const rules = [...(options.integrity ? integrityRules : []), ...options.rules];
    const lines = [
      ...(options.date ? [`Today is ${isoDay(run.clock.now())}.`] : []),
      ...(options.workspace && root !== undefined ? [`Your working folder is ${root}.`] : []),
      ...(options.budget ? budgetLines(run.budget) : []),
      ...options.facts,
      ...(options.tools ? toolLines(event.tools) : []),
      ...(root === undefined ? [] : await treeLines(root)),
      ...(rules.length > 0 ? ["Rules:", ...rules.map((rule) => `- ${rule}`)] : []),
    ];
    if (lines.length === 0) return undefined;
    const heading = options.heading === "" ? [] : [`${options.heading}:`];
    return replace(event.appendSystem([...heading, ...lines].join("\n")));
  });

  run.hooks.beforeModel.tap("remind", (event) => {
    // The budget counts the present step as spent.
    const left = run.budget.steps + 1;
    if (left > options.remindAt) return undefined;
    return replace(event.appendUser(options.reminder.replaceAll("{steps}", String(left))));
  });

  async function treeLines(root: string): Promise<string[]> {
    const { tree, treeLines: maxLines, treeDepth: depth } = options;
    if (!tree) return [];
    const lines = await run.recorded("environment-context: files", () =>
      treeOf(root, { maxLines, depth }),
    );
    if (lines.length === 0) return ["The working folder has no visible files."];
    return ["Files in the working folder at the start:", "<files>", ...lines, "</files>"];
  }
});

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function budgetLines(budget: BudgetView): string[] {
  const parts = [
    ...(Number.isFinite(budget.steps) ? [count(budget.steps, "step")] : []),
    ...(Number.isFinite(budget.timeMs) ? [duration(budget.timeMs)] : []),
    ...(Number.isFinite(budget.tokens) ? [count(budget.tokens, "token")] : []),
  ];
  return parts.length === 0 ? [] : [`You have at most ${parts.join(" and ")} for this task.`];
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 120 ? count(seconds, "second") : count(Math.round(seconds / 60), "minute");
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}

function toolLines(tools: readonly ToolSpec[]): string[] {
  if (tools.length === 0) return ["You have no tools."];
  return [
    "Tools:",
    ...tools.map(({ name, description }) => `- ${name}: ${firstSentence(description)}`),
  ];
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0].replace(/\s+/g, " ") ?? text.trim();
}
