import type { Command } from "commander";
import { group } from "../command.ts";
import type { Session } from "../session.ts";
import { traceDiffCommand } from "./trace-diff.ts";
import { traceLsCommand } from "./trace-ls.ts";
import { traceReplayCommand } from "./trace-replay.ts";
import { traceShowCommand } from "./trace-show.ts";
import { traceTailCommand } from "./trace-tail.ts";

/** `hx trace …`. */
export const traceCommands = (session: Session): Command =>
  group("trace", "list, read, follow, replay and compare traces", [
    traceLsCommand(session),
    traceShowCommand(session),
    traceTailCommand(session),
    traceReplayCommand(session),
    traceDiffCommand(session),
  ]);
