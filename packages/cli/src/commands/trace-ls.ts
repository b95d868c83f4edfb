import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { table } from "../output/table.ts";
import { count, plural } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";

/** `hx trace ls`. */
export function traceLsCommand(session: Session): Command {
  const made = command("ls", {
    summary: "list the traces of a folder, newest first",
    examples: ["hx trace ls"],
  }).argument("[dir]", "folder of traces", traceFolder);
  return act<object>(session, made, (_options, dir) => list(session, dir ?? traceFolder));
}

async function list(session: Session, dir: string): Promise<ExitCode> {
  const { listTraces } = await import("@harnessx/core");
  const traces = await listTraces(session.path(dir));
  session.result({ dir: session.path(dir), traces });
  if (traces.length === 0) session.print(`No traces in ${dir}.`);
  else {
    const { style } = session;
    const rows = traces.map((trace) => [
      trace.run,
      trace.started > 0 ? when(trace.started) : "",
      trace.problem ? "" : count(trace.steps),
      trace.problem ? style.red("damaged") : (trace.exit ?? style.yellow("open")),
      trace.problem ?? trace.task,
    ]);
    const columns = [
      { title: "run" },
      { title: "started" },
      { title: "steps", align: "right" as const },
      { title: "exit" },
      { title: "task", flexible: true },
    ];
    session.print(table(columns, rows, session.width));
    session.print();
    session.print(plural(traces.length, "trace"));
  }
  return exitCode.ok;
}

/** Local time without the year: `11-21 14:05`. */
function when(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
