import { defineProcessor, intercept, replace } from "@harnessx/core/plugin";
import { compileSelection, type ToolSelection } from "./selection.ts";

export type { ToolSelection } from "./selection.ts";

/** A selection that holds in some steps only. */
export interface ToolRule extends ToolSelection {
  /** From 1, inclusive. */
  readonly fromStep: number;
  /** Inclusive; without it the rule holds to the end. */
  readonly toStep?: number;
}

/** Options of the tool-filter processor. */
export interface ToolFilterOptions extends ToolSelection {
  readonly rules: readonly ToolRule[];
  /** Result of a call to a tool that was not offered; `{tool}` is its name. */
  readonly message: string;
}

/** Offers the model only the selected tools, and refuses calls to the others. */
export default defineProcessor<ToolFilterOptions>((run, options) => {
  const always = compileSelection(options);
  const rules = options.rules.map((rule) => ({ rule, passes: compileSelection(rule) }));
  let hidden = new Set<string>();

  run.hooks.stepStart.tap("select", (event) => {
    const active = rules.filter(
      ({ rule }) => rule.fromStep <= event.step && event.step <= (rule.toStep ?? Infinity),
    );
    const kept = new Set(
      event.tools.filter((tool) => always(tool) && active.every(({ passes }) => passes(tool))),
    );
    hidden = new Set(event.tools.filter((tool) => !kept.has(tool)).map((tool) => tool.name));
    return hidden.size === 0 ? undefined : replace(event.withTools((tool) => kept.has(tool)));
  });

  // A model can name a tool that it was not offered: it may remember it from an earlier step.
  run.hooks.beforeTool.tap("refuse", (event) => {
    const { name } = event.call;
    if (!hidden.has(name)) return undefined;
    const content = options.message.replaceAll("{tool}", () => name);
    return intercept({ status: "refused", content });
  });
});
