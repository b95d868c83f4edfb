import type { Tool } from "@harnessx/core/plugin";

/** Which tools to offer. Without `allow` and `allowTags` all but the blocked ones. */
export interface ToolSelection {
  /** Names, with `*` for any text. */
  readonly allow?: readonly string[];
  readonly allowTags?: readonly string[];
  /** Names, with `*` for any text; wins over `allow`. */
  readonly block?: readonly string[];
  readonly blockTags?: readonly string[];
}

/** Turns a selection into a test of one tool. */
export function compileSelection(selection: ToolSelection): (tool: Tool) => boolean {
  const { allow, allowTags, block = [], blockTags = [] } = selection;
  const open = allow === undefined && allowTags === undefined;
  const allowed = matcher(allow ?? [], allowTags ?? []);
  const blocked = matcher(block, blockTags);
  return (tool) => (open || allowed(tool)) && !blocked(tool);
}

function matcher(names: readonly string[], tags: readonly string[]): (tool: Tool) => boolean {
  const patterns = names.map(wildcard);
  const wanted = new Set(tags);
  return ({ name, tags: own = [] }) =>
    patterns.some((pattern) => pattern.test(name)) || own.some((tag) => wanted.has(tag));
}

function wildcard(name: string): RegExp {
  const literal = name.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "s");
}
