import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AnyDefinition } from "@harnessx/core";

/**
 * A package of the same name and metadata whose code is the host's own: where a tool imports a
 * package, it gets the definition that lies behind the wall. The candidate's built files lie beside
 * it to be read, and nothing imports them.
 */
export interface StandIn {
  readonly dir: string;
  close(): void;
}

const KEY = Symbol.for("harnessx.verify.stand-ins");
const table = new Map<string, AnyDefinition>();
let made = 0;

const SOURCE = (name: string): string =>
  `export default globalThis[Symbol.for("harnessx.verify.stand-ins")].get(${JSON.stringify(name)});\n`;

/** Makes a stand-in below `root` for a package's files and what was built of them. */
export async function standIn(
  root: string,
  files: Readonly<Record<string, string>>,
  dist: Readonly<Record<string, string>>,
  definition: AnyDefinition,
): Promise<StandIn> {
  (globalThis as { [KEY]?: typeof table })[KEY] = table;
  made += 1;
  const name = `stand-in ${made}`;
  const dir = join(root, "stand-in");
  await mkdir(join(dir, "dist/read"), { recursive: true });
  const texts: Record<string, string> = { "dist/index.js": SOURCE(name) };
  for (const path of ["package.json", "options.schema.json"])
    if (files[path] !== undefined) texts[path] = files[path];
  for (const [path, text] of Object.entries(dist))
    texts[path.replace(/^dist\//, "dist/read/")] = text;
  await Promise.all(Object.entries(texts).map(([path, text]) => writeFile(join(dir, path), text)));
  table.set(name, definition);
  return { dir, close: () => void table.delete(name) };
}
