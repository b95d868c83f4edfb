import { tokensOf, type Token } from "./tokens.ts";

/** One program call of a shell command. */
export interface Command {
  readonly words: readonly string[];
  /** Whether the shell goes on without waiting for it. */
  readonly background: boolean;
}

/** All program calls in a command, those in substitutions too. */
export function commandsOf(source: string, depth: number = 0): readonly Command[] {
  if (depth > maxDepth) return [];
  const parser = new Parser(tokensOf(source), depth);
  return parser.all();
}

/** Substitutions within substitutions: nobody writes so many. */
const maxDepth = 8;

/** A list of commands up to one separator. */
interface Unit {
  readonly commands: Command[];
  readonly background: boolean;
}

const openers = new Set(["(", "{", "if", "for", "while", "until", "case", "select"]);
const closers = new Set([")", "}", "fi", "done", "esac"]);
/** Words that introduce a command of their own. */
const leaders = new Set(["then", "else", "elif", "do", "!", "time"]);
const redirections = new Set([
  "<",
  ">",
  ">>",
  "<<",
  "<<-",
  "<<<",
  "<>",
  ">|",
  ">&",
  "<&",
  "&>",
  "&>>",
]);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #depth: number;
  #at = 0;
  #groups = 0;

  constructor(tokens: readonly Token[], depth: number) {
    this.#tokens = tokens;
    this.#depth = depth;
  }

  all(): Command[] {
    const commands: Command[] = [];
    // A closing word that nothing opened ends a list, not the command.
    while (this.#at < this.#tokens.length) {
      commands.push(...this.#list());
      this.#at += 1;
    }
    return commands;
  }

  /** Commands up to the end of the group. */
  #list(): Command[] {
    const units: Unit[] = [];
    let commands: Command[] = [];
    const end = (background: boolean): void => {
      units.push({ commands, background });
      commands = [];
    };
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!;
      if (isKeyword(token, closers)) break;
      if (isOperator(token, "&")) end(true);
      else if (isOperator(token, ";") || isOperator(token, "\n") || isOperator(token, ";;"))
        end(false);
      else if (
        token.kind === "operator" &&
        !openers.has(token.text) &&
        !redirections.has(token.text)
      ) {
        // Pipes and conditions: the same unit goes on.
      } else {
        commands.push(...this.#command());
        continue;
      }
      this.#at += 1;
    }
    end(false);
    const lastWait = units.findLastIndex(waits);
    return units.flatMap(({ commands: own, background }, index) =>
      background && index > lastWait ? own.map(inBackground) : own,
    );
  }

  /** A group, or the words up to the next operator. */
  #command(): Command[] {
    const first = this.#tokens[this.#at]!;
    if (isKeyword(first, leaders)) {
      this.#at += 1;
      return [];
    }
    if (isKeyword(first, openers)) {
      this.#at += 1;
      if (this.#groups >= maxGroups) return [];
      this.#groups += 1;
      const inside = this.#list();
      this.#at += 1;
      this.#groups -= 1;
      return inside;
    }
    const words: string[] = [];
    const nested: Command[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === "nested") nested.push(...commandsOf(token.source, this.#depth + 1));
      else if (token.kind === "word") words.push(token.text);
      else if (redirections.has(token.text)) this.#skipTarget(nested);
      else break;
      this.#at += 1;
    }
    return words.length > 0 ? [...nested, { words, background: false }] : nested;
  }

  /** The file of a redirection is no argument. */
  #skipTarget(nested: Command[]): void {
    for (let next = this.#tokens[this.#at + 1]; next; next = this.#tokens[this.#at + 1]) {
      if (next.kind === "operator") return;
      this.#at += 1;
      if (next.kind === "word") return;
      nested.push(...commandsOf(next.source, this.#depth + 1));
    }
  }
}

const maxGroups = 50;

function isKeyword(token: Token, words: ReadonlySet<string>): boolean {
  if (token.kind === "nested" || (token.kind === "word" && token.quoted)) return false;
  return words.has(token.text);
}

function isOperator(token: Token, text: string): boolean {
  return token.kind === "operator" && token.text === text;
}

function inBackground(command: Command): Command {
  return { ...command, background: true };
}

/** Whether a unit waits for the jobs before it. */
function waits({ commands, background }: Unit): boolean {
  return !background && commands.some(({ words }) => words[0] === "wait");
}
