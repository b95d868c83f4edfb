import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import type { LoadedPlugin } from "@harnessx/core";
import { gameFolder } from "../alfworld.ts";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { inspectHarness } from "../harness-state.ts";
import { checkTable, type Check } from "../output/checks.ts";
import { failureOf } from "../output/failure.ts";
import { plural } from "../output/text.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

/** What hx itself depends on; a plugin that does not load makes a command fail later. */
const packages = [
  "@harnessx/adapter-household",
  "@harnessx/adapter-tiny-policy",
  "@harnessx/processor-compaction",
  "@harnessx/processor-cost-guard",
  "@harnessx/processor-environment-context",
  "@harnessx/processor-episode-metrics",
  "@harnessx/processor-hello",
  "@harnessx/processor-loop-guard",
  "@harnessx/processor-notes",
  "@harnessx/processor-system-prompt",
  "@harnessx/processor-tool-filter",
] as const;

/** `hx doctor`. */
export function doctorCommand(session: Session): Command {
  const made = command("doctor", {
    summary: "check that everything hx needs is in order",
    more: "Exit code 1 means that something is not; a warning is no failure.",
    examples: ["hx doctor"],
  });
  return act<object>(session, made, () => examine(session));
}

async function examine(session: Session): Promise<ExitCode> {
  const checks: Check[] = [
    nodeCheck(),
    await writeCheck(session),
    ...(await packageChecks(session)),
    await dataCheck(session),
    ...(await harnessChecks(session)),
  ];
  const failed = checks.filter((check) => check.state === "fail").length;
  const warned = checks.filter((check) => check.state === "warn").length;
  session.result({ ok: failed === 0, failed, warned, checks });
  session.print(checkTable(session, checks));
  session.print();
  session.print(
    failed > 0
      ? `${plural(failed, "failure")}, ${plural(warned, "warning")}`
      : warned > 0
        ? `All fine, ${plural(warned, "warning")}.`
        : "All fine.",
  );
  return failed > 0 ? exitCode.failed : exitCode.ok;
}

const OLDEST = [20, 19] as const;

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  const text = `${process.versions.node} on ${process.platform} ${process.arch}`;
  return ok
    ? { name: "node", state: "ok", text }
    : { name: "node", state: "fail", text, hint: `Install Node ${OLDEST.join(".")} or newer.` };
}

async function writeCheck(session: Session): Promise<Check> {
  const dir = session.path(".");
  try {
    await access(dir, constants.W_OK | constants.X_OK);
    return { name: "write access", state: "ok", text: dir };
  } catch {
    return {
      name: "write access",
      state: "fail",
      text: `${dir} is not writable`,
      hint: "Traces go to .harnessx here; work in another folder or pass --trace-dir.",
    };
  }
}

async function packageChecks(session: Session): Promise<Check[]> {
  const { loadPlugin, version } = await import("@harnessx/core");
  const checks = await Promise.all(
    packages.map(async (name): Promise<Check> => {
      const short = name.replace("@harnessx/", "");
      try {
        const plugin = await loadPlugin(name, session.io.cwd);
        const works = await tryOut(session, plugin);
        return { name: short, state: "ok", text: `${plugin.version}, ${works}` };
      } catch (thrown) {
        const { failure } = failureOf(thrown);
        return {
          name: short,
          state: "fail",
          text: `${failure.code}: ${failure.message}`,
          hint: failure.hint,
        };
      }
    }),
  );
  return [{ name: "core", state: "ok", text: version }, ...checks];
}

/** A model or a suite may need files of its own, which only making one shows. */
async function tryOut(session: Session, plugin: LoadedPlugin): Promise<string> {
  const { resolveOptions } = await import("@harnessx/core");
  const { definition } = plugin;
  if (definition.harnessx !== "model" && definition.harnessx !== "suite") return "loads";
  await definition.create(resolveOptions(plugin, plugin.name) as never, { root: session.io.cwd });
  return "works";
}

async function dataCheck(session: Session): Promise<Check> {
  const found = await gameFolder(session);
  if (!found) {
    return {
      name: "data",
      state: "warn",
      text: "no ALFWorld games",
      hint: "hx demo uses generated games. Set HARNESSX_DATA to a folder with alfworld/games for real ones.",
    };
  }
  const files = (await readdir(found)).filter((name) => name.endsWith(".jsonl"));
  return {
    name: "data",
    state: "ok",
    text: `ALFWorld games in ${relativePath(session.io.cwd, found)} (${plural(files.length, "file")})`,
  };
}

async function harnessChecks(session: Session): Promise<Check[]> {
  const file = join(session.path("."), "harness.json");
  if (!(await stat(file).catch(() => undefined)))
    return [{ name: "harness.json", state: "ok", text: "none here" }];
  try {
    const state = await inspectHarness(session, file);
    if (state.failure) {
      const { code, message, hint } = state.failure;
      return [{ name: "harness.json", state: "fail", text: `${code}: ${message}`, hint }];
    }
    const loads: Check = {
      name: "harness.json",
      state: "ok",
      text: `${state.manifest.name}, ${plural(state.entries.length, "entry").replace("entrys", "entries")}, loads`,
    };
    const lock: Check = state.locked
      ? { name: "harness.lock.json", state: "ok", text: "everything matches" }
      : {
          name: "harness.lock.json",
          state: "warn",
          text: "none",
          hint: "hx plugin add <id> locks what is installed now.",
        };
    return [loads, lock];
  } catch (thrown) {
    const { failure } = failureOf(thrown);
    return [
      {
        name: "harness.json",
        state: "fail",
        text: `${failure.code}: ${failure.message}`,
        hint: failure.hint,
      },
    ];
  }
}
