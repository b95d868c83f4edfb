import { Command, InvalidArgumentError } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import type { Session } from "./session.ts";

/** Examples by command, for help and for the reference page. */
export const examples = new WeakMap<Command, readonly string[]>();

/** A command with `--json` and an example in its help. */
export function command(
  name: string,
  facts: { readonly summary: string; readonly more?: string; readonly examples: readonly string[] },
): Command {
  const made = new Command(name)
    .summary(facts.summary)
    .description(
      facts.more ? `${sentence(facts.summary)}\n\n${facts.more}` : sentence(facts.summary),
    )
    .helpOption("-h, --help", "print help")
    .option("--json", "print one JSON document in place of text")
    .addHelpText(
      "after",
      `\n${facts.examples.length > 1 ? "Examples" : "Example"}:\n${facts.examples.map((line) => `  ${line}`).join("\n")}`,
    );
  examples.set(made, facts.examples);
  return made;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A command that only groups others. */
export function group(name: string, summary: string, commands: readonly Command[]): Command {
  const made = new Command(name)
    .summary(summary)
    .description(sentence(summary))
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command");
  for (const each of commands) made.addCommand(each);
  return made;
}

/** What a command does; resolves to the exit status. */
export type Run<Options> = (options: Options, ...args: string[]) => Promise<ExitCode>;

/** Ties a command to what it does. */
export function act<Options>(session: Session, made: Command, run: Run<Options>): Command {
  return made.action(async (...given: unknown[]) => {
    const options = given.at(-2) as Options & { readonly json?: boolean };
    session.json = options.json === true;
    session.exit = await run(options, ...(given.slice(0, -2) as string[]));
  });
}

/** Parses a whole number of at least `least`. */
export const integer =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === "") {
      throw new InvalidArgumentError(`It is a whole number of at least ${least}.`);
    }
    return value;
  };

/** Collects an option that may be repeated. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];
