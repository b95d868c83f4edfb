import type ts from "typescript";
import { loadCompiler, type Compiler } from "./compiler.ts";

/**
 * What of `@harnessx/core/plugin` exists at run time and a generated package may use: a built package
 * carries it, and so loads from any folder with nothing installed beside it. A test keeps it equal to
 * the original, the source policy refuses imports of anything else.
 */
export const CONTRACT = `/* The run-time part of @harnessx/core/plugin. */
export const defineProcessor = (setup) => ({ harnessx: "processor", setup });
export const defineTools = (create) => ({ harnessx: "tools", create });
export const defineModel = (create) => ({ harnessx: "model", create });
export const defineSuite = (create) => ({ harnessx: "suite", create });
export const defineBundle = (expand) => ({ harnessx: "bundle", expand });
export const stage = { guard: -100, shape: 0, record: 100 };
export const slot = (name) => ({ name });
export const workspaceSlot = slot("workspace");
export const sandboxSlot = slot("sandbox");
export const memorySlot = slot("memory");
export const tool = (definition) => definition;
export const replace = (event) => ({ verdict: "replace", event });
export const split = (events) => ({ verdict: "split", events });
export const intercept = (outcome) => ({ verdict: "intercept", outcome });
export const abort = (reason, exit = "aborted") => ({ verdict: "abort", reason, exit });
export const retry = (feedback) => (feedback === undefined ? { verdict: "retry" } : { verdict: "retry", feedback });
export const askApproval = (reason) => ({ verdict: "approval", reason });
export function textOf(content) {
  if (typeof content === "string") return content;
  const parts = "role" in content ? content.content : content;
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.type === "text") return only.text;
  return parts.filter((part) => part.type === "text").map((part) => part.text).join("\\n");
}
`;

/** Names of the values that a built package carries. */
export const contractNames: ReadonlySet<string> = new Set(
  [...CONTRACT.matchAll(/^export (?:const|function) (\w+)/gm)].map((match) => match[1]!),
);

/** The files that the gate makes from a package's source. */
export interface Built {
  /** `dist/…`, part of the installed package. */
  readonly dist: Readonly<Record<string, string>>;
  /** `test/…`, run once and thrown away. */
  readonly test: Readonly<Record<string, string>>;
}

/** Translates a package to JavaScript. */
export async function build(files: Readonly<Record<string, string>>): Promise<Built> {
  const compiler = await loadCompiler();
  const dist: Record<string, string> = { "dist/contract.js": CONTRACT };
  const test: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith(".ts")) continue;
    const name = path.slice(path.indexOf("/") + 1).replace(/\.ts$/, ".js");
    if (path.startsWith("src/")) dist[`dist/${name}`] = translate(compiler, text, "./contract.js");
    else test[`test/${name}`] = translate(compiler, text, "../dist/contract.js");
  }
  return { dist, test };
}

function translate(compiler: Compiler, text: string, contract: string): string {
  const { outputText } = compiler.transpileModule(text, {
    compilerOptions: {
      target: compiler.ScriptTarget.ES2022,
      module: compiler.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      newLine: compiler.NewLineKind.LineFeed,
    },
    transformers: {
      before: [(context) => (source) => rewriteImports(compiler, context, source, contract)],
    },
  });
  return outputText;
}

function rewriteImports(
  compiler: Compiler,
  { factory }: ts.TransformationContext,
  source: ts.SourceFile,
  contract: string,
): ts.SourceFile {
  const specifier = (node: ts.Expression): ts.Expression => {
    if (!compiler.isStringLiteral(node)) return node;
    if (node.text === "@harnessx/core/plugin") return factory.createStringLiteral(contract);
    if (!node.text.startsWith(".")) return node;
    return factory.createStringLiteral(
      node.text.replace(/^\.\.\/src\//, "../dist/").replace(/\.ts$/, ".js"),
    );
  };
  const statements = source.statements.map((node) => {
    if (compiler.isImportDeclaration(node)) {
      return factory.updateImportDeclaration(
        node,
        node.modifiers,
        node.importClause,
        specifier(node.moduleSpecifier),
        node.attributes,
      );
    }
    if (compiler.isExportDeclaration(node) && node.moduleSpecifier) {
      return factory.updateExportDeclaration(
        node,
        node.modifiers,
        node.isTypeOnly,
        node.exportClause,
        specifier(node.moduleSpecifier),
        node.attributes,
      );
    }
    return node;
  });
  return factory.updateSourceFile(source, statements);
}
