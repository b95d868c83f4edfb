import { Option, type Command } from "commander";
import type { AdvantageOptions, RewardAdvantages, RewardRecord } from "@harnessx/grpo-bridge";
import { act, command, integer } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { table } from "../output/table.ts";
import { plural } from "../output/text.ts";
import type { Session } from "../session.ts";
import { amount, inputLines } from "./grpo-input.ts";
import { estimatorOption, modeOption } from "./grpo-options.ts";

/** `hx grpo advantages`. */
export function grpoAdvantagesCommand(session: Session): Command {
  const made = command("advantages", {
    summary: "compute the advantages of rewards within their groups",
    more: "Each line of the input is a JSON object { taskId, harness, reward, … }. Results come in the order of the lines.",
    examples: ["hx grpo advantages rewards.jsonl --mode within --estimator grpo --json"],
  })
    .argument("[file]", "rewards as JSON Lines, or - for standard input", "-")
    .addOption(modeOption())
    .addOption(estimatorOption())
    .option(
      "--epsilon <number>",
      "added to the standard deviation (1e-6)",
      amount("a number of at least 0", (value) => value >= 0),
    )
    .option(
      "--lambda <number>",
      "share of the harness's own mean in the baseline of hybrid (0.5)",
      amount("a number from 0 to 1", (value) => value >= 0 && value <= 1),
    )
    .addOption(
      new Option(
        "--normalize <how>",
        "what to divide by (std for grpo, except in mode residual; else none)",
      ).choices(["std", "none"]),
    )
    .option("--group-size <count>", "flag groups that have not so many members", integer(1));
  return act<AdvantageOptions>(session, made, (options, file = "-") =>
    advantages(session, options, file),
  );
}

async function advantages(
  session: Session,
  options: AdvantageOptions,
  file: string,
): Promise<ExitCode> {
  const { advantagesOf, parseRewardLine } = await import("@harnessx/grpo-bridge");
  const records: RewardRecord[] = [];
  const source = file === "-" ? "standard input" : file;
  for await (const [text, line] of inputLines(session, file))
    records.push(parseRewardLine(text, source, line));
  const { mode, estimator, epsilon, lambda, normalize, groupSize } = options;
  const result = advantagesOf(records, {
    mode,
    estimator,
    ...(epsilon === undefined ? {} : { epsilon }),
    ...(lambda === undefined ? {} : { lambda }),
    ...(normalize === undefined ? {} : { normalize }),
    ...(groupSize === undefined ? {} : { groupSize }),
  });
  session.result(result);
  if (!session.json) print(session, records, result);
  return exitCode.ok;
}

function print(
  session: Session,
  records: readonly RewardRecord[],
  { advantages: values, flags, stats }: RewardAdvantages,
): void {
  const rows = records.map((record, at) => [
    record.taskId,
    typeof record.harness === "object" ? JSON.stringify(record.harness) : (record.harness ?? ""),
    String(record.reward ?? "none"),
    values[at]!.toFixed(6),
    flags[at] ?? "",
  ]);
  const columns = [
    { title: "task", flexible: true },
    { title: "harness" },
    { title: "reward", align: "right" as const },
    { title: "advantage", align: "right" as const },
    { title: "flag" },
  ];
  if (rows.length > 0) session.print(table(columns, rows, session.width));
  session.print();
  session.print(
    `${plural(stats.groups, "group")}, ${stats.degenerateGroups} without signal; harness explains ${(100 * stats.leakage).toFixed(1)} % of the variance`,
  );
}
