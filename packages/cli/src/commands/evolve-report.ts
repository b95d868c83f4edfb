import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, relative } from "node:path";
import type { Command } from "commander";
import type { EvolutionRecord } from "@harnessx/aegis";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { manifestFile } from "../harness.ts";
import { count, interval, plural, points, shortHash } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness: string;
  readonly out: string;
  readonly open?: boolean;
}

/** `hx evolve report`. */
export function evolveReportCommand(session: Session): Command {
  const made = command("report", {
    summary: "make one HTML page of what evolution changed, why and at what cost",
    more:
      "Reads the journal and the artefacts beside the harness, also of a run that is going on or was cut off, and derives every verdict " +
      "again from the recorded outcomes. The page needs no network and no other file. With --json the same is printed, and a page is " +
      "written only when --out is given.",
    examples: ["hx evolve report", "hx evolve report --harness demo --out demo.html --open"],
  })
    .option("--harness <file>", "harness.json or its folder", "harness.json")
    .option("--out <file>", "where the page goes", "report.html")
    .option("--open", "open the page in the browser");
  return act<Options>(session, made, (options) =>
    run(session, options, made.getOptionValueSource("out") !== "default"),
  );
}

async function run(session: Session, options: Options, wanted: boolean): Promise<ExitCode> {
  const dir = dirname(await manifestFile(session, options.harness));
  const { readEvolution, renderReport } = await import("@harnessx/aegis");
  const record = await readEvolution(dir);
  session.result(record);
  if (session.json && !wanted) return exitCode.ok;
  const out = session.path(options.out);
  const workspace = relative(dirname(out), dir);
  await mkdir(dirname(out), { recursive: true });
  // On another drive there is no relative path: then traces are named, not linked.
  await writeFile(out, renderReport(record, isAbsolute(workspace) ? {} : { workspace }));
  print(session, record, relativePath(session.io.cwd, out));
  if (options.open) openPage(out);
  return exitCode.ok;
}

function print(session: Session, { headline, spend, gaps }: EvolutionRecord, page: string): void {
  const { style } = session;
  const fact = (title: string, text: string): void =>
    session.print(`${style.bold(title.padEnd(11))}${text}`);
  const { state, effect, certified, changes, unfinished } = headline;
  const versions = `${shortHash(headline.from)} → ${shortHash(headline.to)}`;
  fact("page", page);
  fact("harness", state === "changed" ? versions : state.replace("_", " "));
  if (unfinished) fact("", "the run is going on or was cut off");
  if (effect)
    fact(
      "change",
      `${points(effect.mean)} points ${interval(effect.interval)} on ${effect.split}, over ${effect.over}`,
    );
  if (changes.length > 0)
    fact(
      "certified",
      `${plural(changes.length, "change")}; ${certified.identical} of ${plural(certified.verdicts.length, "verdict")} replayed identically`,
    );
  fact("spent", `${count(spend.rollouts)} episodes${spend.partial ? " at least" : ""}`);
  if (gaps.length > 0) fact("gaps", `${plural(gaps.length, "artefact")} missing or changed`);
}

/** Leaves the page to the system; whether it has a browser is not this program's concern. */
function openPage(path: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", path]
      : process.platform === "win32"
        ? ["explorer", path]
        : ["xdg-open", path];
  const child = spawn(program!, args, { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}
