import { defineProcessor, intercept } from "@harnessx/core/plugin";
import { installFinder, type InstallFinder } from "./installs.ts";
import { nameMatcher } from "./names.ts";
import type { BackgroundInstallGuardOptions } from "./options.ts";

export type { BackgroundInstallGuardOptions } from "./options.ts";

/** Refuses commands that install packages without waiting for the end. */
export default defineProcessor<BackgroundInstallGuardOptions>((run, options) => {
  const isWatched = nameMatcher(options.tools);
  const finder = installFinder(options.installers);

  run.hooks.beforeTool.tap("refuse", ({ call }) => {
    if (!isWatched(call.name) || typeof call.input !== "object" || call.input === null)
      return undefined;
    const fields = call.input as Readonly<Record<string, unknown>>;
    const background = options.backgroundArguments.some((name) => fields[name] === true);
    for (const name of options.commandArguments) {
      const install = Object.hasOwn(fields, name)
        ? installIn(finder, fields[name], background)
        : undefined;
      if (install === undefined) continue;
      const content = options.message.replaceAll("{install}", () => short(install));
      return intercept({ status: "refused", content });
    }
    return undefined;
  });
});

/** A text is for a shell; a list is a program with arguments, or several commands. */
function installIn(finder: InstallFinder, value: unknown, background: boolean): string | undefined {
  if (typeof value === "string") return finder.inShell(value, background);
  if (!Array.isArray(value)) return undefined;
  const words = value.filter((word): word is string => typeof word === "string");
  const found = finder.inWords(words, background);
  if (found !== undefined) return found;
  // A first word with a space is no program.
  return /\s/.test(words[0] ?? "") ? finder.inShell(words.join("\n"), background) : undefined;
}

const maxShown = 200;

function short(command: string): string {
  return command.length > maxShown ? `${command.slice(0, maxShown)}…` : command;
}
