import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { inspectPlugin } from "@harnessx/core";
import { loadCompiler } from "../verify/compiler.ts";
import { GUEST_CONTRACT } from "./contract.ts";

/** What a sandbox can import: nothing else is there. */
export interface PackageModules {
  readonly entry: string;
  readonly files: ReadonlyMap<string, string>;
}

const MAX_FILES = 64;
const MAX_CHARS = 2 ** 20;

/** Reads the files beside a package's entry; sources that are not built are translated. */
export async function readModules(dir: string): Promise<PackageModules> {
  const { entryFile, dir: root } = await inspectPlugin(dir);
  const nameOf = (file: string): string => relative(root, file).split(sep).join("/");
  const folder = dirname(entryFile);
  const extension = entryFile.endsWith(".ts") ? ".ts" : ".js";
  const listed = await readdir(folder, { recursive: true });
  const names = listed.filter((name) => name.endsWith(extension) && !name.endsWith(".d.ts")).sort();
  if (names.length > MAX_FILES) throw new Error(`it has more than ${MAX_FILES} files`);
  const files = new Map([["@harnessx/core/plugin", GUEST_CONTRACT]]);
  let chars = 0;
  for (const name of names) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8");
    chars += text.length;
    if (chars > MAX_CHARS) throw new Error(`it has more than ${MAX_CHARS} characters of code`);
    files.set(nameOf(file), extension === ".ts" ? await translate(text) : text);
  }
  return { entry: nameOf(entryFile), files };
}

async function translate(text: string): Promise<string> {
  const compiler = await loadCompiler();
  const { ScriptTarget, ModuleKind } = compiler;
  return compiler.transpileModule(text, {
    compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext },
  }).outputText;
}
