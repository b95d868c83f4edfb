import type ts from "typescript";
import { contractNames } from "./build.ts";
import { loadCompiler, packageProgram, type Compiler } from "./compiler.ts";

/** Values of the language that a package may use: pure, and the same in every run. */
const GLOBALS = new Set(
  `Array ArrayBuffer BigInt Boolean DataView Error Float64Array Infinity Int32Array JSON Map Math NaN Number Object
  Promise RangeError RegExp Set String Symbol TypeError Uint8Array Uint32Array WeakMap WeakSet undefined isFinite
  isNaN parseFloat parseInt encodeURIComponent decodeURIComponent`.split(/\s+/),
);

/** Members through which code reaches what its text does not name, or that differ from run to run. */
const MEMBERS = new Set([
  "__proto__",
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "constructor",
  "prototype",
  "caller",
  "callee",
  "setPrototypeOf",
  "defineProperty",
  "defineProperties",
  "getOwnPropertyDescriptor",
  "getOwnPropertyDescriptors",
]);

const IMPORTS: Readonly<Record<"src" | "test", readonly RegExp[]>> = {
  src: [/^@harnessx\/core\/plugin$/, /^\.\/[a-z0-9-]+\.ts$/],
  test: [
    /^@harnessx\/core\/plugin$/,
    /^\.\.\/src\/[a-z0-9-]+\.ts$/,
    /^node:test$/,
    /^node:assert\/strict$/,
  ],
};

/** Checks what the code names: imports, globals, members, encodings and suppressions. */
export async function sourcePolicy(files: Readonly<Record<string, string>>): Promise<string[]> {
  const compiler = await loadCompiler();
  const { program, fileOf } = (await packageProgram()).open(files);
  const checker = program.getTypeChecker();
  const findings: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith(".ts")) continue;
    const source = fileOf(path);
    const report = (node: ts.Node, problem: string): void => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      findings.push(`${path}:${line + 1} ${problem}`);
    };
    findings.push(...textFindings(path, text));
    const kind = path.startsWith("test/") ? "test" : "src";
    const visit = (node: ts.Node): void => {
      checkNode(compiler, checker, node, kind, report);
      compiler.forEachChild(node, visit);
    };
    visit(source);
  }
  return findings.slice(0, 50);
}

/** What is wrong with a text before it is parsed. */
function textFindings(path: string, text: string): string[] {
  const findings: string[] = [];
  if (/@ts-(?:ignore|nocheck|expect-error)|oxlint-disable|eslint-disable/.test(text))
    findings.push(`${path} suppresses checks`);
  // Bidirectional marks and other invisible characters make code read differently from what it does.
  if (/(?![\n\t])\p{C}/u.test(text)) findings.push(`${path} has invisible characters`);
  if (/\/\/\/\s*<reference/.test(text)) findings.push(`${path} refers to other declarations`);
  return findings;
}

function checkNode(
  compiler: Compiler,
  checker: ts.TypeChecker,
  node: ts.Node,
  kind: "src" | "test",
  report: (node: ts.Node, problem: string) => void,
): void {
  if (compiler.isImportDeclaration(node) || compiler.isExportDeclaration(node)) {
    const name = node.moduleSpecifier;
    if (
      name &&
      compiler.isStringLiteral(name) &&
      !IMPORTS[kind].some((pattern) => pattern.test(name.text))
    ) {
      report(node, `imports ${name.text}`);
    } else if (compiler.isImportDeclaration(node)) checkImportedNames(compiler, node, report);
  } else if (compiler.isImportEqualsDeclaration(node) || compiler.isImportTypeNode(node))
    report(node, "imports by other means than an import declaration");
  else if (
    compiler.isCallExpression(node) &&
    node.expression.kind === compiler.SyntaxKind.ImportKeyword
  )
    report(node, "imports dynamically");
  else if (compiler.isMetaProperty(node)) report(node, "uses import.meta");
  else if (node.kind === compiler.SyntaxKind.AnyKeyword) report(node, "uses the type any");
  else if (
    node.kind === compiler.SyntaxKind.WithStatement ||
    node.kind === compiler.SyntaxKind.DebuggerStatement
  )
    report(node, "uses a forbidden statement");
  else if (compiler.isModuleDeclaration(node)) report(node, "declares a module");
  else if (compiler.isPropertyAccessExpression(node))
    checkMember(compiler, node, node.name.text, report);
  else if (compiler.isElementAccessExpression(node)) checkElement(compiler, node, report);
  else if (compiler.isStringLiteralLike(node)) checkLiteral(node, report);
  else if (compiler.isIdentifier(node)) checkIdentifier(compiler, checker, node, report);
}

