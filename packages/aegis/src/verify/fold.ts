import type ts from "typescript";
import type { Compiler } from "./compiler.ts";

/** What an expression comes to when everything in it is written down in the package. */
export type Folded = string | number | readonly Folded[] | undefined;

const MAX_DEPTH = 40;
const MAX_CHARS = 100_000;

/**
 * Computes constant expressions: joined and reversed texts, character codes, template texts, and the
 * constants that they name, also from another file of the package. Never runs anything.
 */
export class Folder {
  readonly #ts: Compiler;
  readonly #checker: ts.TypeChecker;

  constructor(compiler: Compiler, checker: ts.TypeChecker) {
    this.#ts = compiler;
    this.#checker = checker;
  }

  /** The value of `node` as a text; nothing when it is not constant or no text. */
  text(node: ts.Node): string | undefined {
    const value = this.fold(node);
    return typeof value === "string" ? value : undefined;
  }

  fold(node: ts.Node, depth = 0): Folded {
    const { isParenthesizedExpression, isAsExpression, isSatisfiesExpression, isSpreadElement } =
      this.#ts;
    if (depth > MAX_DEPTH) return undefined;
    const next = (one: ts.Node): Folded => this.fold(one, depth + 1);
    if (this.#ts.isStringLiteralLike(node)) return node.text;
    if (this.#ts.isNumericLiteral(node)) return Number(node.text);
    if (isParenthesizedExpression(node) || isAsExpression(node) || isSatisfiesExpression(node))
      return next(node.expression);
    if (isSpreadElement(node)) return next(node.expression);
    if (this.#ts.isPrefixUnaryExpression(node)) {
      const value = next(node.operand);
      return node.operator === this.#ts.SyntaxKind.MinusToken && typeof value === "number"
        ? -value
        : undefined;
    }
    if (this.#ts.isTemplateExpression(node)) return this.#template(node, next);
    if (this.#ts.isArrayLiteralExpression(node)) {
      const items = node.elements.flatMap((one): readonly Folded[] => {
        const value = next(one);
        return isSpreadElement(one) && Array.isArray(value)
          ? (value as readonly Folded[])
          : [value];
      });
      return items.includes(undefined) ? undefined : items;
    }
    if (this.#ts.isBinaryExpression(node)) return this.#binary(node, next);
    if (this.#ts.isCallExpression(node)) return this.#call(node, next);
    if (this.#ts.isElementAccessExpression(node)) {
      const list = next(node.expression);
      const index = next(node.argumentExpression);
      return (typeof list === "string" || Array.isArray(list)) && typeof index === "number"
        ? (list as readonly Folded[]).at(index)
        : undefined;
    }
    if (this.#ts.isIdentifier(node)) {
      const initializer = this.#constant(node);
      return initializer && next(initializer);
    }
    return undefined;
  }

  #template(node: ts.TemplateExpression, next: (one: ts.Node) => Folded): Folded {
    let text = node.head.text;
    for (const { expression, literal } of node.templateSpans) {
      const value = next(expression);
      if (typeof value !== "string" && typeof value !== "number") return undefined;
      text += value + literal.text;
    }
    return text;
  }

  #binary({ left, right, operatorToken }: ts.BinaryExpression, next: (one: ts.Node) => Folded) {
    const { SyntaxKind } = this.#ts;
    const [a, b] = [next(left), next(right)];
    if (operatorToken.kind === SyntaxKind.PlusToken) {
      if (typeof a === "number" && typeof b === "number") return a + b;
      if (isScalar(a) && isScalar(b)) return `${a}${b}`;
    }
    if (typeof a !== "number" || typeof b !== "number") return undefined;
    if (operatorToken.kind === SyntaxKind.MinusToken) return a - b;
    if (operatorToken.kind === SyntaxKind.AsteriskToken) return a * b;
    if (operatorToken.kind === SyntaxKind.CaretToken) return a ^ b;
    return undefined;
  }

  #call(node: ts.CallExpression, next: (one: ts.Node) => Folded): Folded {
    const { expression } = node;
    if (!this.#ts.isPropertyAccessExpression(expression)) return undefined;
    const method = expression.name.text;
    const args = node.arguments.flatMap((one): readonly Folded[] => {
      const value = next(one);
      return this.#ts.isSpreadElement(one) && Array.isArray(value)
        ? (value as readonly Folded[])
        : [value];
    });
    if (method === "fromCharCode" || method === "fromCodePoint") return textOfCodes(args);
    const subject = next(expression.expression);
    if (typeof subject === "string") return onText(subject, method, args);
    if (Array.isArray(subject))
      return this.#onList(subject as readonly Folded[], method, args, node);
    return undefined;
  }

  #onList(
    list: readonly Folded[],
    method: string,
    args: readonly Folded[],
    node: ts.CallExpression,
  ): Folded {
    const [first] = args;
    if (method === "join" && list.every(isScalar))
      return list
        .join(typeof first === "string" ? first : args.length === 0 ? "," : "")
        .slice(0, MAX_CHARS);
    if (method === "reverse" || method === "toReversed") return list.toReversed();
    if (method === "concat") return [...list, ...args.flat()];
    if (method === "flat") return list.flat() as readonly Folded[];
    if (method === "slice" && args.every((one) => typeof one === "number"))
      return list.slice(...(args as readonly number[]));
    // `codes.map((code) => String.fromCharCode(code))`: whatever else a map does is not computed.
    if (method === "map" && /fromC(?:harCode|odePoint)\s*\(\s*[\w$]+\s*\)/.test(node.getText())) {
      const letters = list.map((code) => textOfCodes([code]));
      return letters.includes(undefined) ? undefined : letters;
    }
    return undefined;
  }

  /** The initializer of the constant that an identifier names, through imports. */
  #constant(node: ts.Identifier): ts.Expression | undefined {
    let symbol = this.#checker.getSymbolAtLocation(node);
    if (symbol && (symbol.flags & this.#ts.SymbolFlags.Alias) !== 0)
      symbol = this.#checker.getAliasedSymbol(symbol);
    const declaration = symbol?.valueDeclaration;
    if (!declaration || !this.#ts.isVariableDeclaration(declaration)) return undefined;
    const constant = (declaration.parent.flags & this.#ts.NodeFlags.Const) !== 0;
    return constant ? declaration.initializer : undefined;
  }
}

const isScalar = (value: Folded): value is string | number =>
  typeof value === "string" || typeof value === "number";

function textOfCodes(codes: readonly Folded[]): string | undefined {
  if (!codes.every((code) => typeof code === "number" && code >= 0 && code <= 0x10ffff))
    return undefined;
  return String.fromCodePoint(...(codes as readonly number[]).slice(0, 10_000));
}

function onText(text: string, method: string, args: readonly Folded[]): Folded {
  const [first, second] = args;
  switch (method) {
    case "split":
      return typeof first === "string" ? text.split(first) : undefined;
    case "repeat":
      return typeof first === "number" && first >= 0 && first * text.length <= MAX_CHARS
        ? text.repeat(first)
        : undefined;
    case "concat":
      return args.every(isScalar) ? text + args.join("") : undefined;
    case "slice":
    case "substring":
      return args.every((one) => typeof one === "number")
        ? text[method](...(args as readonly [number, number?]))
        : undefined;
    case "at":
    case "charAt":
      return typeof first === "number" ? text.at(first) : undefined;
    case "toLowerCase":
    case "toUpperCase":
    case "trim":
      return text[method]();
    case "replace":
    case "replaceAll":
      return typeof first === "string" && typeof second === "string"
        ? text[method](first, () => second)
        : undefined;
    default:
      return undefined;
  }
}
