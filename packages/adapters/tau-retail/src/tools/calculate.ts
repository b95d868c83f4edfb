import { floatText, roundToCents } from "../money.ts";
import { Refusal } from "./refusal.ts";

const tokens = /(?:\d+\.?\d*|\.\d+)|\*\*|\/\/|[-+*/()]/g;

/** The value of an arithmetic expression to two decimal places, as Python computes it from these characters. */
export function calculate(expression: string): string {
  if (!/^[0-9+\-*/(). ]*$/.test(expression)) throw new Refusal("Invalid characters in expression");
  const value = new Parser(expression).parse();
  if (!Number.isFinite(value)) throw new Refusal("The expression has no value");
  return floatText(roundToCents(value));
}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(expression: string) {
    this.#tokens = expression.match(tokens) ?? [];
    if (this.#tokens.join("") !== expression.replaceAll(" ", "")) throw invalid();
  }

  parse(): number {
    const value = this.#sum();
    if (this.#at < this.#tokens.length) throw invalid();
    return value;
  }

  #take(...wanted: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.#at += 1;
    return token;
  }

  #sum(): number {
    let value = this.#product();
    for (let sign = this.#take("+", "-"); sign !== undefined; sign = this.#take("+", "-")) {
      const right = this.#product();
      value = sign === "+" ? value + right : value - right;
    }
    return value;
  }

  #product(): number {
    let value = this.#signed();
    for (let sign = this.#take("*", "/", "//"); sign; sign = this.#take("*", "/", "//")) {
      const right = this.#signed();
      if (sign !== "*" && right === 0) throw new Refusal("division by zero");
      value = sign === "*" ? value * right : value / right;
      if (sign === "//") value = Math.floor(value);
    }
    return value;
  }

  #signed(): number {
    const sign = this.#take("+", "-");
    if (sign === undefined) return this.#power();
    return sign === "-" ? -this.#signed() : this.#signed();
  }

  #power(): number {
    const base = this.#atom();
    if (this.#take("**") === undefined) return base;
    const exponent = this.#signed();
    if (base === 0 && exponent < 0) throw new Refusal("division by zero");
    return base ** exponent;
  }

  #atom(): number {
    if (this.#take("(") !== undefined) {
      const value = this.#sum();
      if (this.#take(")") === undefined) throw invalid();
      return value;
    }
    const token = this.#tokens[this.#at];
    // Python refuses 007 but takes 0, 00 and 007.5.
    if (token === undefined || !/\d/.test(token) || /^0+[1-9]\d*$/.test(token)) throw invalid();
    this.#at += 1;
    return Number(token);
  }
}

const invalid = (): Refusal => new Refusal("invalid syntax");
