import { basename } from "node:path";
import type { Command } from "commander";
import type { TraceEvent } from "@harnessx/core";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { eventLine } from "../output/event-line.ts";
import { EventPrinter } from "../output/event-printer.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { followTrace } from "../trace-follower.ts";
import { tracePath } from "../trace-path.ts";

interface Options {
  readonly events?: boolean;
  readonly traceDir: string;
}

/** `hx trace tail`. */
export function traceTailCommand(session: Session): Command {
  const made = command("tail", {
    summary: "follow a run that is going on, until it ends",
    more: "With --json every event is printed as one line of JSON when it arrives.",
    examples: ["hx trace tail latest"],
  })
    .argument("<trace>", "a file, a run id or its start, or latest")
    .option("--events", "one line for each event")
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, trace) => tail(session, options, trace ?? ""));
}

async function tail(session: Session, options: Options, given: string): Promise<ExitCode> {
  const path = await tracePath(session, given, options.traceDir);
  const signal = session.interruptSignal();
  const printer = new EventPrinter(session);
  let started: number | undefined;
  let last: TraceEvent | undefined;
  for await (const event of followTrace(path, signal)) {
    started ??= event.at;
    last = event;
    if (session.json) session.io.stdout.write(`${JSON.stringify(event)}\n`);
    else if (options.events) session.print(eventLine(session, event));
    else printer.event(event);
  }
  if (last?.type === "run.end" && !options.events)
    printer.end(last, last.at - (started ?? last.at));
  else if (signal.aborted)
    session.note(`Stopped following ${basename(path)}; the run is not affected.`);
  return exitCode.ok;
}
