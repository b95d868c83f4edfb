import type { JsonObject, Suite, SuiteTask } from "@harnessx/core/plugin";
import { cliError } from "./errors.ts";
import { parseSettings } from "./options.ts";
import type { Session } from "./session.ts";
import { loadNamed } from "./specifier.ts";

/** A suite and how it was made. */
export interface OpenedSuite {
  readonly suite: Suite;
  /** Package or folder. */
  readonly use: string;
  readonly options: JsonObject;
}

/** Makes a suite from its name and `--set` options; relative paths in them start at the working directory. */
export async function openSuite(
  session: Session,
  name: string,
  settings: readonly string[] = [],
): Promise<OpenedSuite> {
  const { use, plugin } = await loadNamed(session, name, "suite");
  return createSuite(session, use, plugin, parseSettings(settings, plugin.optionsSchema));
}

/** Makes a suite from its name and ready options. */
export async function openSuiteWith(
  session: Session,
  name: string,
  options: JsonObject,
): Promise<OpenedSuite> {
  const { use, plugin } = await loadNamed(session, name, "suite");
  return createSuite(session, use, plugin, options);
}

async function createSuite(
  session: Session,
  use: string,
  plugin: Awaited<ReturnType<typeof loadNamed>>["plugin"],
  given: JsonObject,
): Promise<OpenedSuite> {
  const { resolveOptions } = await import("@harnessx/core");
  const options = resolveOptions(plugin, use, given);
  const { definition } = plugin;
  if (definition.harnessx !== "suite") throw new TypeError(`${use} is no suite`);
  const suite = await definition.create(options as never, { root: session.io.cwd });
  return { suite, use, options };
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
