import { open } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import { cliError } from "../errors.ts";
import type { Session } from "../session.ts";

/** The lines that are not empty of a file, or of standard input for `-`, with their numbers from 1. */
export async function* inputLines(
  session: Session,
  file: string,
): AsyncGenerator<readonly [text: string, line: number]> {
  let line = 0;
  for await (const text of file === "-" ? pipedLines(session) : fileLines(session.path(file))) {
    line += 1;
    if (text.trim() !== "") yield [text, line];
  }
}

async function* pipedLines(session: Session): AsyncGenerator<string> {
  const input = session.io.lines();
  try {
    for (let text = await input.read(""); text !== undefined; text = await input.read(""))
      yield text;
  } finally {
    input.close();
  }
}

async function* fileLines(path: string): AsyncGenerator<string> {
  const file = await open(path).catch((problem: NodeJS.ErrnoException) => problem);
  if (file instanceof Error)
    throw await cliError(
      "HX_CLI_SYSTEM",
      { syscall: file.syscall ?? "open", path, problem: file.code ?? file.message },
      file,
    );
  // readLines closes the file, also when its reader stops early.
  yield* file.readLines();
}

/** Parses a number for which `fits` holds. */
export const amount =
  (what: string, fits: (value: number) => boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || !fits(value))
      throw new InvalidArgumentError(`It is ${what}.`);
    return value;
  };
