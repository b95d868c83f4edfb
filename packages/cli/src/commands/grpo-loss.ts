import { Option, type Command } from "commander";
import type { Aggregation, LossOptions, LossRecord } from "@harnessx/grpo-bridge";
import { act, command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { amount, inputLines } from "./grpo-input.ts";

interface Options {
  readonly surrogate: LossOptions["surrogate"];
  readonly level: LossOptions["level"];
  readonly aggregation: Aggregation["kind"];
  readonly divisor?: number;
  readonly clipLow?: number;
  readonly clipHigh?: number;
  readonly dualClip?: number;
  readonly truncate?: number;
  readonly secondMoment?: number;
  readonly kl: "k1" | "k2" | "k3";
  readonly beta?: number;
}

const atLeast0 = amount("a number of at least 0", (value) => value >= 0);
const above0 = amount("a number above 0", (value) => value > 0);

/** `hx grpo loss`. */
export function grpoLossCommand(session: Session): Command {
  const made = command("loss", {
    summary: "compute the reference loss of rows of tokens, and its gradient",
    more: "Each line of the input is a JSON object { advantage, logprobs, behaviour, mask?, proximal?, reference?, trajectory? }. The gradient is by the log-probability of each token.",
    examples: ["hx grpo loss rows.jsonl --dual-clip 3 --json"],
  })
    .argument("[file]", "rows as JSON Lines, or - for standard input", "-")
    .addOption(
      new Option("--surrogate <name>", "what is minimised")
        .choices(["clip", "cispo", "ratio"])
        .default("clip"),
    )
    .addOption(
      new Option("--level <level>", "one ratio per token, or per row")
        .choices(["token", "sequence"])
        .default("token"),
    )
    .addOption(
      new Option("--aggregation <kind>", "how tokens weigh")
        .choices(["token-mean", "sequence-mean", "constant"])
        .default("token-mean"),
    )
    .option("--divisor <number>", "length that the aggregation constant divides by", above0)
    .option("--clip-low <number>", "lower bound of the ratio is 1 minus this (0.2)", atLeast0)
    .option("--clip-high <number>", "upper bound of the ratio is 1 plus this (0.28)", atLeast0)
    .option("--dual-clip <number>", "bound for negative advantages, above 1", above0)
    .option("--truncate <number>", "weight by proximal / behaviour, at most this", above0)
    .option(
      "--second-moment <number>",
      "drop tokens until the mean squared log-ratio fits",
      atLeast0,
    )
    .addOption(
      new Option("--kl <estimator>", "estimator of the KL term")
        .choices(["k1", "k2", "k3"])
        .default("k3"),
    )
    .option("--beta <number>", "weight of the KL term (none)", above0);
  return act<Options>(session, made, (options, file = "-") => loss(session, options, file));
}

async function loss(session: Session, options: Options, file: string): Promise<ExitCode> {
  const lossOptions = optionsOf(options);
  const { lossBatch, parseLossLine, referenceLoss } = await import("@harnessx/grpo-bridge");
  const records: LossRecord[] = [];
  const source = file === "-" ? "standard input" : file;
  for await (const [text, line] of inputLines(session, file))
    records.push(parseLossLine(text, source, line));
  const batch = lossBatch(records);
  const { loss: value, gradient, kl, stats } = referenceLoss(batch, lossOptions);
  const gradients = records.map((_record, row) =>
    Array.from(gradient.subarray(batch.rowStarts[row], batch.rowStarts[row + 1])),
  );
  session.result({ loss: value, kl, gradients, stats });
  session.print(`loss       ${value}`);
  if (options.beta !== undefined) session.print(`of it KL   ${kl}`);
  session.print(`tokens     ${stats.trainedTokens}`);
  session.print(`clipped    ${(100 * stats.clippedShare).toFixed(1)} %`);
  return exitCode.ok;
}

function optionsOf(options: Options): LossOptions {
  const { surrogate, level, clipLow, clipHigh, dualClip, truncate, secondMoment } = options;
  return {
    surrogate,
    level,
    aggregation: aggregationOf(options),
    ...(clipLow === undefined ? {} : { clipLow }),
    ...(clipHigh === undefined ? {} : { clipHigh }),
    ...(dualClip === undefined ? {} : { dualClip }),
    ...(truncate === undefined ? {} : { correction: { kind: "truncate", cap: truncate } as const }),
    ...(secondMoment === undefined ? {} : { secondMoment }),
    ...(options.beta === undefined ? {} : { kl: { beta: options.beta, estimator: options.kl } }),
  };
}

function aggregationOf({ aggregation, divisor }: Options): Aggregation {
  if (aggregation === "constant") {
    if (divisor !== undefined) return { kind: "constant", divisor };
    throw new UsageError(
      "The aggregation constant needs a length to divide by.",
      "Pass --divisor with the longest completion that the trainer allows.",
    );
  }
  return { kind: aggregation };
}
