import type { Command } from "commander";
import type { RunEndEvent, TraceEvent, TraceSummary } from "@harnessx/core";
import { act, command, integer } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { EventPrinter } from "../output/event-printer.ts";
import { eventLine } from "../output/event-line.ts";
import { plural } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { tracePath } from "../trace-path.ts";

interface Options {
  readonly events?: boolean;
  readonly step?: number;
  readonly full?: boolean;
  readonly traceDir: string;
}

/** `hx trace show`. */
export function traceShowCommand(session: Session): Command {
  const made = command("show", {
    summary: "read a trace step by step",
    examples: [
      "hx trace show latest",
      "hx trace show latest --step 3 --full",
      "hx trace show latest --events",
    ],
  })
    .argument("<trace>", "a file, a run id or its start, or latest")
    .option("--events", "one line for each event")
    .option("--step <n>", "only this step", integer(1))
    .option("--full", "whole texts, and also processors that changed nothing")
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, trace) => show(session, options, trace ?? ""));
}

async function show(session: Session, options: Options, given: string): Promise<ExitCode> {
  const { readTrace, summarizeTrace } = await import("@harnessx/core");
  const path = await tracePath(session, given, options.traceDir);
  const { events, torn } = await readTrace(path);
  const summary = summarizeTrace(events);
  const shown = options.step === undefined ? events : ofStep(events, options.step);
  if (shown.length === 0 && options.step !== undefined) {
    throw new UsageError(
      `The trace has no step ${options.step}.`,
      `It has ${plural(summary.totals?.steps ?? 0, "step")}.`,
    );
  }
  if (options.events) for (const event of shown) session.print(eventLine(session, event));
  else printRun(session, shown, summary, options);
  if (torn)
    session.note(`The last line (${torn.line}) is torn: the process died while writing it.`);
  session.result({ path, summary, ...(torn ? { torn } : {}), events: shown });
  return exitCode.ok;
}

function printRun(
  session: Session,
  events: readonly TraceEvent[],
  summary: TraceSummary,
  options: Options,
): void {
  const printer = new EventPrinter(session, options.full ? { maxLines: Infinity, all: true } : {});
  for (const event of events) printer.event(event);
  if (options.step !== undefined) return;
  const end = events.findLast((event): event is RunEndEvent => event.type === "run.end");
  const { style } = session;
  if (end) printer.end(end, summary.ms);
  else
    session.print(
      `\n${style.bold("exit")}     ${style.yellow("none: the run goes on, waits or was cut off")}`,
    );
  const acted = Object.entries(summary.processors).map(([id, { verdicts }]) => {
    const words = Object.entries(verdicts)
      .filter(([verdict]) => verdict !== "pass")
      .map(([verdict, times]) => `${verdict} ${times}×`);
    return words.length > 0 ? `${id} (${words.join(", ")})` : undefined;
  });
  const named = acted.filter((text) => text !== undefined);
  if (named.length > 0) session.print(`${style.bold("acted")}    ${named.join(", ")}`);
}

/** The events of one step: from its start to the next one's, what comes before the first step is in none. */
export function ofStep(events: readonly TraceEvent[], step: number): TraceEvent[] {
  const start = events.findIndex((event) => event.type === "step.start" && event.step === step);
  if (start === -1) return [];
  const end = events.findIndex(
    (event, index) => index > start && (event.type === "step.start" || event.type === "run.end"),
  );
  return events.slice(start, end === -1 ? undefined : end);
}
