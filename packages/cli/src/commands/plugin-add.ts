import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Command } from "commander";
import type { InsertWhere, Lock, Manifest, ProcessorEntry } from "@harnessx/core";
import type { JsonObject } from "@harnessx/core/plugin";
import { act, command } from "../command.ts";
import { cliError, UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest, loadFor } from "../harness.ts";
import { completeLock, entriesOf, lockEntryFor, packageOf, readLockBeside } from "../locking.ts";
import { shortHash } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";
import { findNamed, folderSpecifier, isFolder } from "../specifier.ts";

interface Options {
  readonly id?: string;
  readonly options?: string;
  readonly before?: string;
  readonly after?: string;
  readonly harness?: string;
}

/** `hx plugin add`. */
export function pluginAddCommand(session: Session): Command {
  const made = command("add", {
    summary: "add a plugin to a harness and lock it",
    more:
      "Changes harness.json and harness.lock.json together, or neither. The harness must load with the plugin, or nothing is written. " +
      "With the id of an entry that is there, records its present code in the lock.",
    examples: [
      "hx plugin add loop-guard --options '{\"window\": 12}'",
      "hx plugin add ./my-plugin --id mine",
    ],
  })
    .argument("<plugin>", "short name (loop-guard), package, folder, or the id of an entry")
    .option("--id <id>", "name of the entry (default: the short name of the package)")
    .option("--options <json>", "options as a JSON object")
    .option("--before <id>", "put it before this entry")
    .option("--after <id>", "put it after this entry")
    .option("--harness <file>", "harness.json or its folder (default: here; made when missing)");
  return act<Options>(session, made, (options, plugin) => add(session, options, plugin ?? ""));
}

async function add(session: Session, options: Options, given: string): Promise<ExitCode> {
  const own = parseObject(options.options);
  const { file, dir } = await changeableManifest(session, options.harness ?? "harness.json");
  const manifest = await readOrStart(file, options.harness === undefined);
  const known = entriesOf(manifest).find((entry) => entry.id === given);
  const plain = [options.id, options.options, options.before, options.after].every(
    (option) => option === undefined,
  );
  if (known && plain)
    return relock(session, { file, dir, manifest, id: given, use: packageOf(known) });

  const { plugin, use: found } = await findNamed(session, given, ["processor", "tools", "bundle"]);
  const { kind } = plugin.metadata;
  if (kind === "model" || kind === "suite")
    throw await cliError("HX_CLI_NOT_AN_ENTRY", { package: plugin.name, kind });
  const use = isFolder(found) ? folderSpecifier(dir, session.path(found)) : found;
  const id = options.id ?? shortName(plugin.name);
  if (entriesOf(manifest).some((entry) => entry.id === id))
    throw await cliError("HX_CLI_ENTRY_TAKEN", { file, id });

  const { hxError, insert, requireManifest, resolveOptions } = await import("@harnessx/core");
  // Said now, with the name of the option, and not by whoever loads the harness next.
  resolveOptions(plugin, id, own);
  const entry: ProcessorEntry = {
    id,
    use,
    ...(Object.keys(own).length > 0 ? { options: own } : {}),
  };
  const next = requireManifest(insert(manifest, entry, where(options, kind === "tools")));
  const lock = await completeLock(next, await readLockBeside(file), dir);
  await write(session, dir, next, lock);
  const locked = lock.entries[id];
  if (!locked)
    throw hxError("HX_LOCK_INVALID", { path: `/entries/${id}`, problem: "it is missing" });
  session.result({ harness: file, entry, lock: locked });
  const { style } = session;
  session.print(`${style.green("added")}    ${id}  (${plugin.name} ${plugin.version}, ${kind})`);
  session.print(`${style.bold("harness")}  ${relativePath(session.io.cwd, file)}`);
  session.print(
    `${style.bold("locked")}   ${shortHash(locked.integrity)}  decided by ${locked.decidedBy}`,
  );
  return exitCode.ok;
}

/** The manifest that is there, or a new one where the user named none. */
async function readOrStart(file: string, mayStart: boolean): Promise<Manifest> {
  const { readManifest } = await import("@harnessx/core");
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  if (there || !mayStart) return readManifest(file);
  return { name: basename(dirname(file)) || "harness", version: "1", processors: [] };
}

interface Relock {
  readonly file: string;
  readonly dir: string;
  readonly manifest: Manifest;
  readonly id: string;
  readonly use: string | undefined;
}

async function relock(
  session: Session,
  { file, dir, manifest, id, use }: Relock,
): Promise<ExitCode> {
  const { withLockEntry } = await import("@harnessx/core");
  if (use === undefined)
    throw new UsageError(
      `Entry ${id} has no package to lock.`,
      "An inline processor is not locked; hx mcp pin records the tools of an MCP server.",
    );
  const before = await readLockBeside(file);
  const entry = await lockEntryFor(use, dir);
  const lock = await completeLock(
    manifest,
    withLockEntry(before ?? { lockVersion: 1, entries: {} }, id, entry),
    dir,
  );
  await write(session, dir, manifest, lock);
  session.result({ harness: file, relocked: id, lock: entry });
  session.print(
    `${session.style.green("locked")}   ${id}  ${entry.version}  ${shortHash(entry.integrity)}`,
  );
  return exitCode.ok;
}

/** Loads the whole harness first: what is written is known to run. */
async function write(session: Session, dir: string, manifest: Manifest, lock: Lock): Promise<void> {
  const { writeManifestAndLock } = await import("@harnessx/core");
  await loadFor(session, manifest, { root: dir, lock });
  await writeManifestAndLock(dir, manifest, lock);
}

function where({ before, after }: Options, tools: boolean): InsertWhere {
  if (before !== undefined && after !== undefined) {
    throw new UsageError("--before and --after exclude each other.", "Keep one of the two.");
  }
  const at = before !== undefined ? { before } : after !== undefined ? { after } : undefined;
  return { section: tools ? "tools" : "processors", ...(at ? { at } : {}) };
}

function parseObject(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  const fail = (): UsageError =>
    new UsageError(
      "--options is no JSON object.",
      "Write for example --options '{\"window\": 12}'.",
    );
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as JsonObject;
  } catch {
    throw fail();
  }
  throw fail();
}

/** `@harnessx/processor-loop-guard` → `loop-guard`. */
export function shortName(packageName: string): string {
  return packageName
    .replace(/^@[^/]+\//, "")
    .replace(/^(harnessx-)?(processor|tools|bundle|adapter)-/, "");
}
