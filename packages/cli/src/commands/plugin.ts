import type { Command } from "commander";
import { group } from "../command.ts";
import type { Session } from "../session.ts";
import { pluginAddCommand } from "./plugin-add.ts";
import { pluginApproveCommand } from "./plugin-approve.ts";
import { pluginLsCommand } from "./plugin-ls.ts";
import { pluginNewCommand } from "./plugin-new.ts";
import { pluginRemoveCommand } from "./plugin-remove.ts";
import { pluginTestCommand } from "./plugin-test.ts";
import { pluginVerifyCommand } from "./plugin-verify.ts";

/** `hx plugin …`. */
export const pluginCommands = (session: Session): Command =>
  group("plugin", "write, test, add, list and verify plugins", [
    pluginNewCommand(session),
    pluginTestCommand(session),
    pluginAddCommand(session),
    pluginRemoveCommand(session),
    pluginLsCommand(session),
    pluginVerifyCommand(session),
    pluginApproveCommand(session),
  ]);
