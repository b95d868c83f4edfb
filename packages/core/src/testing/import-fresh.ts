import { pathToFileURL } from "node:url";

let imports = 0;

/**
 * Imports a module as if for the first time, with module-level variables of its own.
 *
 * Only the file itself is loaded anew, not what it imports: for a built package that is all of it.
 */
export async function importFresh(file: string): Promise<unknown> {
  const url = pathToFileURL(file);
  imports += 1;
  url.searchParams.set("conformance", String(imports));
  const module = (await import(/* @vite-ignore */ url.href)) as { readonly default?: unknown };
  return module.default;
}
