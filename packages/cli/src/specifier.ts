import { access } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import type { LoadedPlugin } from "@harnessx/core";
import type { PluginKind } from "@harnessx/core/plugin";
import { UsageError } from "./errors.ts";
import type { Session } from "./session.ts";

const SHORT = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const prefixes: Partial<Record<PluginKind, string>> = { processor: "@harnessx/processor-" };

/** Whether a specifier is a folder and not the name of a package. */
export const isFolder = (specifier: string): boolean =>
  specifier.startsWith(".") || isAbsolute(specifier) || specifier.includes("\\");

/** The packages that a name on the command line may stand for, likeliest first. */
export function candidates(given: string, kind: PluginKind): readonly string[] {
  if (isFolder(given) || !SHORT.test(given)) return [given];
  return [`${prefixes[kind] ?? "@harnessx/adapter-"}${given}`, given];
}

/** A plugin and the name under which it was found. */
export interface Named {
  readonly use: string;
  readonly plugin: LoadedPlugin;
}

/**
 * Loads a plugin by short name (`household`), package name or folder. Errors: those of core's
 * `loadPlugin`; HX_PLUGIN_KIND_MISMATCH for a plugin of another kind.
 */
export async function loadNamed(session: Session, given: string, kind: PluginKind): Promise<Named> {
  const { hxError } = await import("@harnessx/core");
  const named = await findNamed(session, given, [kind]);
  if (named.plugin.metadata.kind !== kind) {
    throw hxError("HX_PLUGIN_KIND_MISMATCH", {
      entry: given,
      package: named.plugin.name,
      kind: named.plugin.metadata.kind,
      expected: kind,
    });
  }
  return named;
}

/** Loads a plugin that may be of any of some kinds; a folder is relative to the working directory. */
export async function findNamed(
  session: Session,
  given: string,
  kinds: readonly PluginKind[],
): Promise<Named> {
  const { loadPlugin, HarnessXError } = await import("@harnessx/core");
  const names = [...new Set(kinds.flatMap((kind) => candidates(given, kind)))];
  let missing: unknown;
  for (const use of names) {
    try {
      return {
        use,
        plugin: await loadPlugin(isFolder(use) ? session.path(use) : use, session.io.cwd),
      };
    } catch (thrown) {
      if (!HarnessXError.isInstance(thrown) || thrown.code !== "HX_PLUGIN_NOT_FOUND") throw thrown;
      missing ??= thrown;
    }
  }
  if (!isFolder(given) && (await isPlugin(session.path(given)))) {
    throw new UsageError(
      `There is no package ${given}, but a folder of that name.`,
      `Write ./${given} for the folder.`,
    );
  }
  throw missing;
}

const isPlugin = (dir: string): Promise<boolean> =>
  access(join(dir, "package.json")).then(
    () => true,
    () => false,
  );

/** How a manifest in `from` names the folder `to`: `./plugins/x`, with forward slashes on every system. */
export function folderSpecifier(from: string, to: string): string {
  const path = relative(from, to).split(sep).join("/");
  if (path === "") return "./";
  return path.startsWith("../") || path === ".." ? path : `./${path}`;
}

/** Parses `name=value`. */
export function splitSetting(text: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new UsageError(`--set ${text} is no name=value.`, "Write for example --set size=small.");
  }
  return [text.slice(0, at), text.slice(at + 1)];
}
