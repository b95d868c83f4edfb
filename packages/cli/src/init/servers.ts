import { parseArgsStringToArgv } from "string-argv";
import type { ToolsEntry } from "@harnessx/core";
import { UsageError } from "../errors.ts";

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** An MCP server as it is written on a command line: `name=command with arguments`, or `name=https://…`. */
export function serverEntry(given: string): ToolsEntry {
  const [, id = "", target = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(given) ?? [];
  if (!NAME.test(id) || target === "")
    throw new UsageError(
      `${given} names no MCP server.`,
      'Write a name and what it stands for: fs="npx -y @modelcontextprotocol/server-filesystem ." or docs=https://example.org/mcp.',
    );
  if (/^https?:\/\//.test(target)) return { id, mcp: { url: target } };
  const [command = "", ...args] = parseArgsStringToArgv(target);
  return { id, mcp: { command, ...(args.length > 0 ? { args } : {}) } };
}
