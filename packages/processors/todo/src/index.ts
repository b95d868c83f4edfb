import { defineProcessor, replace, retry, textOf } from "@harnessx/core/plugin";
import { itemsInInput, itemsInText, keyOf, merged, type Item } from "./items.ts";
import type { TodoOptions } from "./options.ts";

export type { TodoOptions, TodoWording } from "./options.ts";

/** The checklist of a run; plain JSON, because a swap hands it over. */
type List = {
  items: Item[];
  /** A tool has written it: then what the model says in passing does not change it. */
  isFromTool: boolean;
};

/** Keeps the model's checklist in view, and nudges it when it would finish with open items. */
export default defineProcessor<TodoOptions>((run, options) => {
  const { wording, maxShown } = options;
  const empty: List = { items: [], isFromTool: false };
  const list = run.cell("list", empty).value;
  const nudges = run.cell<number>("nudges", 0);
  const names = new Set(options.tools.map(bareName));
  /** In its own step a nudge has shown the items already. */
  let nudgedIn = 0;

  run.hooks.taskStart.tap("instruct", (event) => {
    if (!options.instruct) return undefined;
    const tool = event.tools.find(({ name }) => names.has(bareName(name)));
    const text = tool ? fill(wording.instructTool, { tool: tool.name }) : wording.instructText;
    return replace(event.appendSystem(text));
  });

  run.hooks.beforeModel.tap("show", (event) => {
    const open = openItems(list);
    if (open.length === 0 || maxShown === 0 || nudgedIn === event.step) return undefined;
    const values = { items: rendered(open, maxShown), count: open.length };
    return replace(event.appendUser(fill(wording.reminder, values)));
  });

  run.hooks.afterModel.tap("nudge", (event) => {
    const { response, attempt, step } = event;
    const text = textOf(response.content);
    // What stands in this response for the first time is part of it and no plan that was made before.
    const planned = new Set(openItems(list).map(keyOf));
    if (!list.isFromTool) list.items = merged(list.items, itemsInText(text));
    if (response.toolCalls.length > 0 || response.finish === "content_filter") return undefined;
    const open = openItems(list).filter((item) => planned.has(keyOf(item)));
    if (open.length === 0 || nudges.value >= options.nudges) return undefined;
    // Without another step nothing can be done about them.
    if (attempt > options.maxModelRetries || run.budget.steps < 1) return undefined;
    nudges.value += 1;
    nudgedIn = step;
    const answer = shortened(text, options.maxAnswerChars);
    const values = { items: rendered(open, Math.max(maxShown, 1)), count: open.length, answer };
    return retry(fill(wording.nudge, values));
  });

  run.hooks.afterTool.tap("read", (event) => {
    if (event.result.status !== "ok" || !names.has(bareName(event.call.name))) return;
    const items = itemsInInput(event.call.input);
    if (!items) return;
    list.items = merged([], items);
    list.isFromTool = true;
  });
});

function bareName(name: string): string {
  return name.replace(/^.*__/s, "").toLowerCase();
}

function openItems({ items }: List): Item[] {
  return items.filter(({ state }) => state === "open");
}

function rendered(open: readonly Item[], max: number): string {
  const lines = open.slice(0, max).map(({ text }) => `- [ ] ${text}`);
  if (open.length > max) lines.push(`(and ${open.length - max} more)`);
  return lines.join("\n");
}

function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
