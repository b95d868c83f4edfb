import type { Command } from "commander";
import { command } from "../command.ts";
import type { Session } from "../session.ts";
export const demoCommand = (_session: Session): Command =>
  command("demo", { summary: "x", examples: ["hx demo"] });
