/** A word or an operator of a shell command. */
export type Token =
  | {
      readonly kind: "word";
      /** Without quotes. */
      readonly text: string;
      /** Whether a part was quoted: then it is no keyword. */
      readonly quoted: boolean;
    }
  | { readonly kind: "operator"; readonly text: string }
  /** The source of a command whose output is inserted. */
  | { readonly kind: "nested"; readonly source: string };

/** Longer ones first: `&&` is not two `&`. */
const operators = "&>> <<< <<- && || ;; |& &> >& <& << >> >| <> | & ; ( ) < >"
  .split(" ")
  .concat("\n");

/** Splits a command into words and operators, as a POSIX shell would. Never fails: what is not closed goes to the end. */
export function tokensOf(source: string): readonly Token[] {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #word: string | undefined;
  #quoted = false;
  /** Ends of here-documents that begin after the next line break. */
  #hereDocs: string[] = [];

  constructor(source: string) {
    this.#source = source.replaceAll("\r\n", "\n").replaceAll("\\\n", "");
  }

  run(): readonly Token[] {
    while (this.#at < this.#source.length) this.#step();
    this.#endWord();
    return this.#tokens;
  }

  #step(): void {
    const character = this.#source[this.#at]!;
    if (character === "#" && this.#word === undefined) return this.#skipTo("\n");
    if (character === "'") return this.#singleQuoted();
    if (character === '"') return this.#doubleQuoted();
    if (character === "\\") {
      this.#add(this.#source[this.#at + 1] ?? "", true);
      this.#at += 2;
      return;
    }
    if (character === "`" || character === "$" || this.#isProcess()) return this.#expansion();
    if (character === " " || character === "\t") {
      this.#endWord();
      this.#at += 1;
      return;
    }
    const operator = !/[|&;()<>\n]/.test(character)
      ? undefined
      : operators.find((each) => this.#source.startsWith(each, this.#at));
    if (operator === undefined) {
      this.#add(character);
      this.#at += 1;
    } else {
      this.#operator(operator);
    }
  }

  #operator(text: string): void {
    // The number before a redirection is no word.
    if (/^[<>]/.test(text) && /^\d+$/.test(this.#word ?? "") && !this.#quoted)
      this.#word = undefined;
    this.#endWord();
    this.#at += text.length;
    this.#tokens.push({ kind: "operator", text });
    if (text === "<<" || text === "<<-") this.#noteHereDoc();
    if (text === "\n") this.#skipHereDocs();
  }

  /** `<(…)` and `>(…)`. */
  #isProcess(): boolean {
    return /^[<>]\(/.test(this.#source.slice(this.#at, this.#at + 2));
  }

  /** What begins with `$`, a backquote or a process substitution. */
  #expansion(): void {
    const source = this.#source;
    const at = this.#at;
    if (source[at] === "`") {
      const end = endOfQuote(source, at + 1, "`");
      this.#nest(source.slice(at + 1, end), end + 1);
    } else if (source.startsWith("$((", at)) {
      this.#add("0");
      this.#at = endOfGroup(source, at + 2, "(", ")");
    } else if (source[at + 1] === "(") {
      const end = endOfGroup(source, at + 2, "(", ")");
      this.#nest(source.slice(at + 2, end - 1), end);
    } else if (source[at + 1] === "{") {
      const end = endOfGroup(source, at + 2, "{", "}");
      this.#add(source.slice(at, end));
      this.#at = end;
    } else if (source[at + 1] === "'") {
      this.#at += 1;
    } else {
      this.#add("$");
      this.#at += 1;
    }
  }

  #nest(source: string, end: number): void {
    this.#tokens.push({ kind: "nested", source });
    this.#add("");
    this.#at = end;
  }

  #singleQuoted(): void {
    const end = this.#source.indexOf("'", this.#at + 1);
    const stop = end < 0 ? this.#source.length : end;
    this.#add(this.#source.slice(this.#at + 1, stop), true);
    this.#at = stop + 1;
  }

  #doubleQuoted(): void {
    this.#add("", true);
    this.#at += 1;
    while (this.#at < this.#source.length && this.#source[this.#at] !== '"') {
      const character = this.#source[this.#at]!;
      if (character === "\\") {
        this.#add(this.#source[this.#at + 1] ?? "");
        this.#at += 2;
      } else if (
        character === "`" ||
        (character === "$" && /[({]/.test(this.#source[this.#at + 1] ?? ""))
      ) {
        this.#expansion();
      } else {
        this.#add(character);
        this.#at += 1;
      }
    }
    this.#at += 1;
  }

  #noteHereDoc(): void {
    const found = /^[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()]+))/.exec(
      this.#source.slice(this.#at, this.#at + 200),
    );
    if (!found) return;
    this.#at += found[0].length;
    this.#hereDocs.push(found[1] ?? found[2] ?? found[3] ?? "");
  }

  #skipHereDocs(): void {
    for (const end of this.#hereDocs) {
      while (this.#at < this.#source.length) {
        const stop = this.#source.indexOf("\n", this.#at);
        const line = this.#source.slice(this.#at, stop < 0 ? undefined : stop);
        this.#at = stop < 0 ? this.#source.length : stop + 1;
        if (line.trim() === end) break;
      }
    }
    this.#hereDocs = [];
  }

  #skipTo(character: string): void {
    const end = this.#source.indexOf(character, this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  #add(text: string, quoted: boolean = false): void {
    this.#word = (this.#word ?? "") + text;
    this.#quoted ||= quoted;
  }

  #endWord(): void {
    if (this.#word !== undefined)
      this.#tokens.push({ kind: "word", text: this.#word, quoted: this.#quoted });
    this.#word = undefined;
    this.#quoted = false;
  }
}

/** Index of the character that ends what began before `from`, or the end of the text. */
function endOfQuote(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote)
    at += source[at] === "\\" && quote !== "'" ? 2 : 1;
  return Math.min(at, source.length);
}

/** Index behind the bracket that closes a group whose content begins at `from`. */
function endOfGroup(source: string, from: number, open: string, close: string): number {
  let depth = 1;
  let at = from;
  while (at < source.length) {
    const character = source[at]!;
    if (character === "\\") at += 1;
    else if (character === "'" || character === '"' || character === "`")
      at = endOfQuote(source, at + 1, character);
    else if (character === open) depth += 1;
    else if (character === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
  return source.length;
}
