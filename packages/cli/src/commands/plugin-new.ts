import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { act, command } from "../command.ts";
import { cliError, UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly dir?: string;
}

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SCOPED = /^@[a-z0-9-]+\/[a-z0-9-]+$/;

/** `hx plugin new`. */
export function pluginNewCommand(session: Session): Command {
  const made = command("new", {
    summary: "start a processor package of your own",
    more: "The package passes hx plugin test at once. A short name makes the package harnessx-processor-<name>; a full name (@acme/processor-shout) or a folder may be given instead.",
    examples: ["hx plugin new shout", "hx plugin new @acme/processor-shout --dir packages/shout"],
  })
    .argument("<name>", "in kebab-case, such as shout")
    .option("--dir <folder>", "where it goes (default: a folder of its name)");
  return act<Options>(session, made, (options, name) => create(session, options, name ?? ""));
}

async function create(session: Session, options: Options, given: string): Promise<ExitCode> {
  const { name, packageName, folder } = namesOf(given);
  const dir = session.path(options.dir ?? folder);
  const there = await readdir(dir).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  if (there.length > 0) throw await cliError("HX_CLI_FOLDER_NOT_EMPTY", { dir });
  const { writePluginPackage } = await import("../template.ts");
  const { files, linkedCore } = await writePluginPackage({ dir, name, packageName });
  session.result({ dir, package: packageName, files, linkedCore });
  const { style } = session;
  const shown = relativePath(session.io.cwd, dir);
  session.print(`${style.green("created")}  ${packageName} in ${shown}`);
  for (const file of files) session.print(`         ${file}`);
  session.print();
  session.print(`${style.bold("next")}     edit ${join(shown, "src", "index.ts")}`);
  session.print(`         hx plugin test ${shown}`);
  // A folder is told from a package name by its first character.
  const asFolder = /^[./]/.test(shown) ? shown : `./${shown.split("\\").join("/")}`;
  session.print(`         hx plugin add ${asFolder}`);
  return exitCode.ok;
}

interface Names {
  /** Kebab-case, what code and entries call it. */
  readonly name: string;
  readonly packageName: string;
  readonly folder: string;
}

function namesOf(given: string): Names {
  const last = basename(given);
  if (SCOPED.test(given) || /^[a-z0-9-]+-processor-[a-z0-9-]+$/.test(given)) {
    const name = last.replace(/^([a-z0-9-]+-)?processor-/, "");
    if (KEBAB.test(name)) return { name, packageName: given, folder: name };
  } else if (KEBAB.test(last) && !given.startsWith("@")) {
    return { name: last, packageName: `harnessx-processor-${last}`, folder: given };
  }
  throw new UsageError(
    `${given} is no name for a plugin.`,
    "Use kebab-case: shout, or @acme/processor-shout.",
  );
}
