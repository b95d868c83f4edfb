import type { Command } from "commander";
import { group } from "../command.ts";
import type { Session } from "../session.ts";
import { mcpAddCommand } from "./mcp-add.ts";
import { mcpInspectCommand } from "./mcp-inspect.ts";
import { mcpLsCommand } from "./mcp-ls.ts";
import { mcpPinCommand } from "./mcp-pin.ts";
import { mcpServeCommand } from "./mcp-serve.ts";
import { mcpTestCommand } from "./mcp-test.ts";

/** `hx mcp …`. */
export const mcpCommands = (session: Session): Command =>
  group("mcp", "add, list, test and inspect MCP servers, or serve an agent as one", [
    mcpAddCommand(session),
    mcpLsCommand(session),
    mcpTestCommand(session),
    mcpInspectCommand(session),
    mcpPinCommand(session),
    mcpServeCommand(session),
  ]);
