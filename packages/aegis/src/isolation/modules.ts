import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { inspectPlugin } from "@harnessx/core";
import { loadCompiler } from "../verify/compiler.ts";
import { GUEST_CONTRACT } from "./contract.ts";
import type { SandboxCode } from "./sandbox.ts";

const MAX_FILES = 64;
const MAX_CHARS = 2 ** 20;

/** Reads the files beside a package's entry; sources that are not built are translated. */
export async function readCode(
  dir: string,
): Promise<SandboxCode & { readonly dir: string; readonly entryFile: string }> {
  const { entryFile, dir: root, metadata } = await inspectPlugin(dir);
  const { kind } = metadata;
  if (kind !== "processor" && kind !== "tools") throw new Error(`a ${kind} cannot be isolated`);
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
  return { entry: nameOf(entryFile), files, kind, dir: root, entryFile };
}

async function translate(text: string): Promise<string> {
  const compiler = await loadCompiler();
  const { ScriptTarget, ModuleKind } = compiler;
  return compiler.transpileModule(text, {
    compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext },
  }).outputText;
}