/** Of the contract only what a built package carries; types are free. */
function checkImportedNames(
  compiler: Compiler,
  node: ts.ImportDeclaration,
  report: (node: ts.Node, problem: string) => void,
): void {
  const { importClause: clause, moduleSpecifier } = node;
  if (
    !compiler.isStringLiteral(moduleSpecifier) ||
    moduleSpecifier.text !== "@harnessx/core/plugin" ||
    !clause ||
    clause.isTypeOnly
  )
    return;
  const bindings = clause.namedBindings;
  if (clause.name || !bindings || !compiler.isNamedImports(bindings)) {
    report(node, "imports the contract otherwise than by names");
    return;
  }
  for (const { name, propertyName, isTypeOnly } of bindings.elements) {
    const original = (propertyName ?? name).text;
    if (!isTypeOnly && !contractNames.has(original))
      report(node, `imports ${original}, which built packages do not carry`);
  }
}

function checkMember(
  compiler: Compiler,
  node: ts.PropertyAccessExpression,
  name: string,
  report: (node: ts.Node, problem: string) => void,
): void {
  if (MEMBERS.has(name)) report(node, `uses the member ${name}`);
  if (
    compiler.isIdentifier(node.expression) &&
    node.expression.text === "Math" &&
    name === "random"
  ) {
    report(node, "uses Math.random: run.random() repeats in a replay");
  }
}

function checkElement(
  compiler: Compiler,
  node: ts.ElementAccessExpression,
  report: (node: ts.Node, problem: string) => void,
): void {
  const key = node.argumentExpression;
  if (compiler.isStringLiteralLike(key) && MEMBERS.has(key.text))
    report(node, `uses the member ${key.text}`);
  else if (
    compiler.isTemplateExpression(key) ||
    (compiler.isBinaryExpression(key) &&
      key.operatorToken.kind === compiler.SyntaxKind.PlusToken &&
      !isNumeric(compiler, key))
  ) {
    report(node, "builds the name of a member");
  }
}

const isNumeric = (compiler: Compiler, node: ts.BinaryExpression): boolean =>
  compiler.isNumericLiteral(node.left) || compiler.isNumericLiteral(node.right);

function checkLiteral(
  node: ts.StringLiteralLike,
  report: (node: ts.Node, problem: string) => void,
): void {
  // A long run without a space is no sentence: encoded text, which nobody can review.
  if (/[A-Za-z0-9+/=_-]{80,}/.test(node.text)) report(node, "has a long encoded text");
}

/** Refuses globals that are not on the list; the names of properties, types and own declarations are free. */
function checkIdentifier(
  compiler: Compiler,
  checker: ts.TypeChecker,
  node: ts.Identifier,
  report: (node: ts.Node, problem: string) => void,
): void {
  const { parent } = node;
  if (compiler.isPropertyAccessExpression(parent) && parent.name === node) return;
  if (
    (compiler.isPropertyAssignment(parent) ||
      compiler.isPropertySignature(parent) ||
      compiler.isMethodDeclaration(parent)) &&
    parent.name === node
  )
    return;
  if (compiler.isPartOfTypeNode(node) || isTypePosition(compiler, node)) return;
  const symbol = checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  // Declared in the package, in the contract or in the test types: not a global of the language.
  const own = declarations.some(
    (declaration) => !/[\\/]lib\.[^\\/]*\.d\.ts$/.test(declaration.getSourceFile().fileName),
  );
  if (own || GLOBALS.has(node.text)) return;
  if (symbol && declarations.length > 0 && !(symbol.flags & compiler.SymbolFlags.Value)) return;
  if (symbol && (symbol.flags & compiler.SymbolFlags.Property) !== 0) return;
  report(node, `uses the global ${node.text}`);
}

function isTypePosition(compiler: Compiler, node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (compiler.isTypeNode(at) && !compiler.isExpressionWithTypeArguments(at)) return true;
    if (compiler.isStatement(at) || compiler.isExpression(at)) return false;
  }
  return false;
}
