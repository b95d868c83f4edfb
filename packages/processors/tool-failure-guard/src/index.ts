import { abort, defineProcessor, intercept, replace } from "@harnessx/core/plugin";
import { failed, failing, noFailures, outcomeOf, worked, type Failures } from "./failures.ts";
import type { ToolFailureGuardOptions } from "./options.ts";

export type { ToolFailureGuardOptions, ToolFailureWording } from "./options.ts";

/** Counts failed tool calls: advises the model first, then blocks a tool for some steps, then ends the task. */
export default defineProcessor<ToolFailureGuardOptions>((run, options) => {
  const { blockTool, blockSteps, abortRow, wording } = options;
  const exempt = new Set(options.exempt);
  const failures = run.cell("failures", noFailures()).value;

  run.hooks.stepStart.tap("limit", () => {
    if (abortRow === 0 || failures.row < abortRow) return undefined;
    return abort(`The last ${failures.row} tool calls in a row failed.`);
  });

  run.hooks.beforeModel.tap("advise", (event) => {
    const advice = adviceFor(failures, event.step, options);
    return advice === "" ? undefined : replace(event.appendUser(advice));
  });

  run.hooks.beforeTool.tap("block", (event) => {
    const tool = failing(failures, event.call.name);
    if (!tool || event.step > tool.blockedUntil) return undefined;
    const steps = tool.blockedUntil - event.step + 1;
    const content = fill(wording.refusal, { tool: tool.name, count: tool.count, steps });
    return intercept({ status: "refused", content });
  });

  run.hooks.afterTool.tap("count", (event) => {
    const { name } = event.call;
    if (exempt.has(name)) return;
    const outcome = outcomeOf(event.result.status);
    if (outcome === "worked") worked(failures, name);
    if (outcome !== "failed") return;
    const tool = failed(failures, name, event.step);
    // One more failure after the block has passed blocks it again.
    if (blockTool > 0 && tool.count >= blockTool) tool.blockedUntil = event.step + blockSteps;
  });
});

const maxNamed = 3;

/** Speaks of failures of the step before, so that advice ends when the agent does something else. */
function adviceFor(failures: Failures, step: number, options: ToolFailureGuardOptions): string {
  const { adviseTool, adviseRow, wording } = options;
  const isRecent = (at: number): boolean => at >= step - 1;
  const recent = failures.tools.filter((tool) => isRecent(tool.step));
  const blocked = recent.filter((tool) => tool.blockedUntil >= step);
  const failing = recent.filter(
    (tool) => adviseTool > 0 && tool.count >= adviseTool && !blocked.includes(tool),
  );
  const lines = [
    ...blocked
      .slice(-maxNamed)
      .map(({ name, count, blockedUntil }) =>
        fill(wording.blocked, { tool: name, count, steps: blockedUntil - step + 1 }),
      ),
    ...failing.slice(-maxNamed).map(({ name, count }) => fill(wording.tool, { tool: name, count })),
  ];
  const isRow = adviseRow > 0 && failures.row >= adviseRow && isRecent(failures.step);
  if (lines.length === 0 && isRow) lines.push(fill(wording.row, { count: failures.row }));
  return lines.join("\n");
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
