import type { SuiteTask } from "@harnessx/core/plugin";
import { cliError } from "./errors.ts";
import { createSuite, type OpenedSuite } from "./make-suite.ts";
import { parseSettings } from "./options.ts";
import type { Session } from "./session.ts";
import { loadNamed } from "./specifier.ts";

/**
 * Makes a suite from its name and `--set` options; relative paths in them start at the working
 * directory. `alfworld` stands for the household suite on ALFWorld's games.
 */
export async function openSuite(
  session: Session,
  name: string,
  settings: readonly string[] = [],
): Promise<OpenedSuite> {
  if (name === "alfworld") {
    const { alfworldSuite, gameFolder } = await import("./alfworld.ts");
    const games = await gameFolder(session);
    if (!games) throw await cliError("HX_CLI_DATA_MISSING", { data: "alfworld" });
    return alfworldSuite(session, games);
  }
  const { use, plugin } = await loadNamed(session, name, "suite");
  return createSuite(session, use, plugin, parseSettings(settings, plugin.optionsSchema));
}

/** The task of an id or of the start of one; the first task when none is named. */
export async function chooseTask(
  { suite, use }: OpenedSuite,
  id: string | undefined,
): Promise<SuiteTask> {
  const tasks = await suite.tasks();
  if (id === undefined) {
    const [first] = tasks;
    if (first) return first;
    throw await cliError("HX_CLI_SUITE_EMPTY", { suite: use, split: "any" });
  }
  const exact = tasks.find((task) => task.id === id);
  if (exact) return exact;
  const [only, ...others] = tasks.filter((task) => task.id.startsWith(id));
  if (only && others.length === 0) return only;
  throw await cliError("HX_CLI_TASK_UNKNOWN", { suite: use, task: id });
}

export { openSuiteWith, type OpenedSuite } from "./make-suite.ts";
