import { commandsOf, type Command } from "./commands.ts";
import { nameMatcher } from "./names.ts";

/** Finds an install that nobody waits for: what it runs, or nothing. */
export type InstallFinder = {
  /** In a command for a shell; `background` when the tool itself does not wait. */
  readonly inShell: (source: string, background: boolean) => string | undefined;
  /** In a program and its arguments. */
  readonly inWords: (words: readonly string[], background: boolean) => string | undefined;
};

/** Programs that run the rest of their words as a command, and how many of them come first. */
const wrappers: Readonly<Record<string, number>> = {
  sudo: 0,
  doas: 0,
  env: 0,
  time: 0,
  nice: 0,
  ionice: 0,
  command: 0,
  builtin: 0,
  exec: 0,
  stdbuf: 0,
  xargs: 0,
  timeout: 1,
};

/** Programs that let the rest of their words run on by itself. */
const detachers = new Set([
  "nohup",
  "setsid",
  "daemonize",
  "systemd-run",
  "coproc",
  "start",
  "start-process",
  "start-job",
]);

/** Terminals that hold a command which is given as a text or as words, when told to go on without a person. */
const terminals: Readonly<Record<string, RegExp>> = {
  tmux: /^(?:-d|-[A-Za-z]*d[A-Za-z]*|send-keys)$/,
  screen: /^-[A-Za-z]*d[A-Za-z]*$/,
};

const shells = /^(?:ba|z|da|k|a)?sh$/;
/** Commands within commands: nobody writes so many. */
const maxDepth = 8;
/** Every word of a terminal's command is tried, so these two keep the number of trials small. */
const terminalDepth = 4;
const maxTerminalWords = 30;

/** Compiles a finder for installers, each a program and the words that make it install. */
export function installFinder(installers: readonly string[]): InstallFinder {
  const forms = installers.map((installer) => {
    const [program = "", ...rest] = installer.split(/\s+/);
    return { fits: nameMatcher([program]), rest: rest.map((word) => nameMatcher([word])) };
  });
  const isInstall = (program: string, words: readonly string[]): boolean =>
    forms.some(({ fits, rest }) => fits(program) && follows(rest, words));

  const inShell = (source: string, background: boolean, depth: number): string | undefined => {
    for (const command of commandsOf(source)) {
      const found = inCommand({ ...command, background: background || command.background }, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const inCommand = ({ words, background }: Command, depth: number): string | undefined => {
    if (depth > maxDepth) return undefined;
    const all = words.slice(leadingAssignments(words));
    const [first, ...rest] = all;
    if (first === undefined) return undefined;
    const program = programName(first);
    const within = (next: readonly string[], detached: boolean = background) =>
      inCommand({ words: next, background: detached }, depth + 1);
    if (detachers.has(program)) return within(rest.slice(leadingOptions(rest)), true);
    const isDetached = terminals[program];
    if (isDetached) {
      if (!rest.some((word) => isDetached.test(word))) return undefined;
      return detachedIn(rest, depth);
    }
    if (program === "eval") return inShell(rest.join(" "), background, depth + 1);
    if (shells.test(program) || program === "su") {
      const script = rest[rest.findIndex((word) => /^-[a-z]*c$/.test(word)) + 1];
      const hasScript = rest.some((word) => /^-[a-z]*c$/.test(word));
      return hasScript && script !== undefined ? inShell(script, background, depth + 1) : undefined;
    }
    if (Object.hasOwn(wrappers, program)) {
      // An option may have a value: every place where the command could begin is tried.
      const from = leadingOptions(rest) + wrappers[program]!;
      return (
        within(rest.slice(from)) ?? (from < rest.length ? within(rest.slice(from + 1)) : undefined)
      );
    }
    return background && isInstall(program, rest) ? all.join(" ") : undefined;
  };

  /** The command of a terminal stands in one of its words, or in all behind some word. */
  const detachedIn = (words: readonly string[], depth: number): string | undefined => {
    for (const [index, word] of words.slice(0, maxTerminalWords).entries()) {
      const found =
        (/\s/.test(word) ? inShell(word, true, depth + terminalDepth) : undefined) ??
        inCommand({ words: words.slice(index), background: true }, depth + terminalDepth);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    inShell: (source, background) => inShell(source, background, 0),
    inWords: (words, background) => inCommand({ words, background }, 0),
  };
}

/** Whether the words contain these in order, with nothing but options and their values between them. */
function follows(
  wanted: readonly ((word: string) => boolean)[],
  words: readonly string[],
): boolean {
  // A program that installs when it is called alone.
  if (wanted.length === 0) return words.every((word) => word.startsWith("-"));
  let next = 0;
  let afterOption = false;
  for (const word of words) {
    if (wanted[next]!(word)) {
      next += 1;
      if (next === wanted.length) return true;
      afterOption = false;
    } else if (word.startsWith("-")) {
      afterOption = !word.includes("=");
    } else if (afterOption) {
      afterOption = false;
    } else {
      return false;
    }
  }
  return false;
}

function leadingAssignments(words: readonly string[]): number {
  const index = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return index < 0 ? words.length : index;
}

/** Options, and assignments as `env` takes them. */
function leadingOptions(words: readonly string[]): number {
  const index = words.findIndex((word) => !/^(?:[-/]|[A-Za-z_]\w*=)/.test(word));
  return index < 0 ? words.length : index;
}

/** The name of a program without folders and the ending that Windows gives it. */
function programName(word: string): string {
  return word
    .replace(/^.*[/\\]/, "")
    .replace(/\.(?:exe|cmd|bat|ps1)$/i, "")
    .toLowerCase();
}
