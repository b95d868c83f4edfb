import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { act, command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { manifestFile } from "../harness.ts";
import { inspectHarness } from "../harness-state.ts";
import { checkTable, type Check } from "../output/checks.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly harness?: string;
}

/** `hx plugin verify`. */
export function pluginVerifyCommand(session: Session): Command {
  const made = command("verify", {
    summary: "check the metadata of a plugin, or every entry of a harness against its lock",
    more: "A folder with a package.json is checked as a plugin. Otherwise every entry of the harness is loaded and its code is compared with what the lock records. Exit code 1 means that something does not hold.",
    examples: ["hx plugin verify ./my-plugin", "hx plugin verify --harness harness.json"],
  })
    .argument("[dir]", "folder of a plugin")
    .option("--harness <file>", "harness.json or its folder (default: here)");
  return act<Options>(session, made, (options, dir) => verify(session, options, dir));
}

async function verify(
  session: Session,
  options: Options,
  dir: string | undefined,
): Promise<ExitCode> {
  if (dir !== undefined && options.harness !== undefined) {
    throw new UsageError(
      "A folder and --harness exclude each other.",
      "Verify one of the two at a time.",
    );
  }
  const plugin = dir === undefined ? undefined : session.path(dir);
  const isPlugin = plugin !== undefined && (await exists(join(plugin, "package.json")));
  if (plugin !== undefined && (isPlugin || !(await exists(join(plugin, "harness.json")))))
    return verifyPlugin(session, plugin);
  return verifyHarness(
    session,
    await manifestFile(session, dir ?? options.harness ?? "harness.json"),
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function verifyPlugin(session: Session, dir: string): Promise<ExitCode> {
  const { inspectPlugin, loadPlugin, resolveOptions } = await import("@harnessx/core");
  const inspected = await inspectPlugin(dir);
  const plugin = await loadPlugin(dir, session.io.cwd);
  const { name, version, metadata, integrity } = plugin;
  const checks: Check[] = [
    {
      name: "metadata",
      state: "ok",
      text: `${name} ${version}, ${metadata.kind}, api ${metadata.api}`,
    },
    { name: "options", state: "ok", text: metadata.options ?? "takes none" },
    { name: "code", state: "ok", text: `loads, ${integrity}` },
  ];
  try {
    resolveOptions(inspected, name, {});
  } catch {
    checks[1] = { name: "options", state: "ok", text: `${metadata.options}, some are required` };
  }
  session.result({ ok: true, plugin: { dir, name, version, metadata, integrity }, checks });
  session.print(checkTable(session, checks));
  return exitCode.ok;
}

async function verifyHarness(session: Session, file: string): Promise<ExitCode> {
  const state = await inspectHarness(file);
  const checks: Check[] = state.entries.map((entry): Check => {
    if (entry.failure)
      return {
        name: entry.id,
        state: "fail",
        text: `${entry.failure.code}: ${entry.failure.message}`,
        hint: entry.failure.hint,
      };
    if (entry.lock === "locked")
      return {
        name: entry.id,
        state: "ok",
        text: `${entry.package} ${entry.version}, locked by ${entry.decidedBy}`,
      };
    if (entry.lock === "no lock")
      return {
        name: entry.id,
        state: "warn",
        text: `${entry.package} ${entry.version}, loads, not locked`,
        hint: `hx plugin add ${entry.id} writes the lock.`,
      };
    return {
      name: entry.id,
      state: entry.problems.length > 0 ? "fail" : "warn",
      text: entry.problems.join("; ") || "cannot be locked",
      hint: `If that is meant, record it with hx plugin add ${entry.id}.`,
    };
  });
  const known = state.entries.some(
    (entry) => entry.failure !== undefined || entry.problems.length > 0,
  );
  if (state.failure && !known)
    checks.push({
      name: "harness",
      state: "fail",
      text: `${state.failure.code}: ${state.failure.message}`,
      hint: state.failure.hint,
    });
  if (state.hash)
    checks.push({ name: "harness", state: "ok", text: `${state.manifest.name} ${state.hash}` });
  const ok = checks.every((check) => check.state !== "fail");
  session.result({ ok, file, locked: state.locked, checks, entries: state.entries });
  session.print(checkTable(session, checks));
  return ok ? exitCode.ok : exitCode.failed;
}
