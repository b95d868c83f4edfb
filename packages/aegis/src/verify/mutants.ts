import { seededRandom, sha256Hex } from "@harnessx/core";
import type ts from "typescript";
import { build } from "./build.ts";
import { loadCompiler, type Compiler } from "./compiler.ts";
import type { Files } from "./files.ts";
import { judged, late, uncovered, type Outcome } from "./outcome.ts";
import type { TestBench, Variant } from "./test-bench.ts";

const SAMPLE = 12;
const LEAST_KILLED = 0.5;
/** No new mutant is begun after this; half a judgement is none. */
const BUDGET_MS = 30_000;

/** A small change of the code that a test should notice. */
interface Mutation {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The changes of a sample of places, the same for the same package and seed. */
export async function mutantsOf(files: Files, seed: number): Promise<Variant[]> {
  const compiler = await loadCompiler();
  const all = Object.entries(files)
    .filter(([path]) => path.startsWith("src/"))
    .flatMap(([path, text]) => mutationsIn(compiler, path, text));
  const random = seededRandom(`mutants ${seed} ${sha256Hex(JSON.stringify(files))}`);
  const chosen = all
    .map((mutation) => ({ mutation, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, SAMPLE);
  return Promise.all(
    chosen.map(async ({ mutation: { path, start, end, text } }, index) => {
      const source = files[path]!;
      const mutated = source.slice(0, start) + text + source.slice(end);
      const { dist } = await build({ [path]: mutated });
      const name = path.replace(/^src\//, "dist/").replace(/\.ts$/, ".js");
      return { id: `mutant-${index}`, path: name, code: dist[name]! };
    }),
  );
}

/** Runs the tests against each mutant: tests that notice fewer than half of them check nothing. */
export async function judgeMutants(
  bench: TestBench,
  variants: readonly Variant[],
): Promise<Outcome> {
  const began = performance.now();
  let ran = 0;
  let killed = 0;
  for (const { id } of variants) {
    if (performance.now() - began > BUDGET_MS) break;
    const { passed, failed, ended } = await bench.run(id);
    if (ended === "time") continue;
    ran += 1;
    if (failed.length > 0 || passed === 0 || ended) killed += 1;
  }
  const counts = { mutants: variants.length, ran, killed };
  if (variants.length === 0) return uncovered("there is no code to change", counts);
  if (ran < variants.length)
    return late(`only ${ran} of ${variants.length} mutants were run in time`);
  return killed / ran < LEAST_KILLED
    ? judged([`vacuous tests: they notice ${killed} of ${ran} changes of the code`], counts)
    : judged([], counts);
}

const SWAPS: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": ">=",
  ">": "<=",
  "<=": ">",
  ">=": "<",
  "&&": "||",
  "||": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
  "??": "&&",
};

function mutationsIn(compiler: Compiler, path: string, text: string): Mutation[] {
  const source = compiler.createSourceFile(path, text, compiler.ScriptTarget.ES2023, true);
  const found: Mutation[] = [];
  const add = (node: ts.Node, replacement: string): void =>
    void found.push({ path, start: node.getStart(source), end: node.getEnd(), text: replacement });
  const visit = (node: ts.Node): void => {
    if (compiler.isTypeNode(node) || compiler.isImportDeclaration(node)) return;
    if (compiler.isInterfaceDeclaration(node) || compiler.isTypeAliasDeclaration(node)) return;
    if (compiler.isBinaryExpression(node)) {
      const swap = SWAPS[node.operatorToken.getText(source)];
      if (swap !== undefined) add(node.operatorToken, swap);
    } else if (compiler.isIfStatement(node) || compiler.isConditionalExpression(node)) {
      const condition = compiler.isIfStatement(node) ? node.expression : node.condition;
      add(condition, `!(${condition.getText(source)})`);
    } else if (compiler.isReturnStatement(node) && node.expression)
      add(node.expression, "undefined");
    else if (compiler.isArrowFunction(node) && !compiler.isBlock(node.body))
      add(node.body, "undefined");
    else if (compiler.isNumericLiteral(node)) add(node, `(${node.text} + 1)`);
    else if (compiler.isExpressionStatement(node)) add(node, ";");
    else if (node.kind === compiler.SyntaxKind.TrueKeyword) add(node, "false");
    else if (node.kind === compiler.SyntaxKind.FalseKeyword) add(node, "true");
    compiler.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
