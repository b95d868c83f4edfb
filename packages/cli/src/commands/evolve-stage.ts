import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { StageName } from "@harnessx/aegis";
import { act, collect, command, integer } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest } from "../harness.ts";
import { openModels, type ModelChoice } from "../models.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { openSuite } from "../suites.ts";
import { evolveWith, modelStages, withEvolveOptions, type EvolveFlags } from "./evolve-run.ts";

const summaries: Readonly<Record<StageName, string>> = {
  digest: "digest the recorded rollouts of a round again",
  plan: "plan again from the digest of a round",
  propose: "propose candidates again from the plan of a round",
  critique: "criticise the candidates of a round again",
};

interface Options extends ModelChoice {
  readonly harness: string;
  readonly set?: readonly string[];
  readonly round?: number;
  readonly by: "program" | "model";
  readonly seed: number;
}

/** `hx evolve digest|plan|propose|critique`. */
export const stageCommands = (session: Session): Command[] =>
  (Object.keys(summaries) as StageName[]).map((stage) => {
    const made = command(stage, {
      summary: summaries[stage],
      more:
        "Reads the artefacts of the stages before from .harnessx/evolution/<round>, which you may have edited, and writes its own there. " +
        "Nothing is played, measured or installed.",
      examples: [`hx evolve ${stage} household --round 1`],
    })
      .argument("<suite>", "household, alfworld, a package or a folder")
      .option("--harness <file>", "harness.json or its folder", "harness.json")
      .option("--round <n>", "round (default: the latest)", integer(1))
      .option("--set <name=value>", "an option of the suite; may be repeated", collect)
      .option("--by <who>", "program, or model: the model in the role meta", "program")
      .option("--models <file>", "models.json: which model serves which role")
      .option("--model <name>", "one model: tiny-policy, oracle, a package or a folder")
      .option("--seed <n>", "of every random choice", integer(0), 1);
    return act<Options>(session, made, (options, suite) =>
      runOne(session, stage, options, suite ?? ""),
    );
  });

async function runOne(
  session: Session,
  stage: StageName,
  options: Options,
  name: string,
): Promise<ExitCode> {
  const { dir } = await changeableManifest(session, options.harness);
  const round = options.round ?? (await latestRound(dir));
  const { suite } = await openSuite(session, name, options.set);
  const { runStage } = await import("@harnessx/aegis");
  const stages =
    options.by === "model" ? await modelStages(await openModels(session, options)) : undefined;
  const result = await runStage(stage, {
    dir,
    suite,
    round,
    seed: options.seed,
    ...(stages ? { stages } : {}),
  });
  session.result(result.value);
  session.print(`${stage} of round ${round}: ${relativePath(session.io.cwd, result.path)}`);
  return exitCode.ok;
}

/** The latest round of a workspace. */
export async function latestRound(dir: string): Promise<number> {
  const names = await readdir(join(dir, ".harnessx/evolution")).catch(() => []);
  const rounds = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (rounds.length === 0) throw await cliError("HX_CLI_NO_ROUND", { dir });
  return Math.max(...rounds);
}

interface GateFlags extends EvolveFlags {
  readonly round?: number;
  readonly candidate?: readonly string[];
}

/** `hx evolve gate`. */
export function gateCommand(session: Session): Command {
  const made = withEvolveOptions(
    command("gate", {
      summary: "verify candidates of a round, take them to the gate, install what it lets through",
      more:
        "Takes digest, plan and candidates from .harnessx/evolution/<round> as they lie there, edited or not, and plays fresh rollouts. " +
        "They are not screened on train: what is named goes to the gate together.",
      examples: ["hx evolve gate household --model tiny-policy --round 1 --candidate 3f2a"],
    }),
  )
    .option("--round <n>", "round (default: the latest)", integer(1))
    .option("--candidate <id>", "id or its beginning (default: all); may be repeated", collect);
  return act<GateFlags>(session, made, async (options, suite) => {
    const { dir } = await changeableManifest(session, options.harness);
    const round = options.round ?? (await latestRound(dir));
    const { artefactStages } = await import("@harnessx/aegis");
    const stages = artefactStages(dir, round, options.candidate);
    return evolveWith(session, options, suite ?? "", {
      stages,
      screening: false,
      actionability: 0,
    });
  });
}
