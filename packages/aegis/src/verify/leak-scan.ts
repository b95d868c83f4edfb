import type ts from "typescript";
import { episodes } from "@harnessx/core/testing";
import { loadCompiler, packageProgram, type Compiler } from "./compiler.ts";
import { decodings } from "./decode.ts";
import { Folder } from "./fold.ts";
import { createLeakIndex, normalise, type HeldOut, type Secret, wordsOf } from "./leak-index.ts";

/** A piece of a package in which something may be hidden. */
interface Fragment {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** How it was put together. */
  readonly by: string;
  /** The pieces of it are looked at by themselves, too. */
  readonly whole?: true;
}

const NAMES: Readonly<Record<Secret, string>> = {
  text: "a held-out text",
  answer: "a held-out answer",
  id: "a held-out id",
  canary: "a canary",
};
const MAX_FINDINGS = 20;
const LONG_NAME = 8;

/** What a leak scan looked at. */
export interface LeakScan {
  /** Where which kind of secret lies; never the secret. */
  readonly findings: readonly string[];
  readonly fragments: number;
}

/**
 * Scans the code, prompts and data of a package for held-out content, in plain or encoded form, and
 * for what only the conformance kit says.
 */
export async function scanPackage(
  heldOut: HeldOut | undefined,
  files: Readonly<Record<string, string>>,
): Promise<LeakScan> {
  const compiler = await loadCompiler();
  const { program, fileOf } = (await packageProgram()).open(files);
  const folder = new Folder(compiler, program.getTypeChecker());
  const fragments: Fragment[] = [];
  for (const [path, text] of Object.entries(files)) {
    fragments.push(
      ...(path.endsWith(".ts")
        ? codeFragments(compiler, folder, path, fileOf(path))
        : textFragments(path, text)),
    );
  }
  kit ??= createLeakIndex({ texts: [], canaries: kitTexts() });
  return {
    findings: [
      ...(heldOut ? findIn(heldOut, fragments) : []),
      ...findIn(kit, fragments).map((finding) => finding.replace(NAMES.canary, KIT)),
    ],
    fragments: fragments.length,
  };
}

const KIT = "a text of the conformance kit";
let kit: HeldOut | undefined;

/** What nobody says but the tests that a package must pass: who knows it behaves while being watched. */
const kitTexts = (): string[] =>
  // The first sentences of "tools" are what worlds of text say, too.
  episodes
    .filter(({ name, task }) => name !== "tools" && /\S\s+\S/.test(task.text))
    .map(({ task }) => task.text);

/** The same for texts of any other kind: a change manifest, options, prompts. By name. */
export const leakFindings = (
  heldOut: HeldOut,
  texts: Readonly<Record<string, string>>,
): readonly string[] =>
  findIn(
    heldOut,
    Object.entries(texts).flatMap(([path, text]) => textFragments(path, text)),
  );

function findIn(heldOut: HeldOut, fragments: readonly Fragment[]): string[] {
  const findings = new Set<string>();
  const told = new Set<string>();
  for (const { path, line, text, by, whole } of fragments) {
    for (const decoded of decodings(text)) {
      const kind = findOne(heldOut, decoded.text);
      if (!kind) continue;
      if (whole && told.has(`${kind} ${path}`)) break;
      told.add(`${kind} ${path}`);
      const how = [by, decoded.by].filter((part) => part !== "").join(" and ");
      findings.add(`${path}:${line} holds ${NAMES[kind]}${how === "" ? "" : `, hidden by ${how}`}`);
      break;
    }
    if (findings.size >= MAX_FINDINGS) break;
  }
  return [...findings];
}

const findOne = (heldOut: HeldOut, text: string): Secret | undefined =>
  heldOut.findGram(normalise(text)) ?? heldOut.findWords(wordsOf(text));

