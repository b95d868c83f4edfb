import type { Command } from "commander";
import { group } from "../command.ts";
import type { Session } from "../session.ts";
import { grpoAdvantagesCommand } from "./grpo-advantages.ts";
import { grpoExportCommand } from "./grpo-export.ts";
import { grpoLossCommand } from "./grpo-loss.ts";

/** `hx grpo …`. */
export const grpoCommands = (session: Session): Command =>
  group("grpo", "turn traces and rewards into training signal for a model", [
    grpoAdvantagesCommand(session),
    grpoLossCommand(session),
    grpoExportCommand(session),
  ]);
