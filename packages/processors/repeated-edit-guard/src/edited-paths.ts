import type { ToolCall } from "@harnessx/core/plugin";
import type { RepeatedEditGuardOptions } from "./options.ts";

/** Finds out what a call edits. */
export interface EditReader {
  /** The files that a call edits; none when it edits nothing. `root` is the folder of relative paths. */
  pathsOf(call: ToolCall, root: string | undefined): string[];
  /** Whether a call that has worked is something else than editing. */
  isRelief(call: ToolCall): boolean;
}

const maxPaths = 20;
const patchedFile = /^(?:\*\*\* (?:Add|Update) File:|\+\+\+) +(?:b\/)?(\S.*)$/gm;

/** Prepares the names of the options. */
export function createEditReader(options: RepeatedEditGuardOptions): EditReader {
  const editTools = new Set(options.editTools.map(bareName));
  const reliefTools = new Set(options.reliefTools.map(bareName));
  // Editors with many commands in one tool can look as well.
  const isEdit = (call: ToolCall): boolean =>
    editTools.has(bareName(call.name)) && argument(call, "command") !== "view";
  return {
    pathsOf(call, root) {
      if (!isEdit(call)) return [];
      for (const name of options.pathArguments) {
        const path = argument(call, name);
        if (path !== undefined && path !== "") return [normal(path, root)];
      }
      return patchedPaths(call).map((path) => normal(path, root));
    },
    isRelief: (call) =>
      !isEdit(call) && (reliefTools.size === 0 || reliefTools.has(bareName(call.name))),
  };
}

function bareName(name: string): string {
  return name
    .slice(name.lastIndexOf("__") + 1)
    .replace(/^_/, "")
    .toLowerCase();
}

function argument({ input }: ToolCall, name: string): string | undefined {
  if (typeof input !== "object" || input === null || !Object.hasOwn(input, name)) return undefined;
  const value: unknown = (input as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}

/** The files that a patch in any argument names. */
function patchedPaths({ input }: ToolCall): string[] {
  if (typeof input !== "object" || input === null) return [];
  const texts = Object.values(input).filter((value) => typeof value === "string");
  const paths = texts.flatMap((text) => [...text.matchAll(patchedFile)].map((match) => match[1]!));
  return [...new Set(paths.map((path) => path.trim()))].slice(0, maxPaths);
}

/** One spelling for one file: `./a//b/../c` is `a/c`, and so is the absolute path below the root. */
function normal(path: string, root: string | undefined): string {
  const slashed = path.replaceAll("\\", "/");
  const inside = root !== undefined && slashed.startsWith(`${root}/`);
  const relative = inside ? slashed.slice(root.length + 1) : slashed;
  const parts: string[] = [];
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return `${relative.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}
