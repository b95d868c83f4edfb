import { realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { workspaceSlot, type Run } from "@harnessx/core/plugin";
import type { CheckResult } from "./checks.ts";
import type { CitedFiles } from "./options.ts";

/** The check of the files that an answer names. Throws for an invalid pattern. */
export function fileCheck(run: Run, files: CitedFiles): (answer: string) => Promise<CheckResult> {
  const expression = new RegExp(files.pattern, "gu");
  return async (answer) => {
    const cited = citedIn(answer, expression, files.maxFiles);
    if (cited.length < files.atLeast) {
      const problem = `It names ${cited.length} files, and needs at least ${files.atLeast}.`;
      return { check: "files", problem };
    }
    if (cited.length === 0) return { check: "files" };
    const root = files.root === "" ? (run.slots.get(workspaceSlot)?.root ?? ".") : files.root;
    const lost = await run.recorded("self-check: files that do not exist", () =>
      missingIn(root, cited),
    );
    if (lost.length === 0) return { check: "files" };
    return { check: "files", problem: `It names files that do not exist: ${lost.join(", ")}.` };
  };
}

function citedIn(answer: string, expression: RegExp, maxFiles: number): string[] {
  const cited = new Set<string>();
  for (const [, path] of answer.matchAll(expression)) {
    if (cited.size === maxFiles) break;
    if (path !== undefined) cited.add(path);
  }
  return [...cited];
}

/** Those of the paths that are not under `root`: a path that leads out of it is as good as none. */
async function missingIn(root: string, paths: readonly string[]): Promise<string[]> {
  const base = await realpath(root).catch(() => undefined);
  if (base === undefined) return [...paths];
  const found = await Promise.all(
    paths.map(async (path) => {
      const real = await realpath(resolve(base, path)).catch(() => undefined);
      return real !== undefined && (real === base || real.startsWith(base + sep));
    }),
  );
  return paths.filter((_path, index) => !found[index]);
}
