import { nameMatcher } from "./names.ts";
import {
  isOverEncoded,
  isWithin,
  parsePath,
  readingsOf,
  resolvePath,
  type ParsedPath,
} from "./path.ts";

/** Folders that are open, and names that are closed even there. */
export interface ScopeOptions {
  readonly roots: readonly string[];
  readonly deny: readonly string[];
}

/** Judges paths: why one is outside, or nothing. */
export type Scope = (path: string) => string | undefined;

/**
 * A judge of paths for one base folder: what relative paths are relative to.
 * Without one only relative roots hold relative paths. Throws for a root that is no path.
 */
export function compileScope(options: ScopeOptions, base: string | undefined): Scope {
  const from = base === undefined ? here : readable(base);
  const roots = options.roots.map((root) => resolvePath(readable(root), from));
  const isDenied = nameMatcher(options.deny.map((name) => name.toLowerCase()));

  const problemOf = (text: string): string | undefined => {
    const parsed = parsePath(text);
    if ("problem" in parsed) return parsed.problem;
    const path = resolvePath(parsed, from);
    const root = roots.find((each) => isWithin(path, each));
    if (!root) return "it lies outside the allowed folders";
    // A stream or a dot at the end of a name is another name of the same file.
    const denied = path.segments
      .slice(root.segments.length)
      .find(
        (name) =>
          isDenied(name.toLowerCase().replace(/(?:[. ]+|:.*)$/, "")) ||
          isDenied(name.toLowerCase()),
      );
    return denied === undefined ? undefined : `${denied} is closed`;
  };

  return (path) => {
    if (isOverEncoded(path)) return "it is encoded too often";
    for (const reading of readingsOf(path)) {
      const problem = problemOf(reading);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

const here: ParsedPath = { anchor: "", segments: [] };

function readable(text: string): ParsedPath {
  const parsed = parsePath(text);
  if ("problem" in parsed)
    throw new Error(`The folder ${JSON.stringify(text)} cannot be used: ${parsed.problem}.`);
  return parsed;
}