/** Lines, words that could be encodings, and for JSON every key and text. */
function textFragments(path: string, text: string): Fragment[] {
  const lines: Fragment[] = [];
  const fragments: Fragment[] = text.includes("\n")
    ? [{ path, line: 1, text, by: "", whole: true }]
    : [];
  const seen = new Set<string>();
  for (const [at, one] of text.split("\n").entries()) {
    if (one.trim() === "") continue;
    lines.push({ path, line: at + 1, text: one, by: "" });
    for (const word of one.match(/[\w+/=%-]{8,}/g) ?? []) {
      if (seen.has(word)) continue;
      seen.add(word);
      fragments.push({ path, line: at + 1, text: word, by: "" });
    }
  }
  if (path.endsWith(".json")) {
    const add = (value: unknown): void => {
      if (typeof value === "string") fragments.push({ path, line: 1, text: value, by: "" });
      else if (Array.isArray(value)) {
        if (value.every((one) => typeof one === "string"))
          fragments.push({ path, line: 1, text: value.join(""), by: "joining" });
        value.forEach(add);
      } else if (typeof value === "object" && value !== null) Object.values(value).forEach(add);
    };
    try {
      add(JSON.parse(text));
    } catch {
      // What is no JSON was read as lines.
    }
  }
  // Lines first: a finding then names one.
  return [...lines, ...fragments];
}

function codeFragments(
  compiler: Compiler,
  folder: Folder,
  path: string,
  source: ts.SourceFile,
): Fragment[] {
  const fragments: Fragment[] = [];
  const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line + 1;
  const add = (node: ts.Node, text: string, by = ""): void =>
    void fragments.push({ path, line: lineOf(node.getStart(source)), text, by });
  const literals: string[] = [];
  const visit = (node: ts.Node): void => {
    if (compiler.isStringLiteralLike(node) || compiler.isTemplateLiteralToken(node)) {
      add(node, node.text);
      literals.push(node.text);
    } else if (compiler.isRegularExpressionLiteral(node))
      add(node, node.text.replace(/\\[a-z]|\[.*?\][*+?]?/gi, " "));
    else if (compiler.isIdentifier(node) && node.text.length >= LONG_NAME)
      add(node, node.text.replace(/([a-z])([A-Z])/g, "$1 $2"));
    if (
      compiler.isBinaryExpression(node) ||
      compiler.isCallExpression(node) ||
      compiler.isTemplateExpression(node)
    ) {
      const folded = folder.text(node);
      if (folded !== undefined) add(node, folded, "computation");
    } else if (compiler.isArrayLiteralExpression(node)) {
      const items = folder.fold(node);
      if (Array.isArray(items) && items.length > 1) {
        const codes = items.every(
          (item) => Number.isInteger(item) && item >= 32 && item < 0x110000,
        );
        if (codes)
          add(
            node,
            String.fromCodePoint(...(items as number[]).slice(0, 10_000)),
            "character codes",
          );
        else if (items.every((item) => typeof item === "string"))
          add(node, (items as string[]).join(""), "joining");
      }
    }
    compiler.forEachChild(node, visit);
  };
  visit(source);
  for (const { pos, text } of commentsOf(compiler, source))
    fragments.push({ path, line: lineOf(pos), text, by: "" });
  // Pieces that lie apart and meet at run time.
  if (literals.length > 1)
    fragments.push({ path, line: 1, text: literals.join(""), by: "joining", whole: true });
  return fragments;
}

function commentsOf(
  compiler: Compiler,
  source: ts.SourceFile,
): { readonly pos: number; readonly text: string }[] {
  const found = new Map<number, string>();
  const take = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) found.set(pos, source.text.slice(pos, end));
  };
  const visit = (node: ts.Node): void => {
    take(compiler.getLeadingCommentRanges(source.text, node.getFullStart()));
    take(compiler.getTrailingCommentRanges(source.text, node.getEnd()));
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...found].map(([pos, text]) => ({ pos, text }));
}
