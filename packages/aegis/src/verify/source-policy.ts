import type ts from "typescript";
import { contractNames } from "./build.ts";
import { loadCompiler, packageProgram, type Compiler } from "./compiler.ts";
import { Folder } from "./fold.ts";
import { checkLiteral, checkTable, type Report } from "./literal-limits.ts";
import { SubjectRules } from "./subject-rules.ts";
import { textFindings } from "./text-policy.ts";

/** What the rules look at. */
interface Judged {
  readonly compiler: Compiler;
  readonly checker: ts.TypeChecker;
  readonly folder: Folder;
  readonly kind: "src" | "test" | "dist";
  readonly report: Report;
}

/** Values of the language that a package may use: pure, and the same in every run. */
const GLOBALS: ReadonlySet<string> = new Set(
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
  "getPrototypeOf",
  "captureStackTrace",
  "prepareStackTrace",
]);

const IMPORTS: Readonly<Record<Judged["kind"], readonly RegExp[]>> = {
  dist: [/^\.\/[a-z0-9-]+\.js$/],
  src: [/^@harnessx\/core\/plugin$/, /^\.\/[a-z0-9-]+\.ts$/],
  test: [
    /^@harnessx\/core\/plugin$/,
    /^\.\.\/src\/[a-z0-9-]+\.ts$/,
    /^node:test$/,
    /^node:assert\/strict$/,
  ],
};

const MAX_FINDINGS = 50;

/** Checks what the code names: imports, globals, members, encodings, tables and suppressions. */
export async function sourcePolicy(files: Readonly<Record<string, string>>): Promise<string[]> {
  const compiler = await loadCompiler();
  const { program, fileOf } = (await packageProgram()).open(files);
  const checker = program.getTypeChecker();
  const folder = new Folder(compiler, checker);
  const findings: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    findings.push(...textFindings(path, text));
    if (!path.endsWith(".ts")) continue;
    const source = fileOf(path);
    const report = reportInto(findings, path, source);
    const kind = path.startsWith("test/") ? "test" : "src";
    judge({ compiler, checker, folder, kind, report }, source);
  }
  return findings.slice(0, MAX_FINDINGS);
}

/**
 * The same for what the gate built, file by file: whatever the translation did, the output names
 * nothing that the source may not name.
 */
export async function outputPolicy(dist: Readonly<Record<string, string>>): Promise<string[]> {
  const compiler = await loadCompiler();
  const findings: string[] = [];
  const sources = new Map(
    Object.entries(dist).map(([path, text]) => [
      `/${path}`,
      compiler.createSourceFile(`/${path}`, text, compiler.ScriptTarget.ES2022, true),
    ]),
  );
  // Without libraries: a name that the file does not declare itself is a global.
  const program = compiler.createProgram({
    rootNames: [...sources.keys()],
    options: { noLib: true, noResolve: true, allowJs: true, types: [] },
    host: {
      getSourceFile: (path) => sources.get(path),
      getDefaultLibFileName: () => "/lib.d.ts",
      writeFile: () => undefined,
      getCurrentDirectory: () => "/",
      getCanonicalFileName: (path) => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (path) => sources.has(path),
      readFile: () => undefined,
    },
  });
  const checker = program.getTypeChecker();
  const folder = new Folder(compiler, checker);
  for (const [path, source] of sources) {
    const report = reportInto(findings, path.slice(1), source);
    judge({ compiler, checker, folder, kind: "dist", report }, source);
    if (program.getSyntacticDiagnostics(source).length > 0)
      findings.push(`${path} is no JavaScript`);
  }
  return findings.slice(0, MAX_FINDINGS);
}

const reportInto =
  (findings: string[], path: string, source: ts.SourceFile): Report =>
  (node, problem) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    findings.push(`${path}:${line + 1} ${problem}`);
  };

function judge(judged: Judged, source: ts.SourceFile): void {
  const { compiler, checker, folder, kind, report } = judged;
  // What tests do to a stand-in of a run is their own matter, and built code has lost its types.
  const subject = kind === "src" ? new SubjectRules(compiler, checker, folder, report) : undefined;
  const visit = (node: ts.Node): void => {
    checkNode(judged, node);
    subject?.check(node);
    compiler.forEachChild(node, visit);
  };
  visit(source);
}

