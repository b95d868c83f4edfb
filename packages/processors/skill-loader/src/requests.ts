import type { ToolCall } from "@harnessx/core/plugin";

const marker = /^[ \t]*(?:[-*>][ \t]+)?[`*]*use_skill[`*]*[ \t]*:[`"'* \t]*([\w.-]+)/gim;
const skillTool = /^(?:use_)?skill$/i;
const skillPath = /(?:^|[\\/])([^\\/]+)[\\/]SKILL\.md$/;
const maxAsked = 10;

/** What a response asks for: names of skills, and folders of skills whose file it reads itself. */
export interface Asked {
  readonly names: readonly string[];
  readonly folders: readonly string[];
}

/** The skills that the model asks for: a line `use_skill: name`, a call of a skill tool, or a look at a SKILL.md. */
export function askedFor(text: string, calls: readonly ToolCall[]): Asked {
  const names = [...text.matchAll(marker)].map(([, name]) => name!.replace(/[.-]+$/, ""));
  const folders: string[] = [];
  for (const { name, input } of calls) {
    const values = typeof input === "object" && input !== null ? Object.values(input) : [];
    for (const value of values) {
      if (typeof value !== "string") continue;
      if (skillTool.test(name)) names.push(value.trim());
      const folder = skillPath.exec(value.trim())?.[1];
      if (folder !== undefined) folders.push(folder);
    }
  }
  return { names: [...new Set(names)].slice(0, maxAsked), folders };
}

/** Names that the user calls in a task: `/name` or `$name`. */
export function calledIn(task: string): string[] {
  return [...task.matchAll(/(?<![^\s("'`])[/$]([\w.-]*[\w])(?![\w/])/g)].map(([, name]) => name!);
}
