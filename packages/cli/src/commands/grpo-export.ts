import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { AdvantageOptions, Diagnostic, DriftCounts, Trajectory } from "@harnessx/grpo-bridge";
import { act, command } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { table } from "../output/table.ts";
import { plural } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { tracePath } from "../trace-path.ts";
import { amount } from "./grpo-input.ts";
import { estimatorOption, modeOption } from "./grpo-options.ts";

interface Options extends Pick<AdvantageOptions, "mode" | "estimator"> {
  readonly out: string;
  readonly traceDir: string;
  readonly reward?: number;
  readonly evaluation?: string;
  readonly keepDegenerate?: boolean;
}

interface Examined {
  readonly trace: string;
  readonly rows: number;
  readonly drift: DriftCounts;
  readonly diagnostics: readonly Diagnostic[];
}

/** `hx grpo export`. */
export function grpoExportCommand(session: Session): Command {
  const made = command("export", {
    summary: "write the trajectories of traces, with advantages, as JSON Lines",
    more: "The reward of a run is the score of its evaluation. Groups without signal are left out. Fails when no trajectory could be built.",
    examples: ["hx grpo export .harnessx/traces/*.jsonl --out batch.jsonl --mode cross"],
  })
    .argument("<traces...>", "files, run ids or their starts, or latest")
    .requiredOption("--out <file>", "where the batch goes")
    .addOption(modeOption())
    .addOption(estimatorOption())
    .option("--evaluation <name>", "the evaluation that is the reward, where a run has several")
    .option(
      "--reward <number>",
      "the reward of every trace given",
      amount("a number", () => true),
    )
    .option("--keep-degenerate", "also write trajectories of groups without signal")
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, ...args) =>
    exportTraces(session, options, args.flat()),
  );
}

async function exportTraces(
  session: Session,
  options: Options,
  traces: readonly string[],
): Promise<ExitCode> {
  const { readTrace } = await import("@harnessx/core");
  const { assembleTrace, exportBatch } = await import("@harnessx/grpo-bridge");
  const { mode, estimator, reward, evaluation, keepDegenerate = false } = options;
  const trajectories: Trajectory[] = [];
  const examined: Examined[] = [];
  for (const given of traces) {
    const trace = await tracePath(session, given, options.traceDir);
    const { events } = await readTrace(trace);
    const { trajectory, drift, diagnostics } = assembleTrace(events, {
      ...(reward === undefined ? {} : { reward }),
      ...(evaluation === undefined ? {} : { evaluation }),
    });
    if (trajectory) trajectories.push(trajectory);
    examined.push({ trace, rows: trajectory?.rows.length ?? 0, drift, diagnostics });
  }
  const batch = exportBatch(trajectories, { mode, estimator, keepDegenerate });
  const out = session.path(options.out);
  await writeFile(out, batch.lines.join("")).catch(async (problem: NodeJS.ErrnoException) => {
    throw await cliError(
      "HX_CLI_SYSTEM",
      { syscall: problem.syscall ?? "write", path: out, problem: problem.code ?? problem.message },
      problem,
    );
  });
  const { id, manifest, stats, lines } = batch;
  session.result({ out, id, manifest, stats, written: lines.length, traces: examined });
  const rows = examined.flatMap(({ trace, diagnostics }) =>
    diagnostics.map(({ name, message }) => [trace.split("/").at(-1)!, name, message]),
  );
  const columns = [{ title: "trace" }, { title: "finding" }, { title: "what", flexible: true }];
  if (rows.length > 0 && !session.json) session.print(table(columns, rows, session.width));
  session.print(
    `${plural(lines.length, "line")} of ${plural(trajectories.length, "assembled run")} written to ${options.out}; batch ${id.slice(0, 12)}`,
  );
  return trajectories.length > 0 ? exitCode.ok : exitCode.failed;
}
