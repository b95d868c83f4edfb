import {
  defineProcessor,
  intercept,
  workspaceSlot,
  type Intercept,
  type Tool,
  type ToolResult,
} from "@harnessx/core/plugin";
import { endsInWord, pathsIn, plain } from "./arguments.ts";
import { nameMatcher } from "./names.ts";
import type { WriteScopeOptions } from "./options.ts";
import { compileScope, type Scope } from "./scope.ts";

export type { PathRule } from "./arguments.ts";
export type { WriteScopeOptions } from "./options.ts";

/** Refuses calls whose path arguments lie outside the folders that may be written. */
export default defineProcessor<WriteScopeOptions>((run, options) => {
  const isWatched = nameMatcher(options.tools);
  const isExempt = nameMatcher(options.except);
  const exceptTags = new Set(options.exceptTags);
  const takesCommands = commandTools(options);
  const pathArguments = pathArgumentsOf(options);
  let scope: Scope | undefined;
  if (options.base !== undefined) scope = compileScope(options, options.base);

  run.hooks.beforeTool.tap("confine", (event) => {
    const { call, tool } = event;
    if (!isWatched(call.name) || isExempt(call.name)) return undefined;
    if (tool?.tags?.some((tag) => exceptTags.has(tag))) return undefined;
    if (takesCommands(call.name, call.input, tool)) {
      return intercept({
        status: "refused",
        content: fill(options.commandMessage, { tool: call.name }),
      });
    }
    // Not during setup: the processor that provides the workspace may come later.
    scope ??= compileScope(options, absolute(run.slots.get(workspaceSlot)?.root));
    const refuse = (
      values: Readonly<Record<"argument" | "path" | "problem", string>>,
    ): Intercept<ToolResult> => {
      const roots = options.roots.join(", ");
      const content = fill(options.message, { ...values, tool: call.name, roots });
      return intercept({ status: "refused", content });
    };
    const paths = pathsIn(call.input, pathArguments(call.name));
    if (!paths) return refuse({ argument: "input", path: "", problem: "there is too much of it" });
    for (const { argument, path } of paths) {
      const problem = scope(path);
      if (problem !== undefined) return refuse({ argument, path: short(path), problem });
    }
    return undefined;
  });
});

/** Whether a call can hold a command, which is not parsed: what it would write is not in its text. */
function commandTools(
  options: WriteScopeOptions,
): (name: string, input: unknown, tool: Tool | undefined) => boolean {
  const isCommandTool = nameMatcher(options.commandTools);
  const isAllowed = nameMatcher(options.allowCommands);
  const names = new Set(options.commandArguments.map(plain));
  const hasCommand = (fields: unknown): boolean =>
    typeof fields === "object" &&
    fields !== null &&
    Object.keys(fields).some((name) => names.has(plain(name)));
  return (name, input, tool) => {
    if (isAllowed(name)) return false;
    return isCommandTool(name) || hasCommand(input) || hasCommand(tool?.inputSchema["properties"]);
  };
}

function pathArgumentsOf(
  options: WriteScopeOptions,
): (tool: string) => (argument: string) => boolean {
  const usual = endsInWord(options.argumentWords);
  const rules = options.rules.map((rule) => {
    const names = new Set(rule.arguments);
    return { fits: nameMatcher(rule.tools), isPath: (argument: string) => names.has(argument) };
  });
  return (tool) => rules.find(({ fits }) => fits(tool))?.isPath ?? usual;
}

/** A manifest may give the workspace as a relative path, which says nothing about where it is. */
function absolute(root: string | undefined): string | undefined {
  return root !== undefined && /^(?:[/\\]|[a-z]:)/i.test(root) ? root : undefined;
}

const maxShown = 200;

function short(path: string): string {
  return path.length > maxShown ? `${path.slice(0, maxShown)}…` : path;
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : whole,
  );
}
