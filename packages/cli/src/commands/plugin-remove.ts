import type { Command } from "commander";
import { act, command } from "../command.ts";
import { cliError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest, loadFor } from "../harness.ts";
import { completeLock, entriesOf, readLockBeside } from "../locking.ts";
import { failureOf } from "../output/failure.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness: string;
}

/** `hx plugin remove`. */
export function pluginRemoveCommand(session: Session): Command {
  const made = command("remove", {
    summary: "take an entry out of a harness and its lock",
    examples: ["hx plugin remove loop-guard"],
  })
    .alias("rm")
    .argument("<id>", "id of the entry")
    .option("--harness <file>", "harness.json or its folder", "harness.json");
  return act<Options>(session, made, (options, id) => removeEntry(session, options, id ?? ""));
}

async function removeEntry(session: Session, options: Options, id: string): Promise<ExitCode> {
  const { readManifest, remove, requireManifest, writeManifestAndLock } =
    await import("@harnessx/core");
  const { file, dir } = await changeableManifest(session, options.harness);
  const manifest = await readManifest(file);
  const known = entriesOf(manifest);
  const entry = known.find((one) => one.id === id);
  if (!entry) {
    throw await cliError("HX_CLI_ENTRY_UNKNOWN", {
      file,
      id,
      known: known.map((one) => one.id).join(", ") || "none",
    });
  }
  const next = requireManifest(remove(manifest, id));
  const lock = await completeLock(next, await readLockBeside(file), dir);
  const problem = await loadFor(session, next, { root: dir, lock }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  // An entry that orders itself by the removed one would be broken by this; any other fault was there before.
  const failure = problem === undefined ? undefined : failureOf(problem).failure;
  if (failure?.code === "HX_MANIFEST_ORDER_UNKNOWN") throw problem;
  await writeManifestAndLock(dir, next, lock);
  session.result({ harness: file, removed: entry, ...(failure ? { warning: failure } : {}) });
  const { style } = session;
  session.print(`${style.green("removed")}  ${id}`);
  session.print(`${style.bold("harness")}  ${relativePath(session.io.cwd, file)}`);
  if (failure) session.note(`The harness still does not load: ${failure.code}: ${failure.message}`);
  return exitCode.ok;
}
