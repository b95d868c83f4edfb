import type { JsonObject, Suite } from "@harnessx/core/plugin";
import { loadNamed } from "./specifier.ts";
import type { Session } from "./session.ts";

/** A suite and how it was made. */
export interface OpenedSuite {
  readonly suite: Suite;
  /** Package or folder. */
  readonly use: string;
  readonly options: JsonObject;
  /** Folder of the package. */
  readonly dir: string;
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

export async function createSuite(
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
  return { suite, use, options, dir: plugin.dir };
}
