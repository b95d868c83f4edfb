import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import type { CheckedEntry } from "@harnessx/aegis";
import { act, command } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { changeableManifest, manifestFile } from "../harness.ts";
import { inspectHarness, isGenerated, type HarnessState } from "../harness-state.ts";
import { keysOf } from "../keys.ts";
import { checkTable, type Check } from "../output/checks.ts";
import type { Session } from "../session.ts";
import { print as printRollback } from "./evolve-rollback.ts";

interface Options {
  readonly harness?: string;
  readonly repair?: boolean;
}

/** `hx plugin verify`. */
export function pluginVerifyCommand(session: Session): Command {
  const made = command("verify", {
    summary: "check the metadata of a plugin, or every entry of a harness against its lock",
    more: "A folder with a package.json is checked as a plugin. Otherwise every entry of the harness is loaded and its code is compared with what the lock records; of generated plugins also the gate's signature, every file and the tier, without running them. --repair goes back to the last generation of which all that holds. Exit code 1 means that something does not hold.",
    examples: [
      "hx plugin verify ./my-plugin",
      "hx plugin verify --harness harness.json",
      "hx plugin verify --repair",
    ],
  })
    .argument("[dir]", "folder of a plugin")
    .option("--harness <file>", "harness.json or its folder (default: here)")
    .option("--repair", "put what is damaged into quarantine and go back");
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
  const given = dir ?? options.harness ?? "harness.json";
  if (options.repair === true) await repair(session, given);
  return verifyHarness(session, await manifestFile(session, given));
}

async function repair(session: Session, given: string): Promise<void> {
  const { dir } = await changeableManifest(session, given);
  const { JOURNAL, openJournal, repairWorkspace, withWorkspace } = await import("@harnessx/aegis");
  const plan = await withWorkspace(dir, () =>
    repairWorkspace({ dir, journal: openJournal(join(dir, JOURNAL)), ...keysOf(session) }),
  );
  if (!plan) session.note("Nothing was to be repaired.");
  else {
    printRollback(session, plan, false);
    session.print();
  }
}

/** What the gate's signatures say of the entries that evolution installed. */
async function generatedChecks(
  session: Session,
  file: string,
  { entries }: HarnessState,
): Promise<{ readonly checks: readonly Check[]; readonly generated?: readonly CheckedEntry[] }> {
  if (!entries.some(({ use }) => isGenerated(use))) return { checks: [] };
  const { verifyWorkspace } = await import("@harnessx/aegis");
  const { entries: generated } = await verifyWorkspace(dirname(file), keysOf(session));
  const checks = generated.flatMap((entry) =>
    entry.checks.map(({ check, ok, text }): Check => ({
      name: `${entry.id} ${check}`,
      state: ok ? "ok" : "fail",
      text,
      hint: "hx plugin verify --repair goes back to the last generation that holds.",
    })),
  );
  return { checks, generated };
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
  const state = await inspectHarness(session, file);
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
  const { checks: signed, generated } = await generatedChecks(session, file, state);
  checks.push(...signed);
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
  const { locked, entries } = state;
  session.result({ ok, file, locked, checks, entries, ...(generated ? { generated } : {}) });
  session.print(checkTable(session, checks));
  return ok ? exitCode.ok : exitCode.failed;
}