function checkNode(judged: Judged, node: ts.Node): void {
  const { compiler, kind, report } = judged;
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
  else if (compiler.isElementAccessExpression(node)) checkElement(judged, node);
  else if (compiler.isStringLiteralLike(node)) checkLiteral(node, report);
  else if (
    compiler.isArrayLiteralExpression(node) ||
    compiler.isObjectLiteralExpression(node) ||
    compiler.isCaseBlock(node)
  )
    checkTable(compiler, node, report);
  else if (compiler.isPropertyName(node)) checkPropertyName(judged, node);
  if (compiler.isIdentifier(node)) checkIdentifier(judged, node);
  else if (isAssignment(compiler, node)) checkTarget(judged, node);
}

const isAssignment = (compiler: Compiler, node: ts.Node): node is ts.BinaryExpression =>
  compiler.isBinaryExpression(node) &&
  node.operatorToken.kind >= compiler.SyntaxKind.FirstAssignment &&
  node.operatorToken.kind <= compiler.SyntaxKind.LastAssignment;

/** The language itself stays as it is, for the package's own sake as much as for anybody's. */
function checkTarget({ compiler, checker, report }: Judged, node: ts.BinaryExpression): void {
  let at: ts.Node = node.left;
  if (compiler.isIdentifier(at)) return;
  while (compiler.isPropertyAccessExpression(at) || compiler.isElementAccessExpression(at))
    at = at.expression;
  if (!compiler.isIdentifier(at) || !GLOBALS.has(at.text)) return;
  if (isOwn(checker.getSymbolAtLocation(at))) return;
  report(node, `changes the global ${at.text}`);
}

/** `{ constructor: found } = value` reads what `value.constructor` reads. */
function checkPropertyName({ compiler, folder, report }: Judged, node: ts.PropertyName): void {
  const { parent } = node;
  const read =
    compiler.isBindingElement(parent) ||
    compiler.isPropertyAssignment(parent) ||
    compiler.isShorthandPropertyAssignment(parent);
  if (!read) return;
  const name = compiler.isComputedPropertyName(node) ? folder.text(node.expression) : node.text;
  if (name !== undefined && MEMBERS.has(name)) report(node, `uses the member ${name}`);
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
  { compiler, folder, report }: Judged,
  node: ts.ElementAccessExpression,
): void {
  const key = node.argumentExpression;
  const name = folder.text(key);
  if (name !== undefined && MEMBERS.has(name)) report(node, `uses the member ${name}`);
  else if (
    compiler.isTemplateExpression(key) ||
    compiler.isCallExpression(key) ||
    (compiler.isBinaryExpression(key) &&
      key.operatorToken.kind === compiler.SyntaxKind.PlusToken &&
      !isNumeric(compiler, key))
  ) {
    report(node, "builds the name of a member");
  }
}

const isNumeric = (compiler: Compiler, node: ts.BinaryExpression): boolean =>
  compiler.isNumericLiteral(node.left) || compiler.isNumericLiteral(node.right);

/** Refuses globals that are not on the list; the names of properties, types and own declarations are free. */
function checkIdentifier({ compiler, checker, report }: Judged, node: ts.Identifier): void {
  const { parent } = node;
  // Letters of other alphabets look like these and are not.
  if (!/^[\w$]+$/.test(node.text)) report(node, "has a name that is not plain");
  if (compiler.isPropertyAccessExpression(parent) && parent.name === node) return;
  if (
    (compiler.isPropertyAssignment(parent) ||
      compiler.isPropertySignature(parent) ||
      compiler.isMethodDeclaration(parent)) &&
    parent.name === node
  )
    return;
  if (compiler.isBindingElement(parent) && parent.propertyName === node) return;
  if (compiler.isPartOfTypeNode(node) || isTypePosition(compiler, node)) return;
  const symbol = checker.getSymbolAtLocation(node);
  // Declared in the package, in the contract or in the test types: not a global of the language.
  if (isOwn(symbol) || GLOBALS.has(node.text)) return;
  const declared = (symbol?.declarations ?? []).length > 0;
  if (symbol && declared && !(symbol.flags & compiler.SymbolFlags.Value)) return;
  if (symbol && (symbol.flags & compiler.SymbolFlags.Property) !== 0) return;
  report(node, `uses the global ${node.text}`);
}

const isOwn = (symbol: ts.Symbol | undefined): boolean =>
  (symbol?.declarations ?? []).some(
    (declaration) => !/[\\/]lib\.[^\\/]*\.d\.ts$/.test(declaration.getSourceFile().fileName),
  );

function isTypePosition(compiler: Compiler, node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (compiler.isTypeNode(at) && !compiler.isExpressionWithTypeArguments(at)) return true;
    if (compiler.isStatement(at) || compiler.isExpression(at)) return false;
  }
  return false;
}
