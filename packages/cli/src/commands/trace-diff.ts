import type { Command } from "commander";
import type { DiffSide, TraceDiff } from "@harnessx/core";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { eventLine } from "../output/event-line.ts";
import { oneLine, plural } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { tracePath } from "../trace-path.ts";

interface Options {
  readonly traceDir: string;
}

/** `hx trace diff`. */
export function traceDiffCommand(session: Session): Command {
  const made = command("diff", {
    summary: "find the first event at which two traces part",
    more: "Times and run ids are not compared. Exit code 1 means that they differ.",
    examples: ["hx trace diff before.jsonl after.jsonl"],
  })
    .argument("<a>", "a file, a run id or its start, or latest")
    .argument("<b>", "the other one")
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, a, b) =>
    compare(session, options, a ?? "", b ?? ""),
  );
}

async function compare(
  session: Session,
  options: Options,
  a: string,
  b: string,
): Promise<ExitCode> {
  const { diffTraces, readTrace } = await import("@harnessx/core");
  const paths = {
    a: await tracePath(session, a, options.traceDir),
    b: await tracePath(session, b, options.traceDir),
  };
  const [left, right] = await Promise.all([readTrace(paths.a), readTrace(paths.b)]);
  const diff = diffTraces(left.events, right.events);
  session.result({ paths, ...diff });
  print(session, diff);
  return diff.same ? exitCode.ok : exitCode.failed;
}

function print(session: Session, { same, common, a, b, divergence }: TraceDiff): void {
  const { style } = session;
  if (same || !divergence) {
    session.print(`${style.green("same")}  ${plural(common, "event")}`);
    return;
  }
  session.print(
    `${style.red("differs")}  after ${plural(common, "equal event")}${divergence.path ? `, in ${divergence.path}` : ""}`,
  );
  for (const event of divergence.before) session.print(eventLine(session, event));
  for (const [name, events, side, value] of [
    ["a", divergence.fromA, a, divergence.a],
    ["b", divergence.fromB, b, divergence.b],
  ] as const) {
    session.print(style.bold(`${name}  ${sideText(side)}`));
    if (divergence.path)
      session.print(`       ${oneLine(JSON.stringify(value) ?? "nothing", session.width - 7)}`);
    for (const event of events) session.print(eventLine(session, event));
    if (events.length === 0) session.print("       the trace has ended");
  }
}

const sideText = (side: DiffSide): string =>
  `${plural(side.events, "event")}, ${side.exit ? `exit ${side.exit}, ${plural(side.totals?.steps ?? 0, "step")}` : "no end"}`;
