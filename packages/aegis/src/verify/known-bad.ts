import { sha256Hex } from "@harnessx/core";
import type ts from "typescript";
import { packageDigest } from "../evolve/index.ts";
import { loadCompiler } from "./compiler.ts";

/**
 * SHA-256 over what a package's code says: file names, comments, layout, versions and the README are
 * left out, so that a refused package does not come back by a blank.
 */
export async function contentDigest(files: Readonly<Record<string, string>>): Promise<string> {
  const compiler = await loadCompiler();
  const texts = Object.entries(files)
    .filter(([path]) => path.startsWith("src/") && path.endsWith(".ts"))
    .map(([path, text]) => {
      const source = compiler.createSourceFile(path, text, compiler.ScriptTarget.ES2023, true);
      const tokens: string[] = [];
      const visit = (node: ts.Node): void => {
        const children = node.getChildren(source);
        if (children.length === 0) tokens.push(node.getText(source));
        else children.forEach(visit);
      };
      visit(source);
      return sha256Hex(tokens.join(" "));
    });
  const data = plainJson(files["options.schema.json"] ?? "");
  return sha256Hex([...texts.toSorted(), data].join("\n"));
}

function plainJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Whether a package was refuted or found hostile before, as it is or in other clothes. */
export async function knownBad(
  files: Readonly<Record<string, string>>,
  refuted: readonly string[],
): Promise<string[]> {
  const digests: readonly (readonly [string, string])[] = [
    ["its files", packageDigest(files)],
    ["its code", await contentDigest(files)],
  ];
  return digests
    .filter(([, digest]) => refuted.includes(digest))
    .map(([what, digest]) => `${what} were refused before (${digest.slice(0, 12)})`);
}
