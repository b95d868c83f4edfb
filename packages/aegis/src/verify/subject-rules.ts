import type ts from "typescript";
import type { Compiler } from "./compiler.ts";
import type { Folder } from "./fold.ts";
import type { Report } from "./literal-limits.ts";

/** Methods that change what they are called on. */
const CHANGES = new Set(
  "add clear copyWithin delete fill pop push reverse set shift sort splice unshift exec test".split(
    " ",
  ),
);

const PATTERN = new Set(["exec", "test"]);

/**
 * Rules about the processor as such, by the types of the contract: it does not tell tasks and runs
 * apart by their names, does not speak in the model's place, and keeps nothing between runs.
 */
export class SubjectRules {
  readonly #ts: Compiler;
  readonly #checker: ts.TypeChecker;
  readonly #folder: Folder;
  readonly #report: Report;

  constructor(compiler: Compiler, checker: ts.TypeChecker, folder: Folder, report: Report) {
    this.#ts = compiler;
    this.#checker = checker;
    this.#folder = folder;
    this.#report = report;
  }

  check(node: ts.Node): void {
    const { isPropertyAccessExpression, isElementAccessExpression } = this.#ts;
    if (isPropertyAccessExpression(node)) this.#read(node, node.expression, node.name.text);
    else if (isElementAccessExpression(node))
      this.#read(node, node.expression, this.#folder.text(node.argumentExpression));
    else if (this.#ts.isBindingElement(node)) {
      const name = node.propertyName ?? node.name;
      const text =
        this.#ts.isIdentifier(name) || this.#ts.isStringLiteral(name) ? name.text : undefined;
      this.#read(node, node.parent, text);
    } else if (this.#ts.isVariableDeclarationList(node)) this.#variables(node);
    if (isPropertyAccessExpression(node) && CHANGES.has(node.name.text))
      this.#shared(node, node.expression);
    if (
      this.#ts.isBinaryExpression(node) &&
      node.operatorToken.kind >= this.#ts.SyntaxKind.FirstAssignment &&
      node.operatorToken.kind <= this.#ts.SyntaxKind.LastAssignment &&
      !this.#ts.isIdentifier(node.left)
    )
      this.#shared(node, node.left);
  }

  #read(node: ts.Node, owner: ts.Node, name: string | undefined): void {
    if (name !== "id" && name !== "withContent") return;
    const type = this.#checker.getTypeAtLocation(owner);
    const types = type.isUnion() ? type.types : [type];
    const names = types.map((one) => (one.aliasSymbol ?? one.getSymbol())?.name);
    if (name === "id" && names.includes("Task")) this.#report(node, "reads the id of a task");
    if (name === "id" && names.includes("Run")) this.#report(node, "reads the id of a run");
    if (name === "withContent" && names.includes("AfterModelEvent"))
      this.#report(node, "rewrites what the model said");
  }

  /** A variable of the module outlives a run. */
  #variables(node: ts.VariableDeclarationList): void {
    const constant = (node.flags & this.#ts.NodeFlags.Const) !== 0;
    if (constant || !this.#ts.isVariableStatement(node.parent)) return;
    if (this.#ts.isSourceFile(node.parent.parent))
      this.#report(node, "keeps a variable between runs");
  }

  /** So does what a constant of the module holds, when it is changed. */
  #shared(node: ts.Node, target: ts.Node): void {
    let at = target;
    while (
      this.#ts.isPropertyAccessExpression(at) ||
      this.#ts.isElementAccessExpression(at) ||
      this.#ts.isParenthesizedExpression(at)
    )
      at = at.expression;
    if (!this.#ts.isIdentifier(at)) return;
    const declaration = this.#checker.getSymbolAtLocation(at)?.valueDeclaration;
    if (!declaration || !this.#ts.isVariableDeclaration(declaration)) return;
    const statement = declaration.parent.parent;
    if (!this.#ts.isVariableStatement(statement) || !this.#ts.isSourceFile(statement.parent))
      return;
    if (!this.#ts.isPropertyAccessExpression(node) || !PATTERN.has(node.name.text)) {
      this.#report(node, "changes what the module keeps between runs");
      return;
    }
    // A pattern remembers where it stopped, if it was told to go on from there.
    const { initializer } = declaration;
    if (!initializer || !this.#ts.isRegularExpressionLiteral(initializer)) return;
    if (!/\/[a-z]*[gy][a-z]*$/.test(initializer.text)) return;
    this.#report(node, "changes what the module keeps between runs");
  }
}
