import { UsageError } from "../errors.ts";
import type { Session } from "../session.ts";

/** Asks a person; without one, takes the suggestion or says which option was needed. */
export class Questions {
  readonly #session: Session;
  readonly #ask: boolean;
  readonly #signal: AbortSignal;

  constructor(session: Session, ask: boolean) {
    this.#session = session;
    this.#ask = ask;
    this.#signal = session.interruptSignal();
  }

  /** A text; an empty answer takes the suggestion, and is asked again without one. */
  async text(question: string, option: string, suggested?: string): Promise<string> {
    if (!this.#ask) {
      if (suggested !== undefined) return suggested;
      throw new UsageError(`--${option} is missing.`, "hx init --help lists the options.");
    }
    for (;;) {
      const said = await this.#put(question, suggested);
      if (said !== "") return said;
      if (suggested !== undefined) return suggested;
    }
  }

  /** Any number of lines; an empty one ends. */
  async lines<Line>(question: string, parse: (line: string) => Line): Promise<Line[]> {
    const lines: Line[] = [];
    while (this.#ask) {
      const said = await this.#put(question, lines.length === 0 ? "none" : "no more");
      if (said === "") break;
      try {
        lines.push(parse(said));
      } catch (thrown) {
        if (!(thrown instanceof UsageError)) throw thrown;
        this.#session.note(`${thrown.message} ${thrown.hint}`);
      }
    }
    return lines;
  }

  async yes(question: string, suggested: boolean): Promise<boolean> {
    if (!this.#ask) return suggested;
    const said = await this.#put(question, suggested ? "Y/n" : "y/N");
    return said === "" ? suggested : /^y(es)?$/i.test(said);
  }

  /** One of several, by number or name. */
  async choice<Option extends { readonly name: string; readonly title: string }>(
    question: string,
    option: string,
    options: readonly Option[],
  ): Promise<Option> {
    if (!this.#ask) throw new UsageError(`--${option} is missing.`, `One of: ${names(options)}.`);
    for (const [index, { title }] of options.entries())
      this.#session.note(`  ${index + 1}  ${title}`);
    for (;;) {
      const said = await this.#put(question, "1");
      const found = said === "" ? options[0] : (options[Number(said) - 1] ?? named(options, said));
      if (found) return found;
    }
  }

  async #put(question: string, suggested: string | undefined): Promise<string> {
    const hint = suggested === undefined ? "" : ` [${suggested}]`;
    return (await this.#session.io.ask(`${question}${hint} `, this.#signal)).trim();
  }
}

const names = (options: readonly { readonly name: string }[]): string =>
  options.map(({ name }) => name).join(", ");

/** The option of a name. */
export const named = <Option extends { readonly name: string }>(
  options: readonly Option[],
  name: string,
): Option | undefined => options.find((one) => one.name === name);
