import type { Argument, Command, Option } from "commander";
import { examples } from "./command.ts";
import { cliErrors } from "./errors.ts";
import { exitCodeTable } from "./exit-codes.ts";
import { noLines, type Io } from "./io.ts";
import { buildProgram, everyCommand } from "./program.ts";
import { Session } from "./session.ts";

/** The reference page of the command line as Markdown, made from the definitions of the commands. */
export function renderCliReference(): string {
  const program = buildProgram(new Session(nowhere));
  const leaves: Command[] = [];
  everyCommand(program, (each) => {
    // One that only groups others has no examples.
    if (examples.has(each)) leaves.push(each);
  });
  const parts = [
    "# hx\n\n" +
      "Every command prints text for people, or one JSON document with `--json`. Progress and remarks go to\n" +
      "stderr. Colour appears on a terminal only, and never when `NO_COLOR` is set.",
    `## Exit codes\n\n${table(
      ["code", "meaning"],
      exitCodeTable.map(({ code, meaning }) => [String(code), meaning]),
    )}`,
    `## Commands\n\n${table(
      ["command", "what it does"],
      leaves.map((each) => [`[\`${fullName(each)}\`](#${anchor(fullName(each))})`, each.summary()]),
    )}`,
    ...leaves.map(section),
    `## Errors\n\nPrinted as \`code: message\` with a hint; with \`--json\` as an object with \`code\`, \`message\`, \`hint\`\nand \`details\`. A wrong command line has the code \`HX_CLI_USAGE\`. The other codes are those of the\npackages at work, and:\n\n${table(
      ["code", "message", "hint"],
      Object.entries(cliErrors).map(([code, { message, hint }]) => [`\`${code}\``, message, hint]),
    )}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

const silent = { write: () => true };

const nowhere: Io = {
  stdout: silent,
  stderr: silent,
  env: {},
  cwd: ".",
  interactive: false,
  ask: () => Promise.resolve(""),
  lines: noLines,
  onInterrupt: () => () => undefined,
};

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}

const anchor = (name: string): string => name.replaceAll(" ", "-");

function section(command: Command): string {
  const shown = command.options.filter((option) => !option.hidden);
  const parts = [
    `## ${fullName(command)}`,
    command.description(),
    `\`\`\`\n${fullName(command)} ${command.usage()}\n\`\`\``,
    ...(command.registeredArguments.length > 0
      ? [table(["argument", "meaning"], command.registeredArguments.map(argumentRow))]
      : []),
    table(["option", "meaning", "default"], shown.map(optionRow)),
    `\`\`\`\n${(examples.get(command) ?? []).join("\n")}\n\`\`\``,
  ];
  return parts.join("\n\n");
}

const argumentRow = (argument: Argument): readonly string[] => [
  `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
  argument.description + byDefault(argument.defaultValue),
];

function optionRow(option: Option): readonly string[] {
  const choices = option.argChoices
    ? ` One of ${option.argChoices.map((choice) => `\`${choice}\``).join(", ")}.`
    : "";
  const value = option.defaultValue === undefined ? "" : `\`${String(option.defaultValue)}\``;
  return [`\`${option.flags}\``, option.description + choices, value];
}

const byDefault = (value: unknown): string =>
  value === undefined ? "" : ` (default: \`${String(value)}\`)`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
