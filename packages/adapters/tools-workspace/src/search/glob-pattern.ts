import { RE2JS } from "re2js";
import { workspaceError } from "../errors.ts";

/** Says whether a path, relative and with slashes, fits. Takes time in proportion to its length. */
export type PathTest = (path: string) => boolean;

const MAX_PATTERN_CHARS = 1000;
const MAX_DEPTH = 8;

/**
 * Compiles a glob: `*` and `?` within a name, `**` over folders, `[abc]`, `[!a-z]`, `{a,b}`,
 * backslash for literal characters. A pattern without a slash fits the name in any folder.
 */
export function globTest(pattern: string): PathTest {
  if (pattern.length > MAX_PATTERN_CHARS)
    throw fail(pattern, `it is longer than ${MAX_PATTERN_CHARS} characters`);
  const clean = pattern.replace(/^\.?\/+/, "");
  const anywhere = clean.includes("/") ? clean : `**/${clean}`;
  try {
    const compiled = RE2JS.compile(`^(?s:${translate(anywhere, pattern)})$`);
    return (path) => compiled.matcher(path).find();
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown) throw thrown;
    throw fail(pattern, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const fail = (pattern: string, problem: string): Error =>
  workspaceError("HX_WORKSPACE_PATTERN", { pattern, problem });

function translate(glob: string, pattern: string): string {
  let source = "";
  let depth = 0;
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at]!;
    if (glob.startsWith("**/", at) && (at === 0 || glob[at - 1] === "/")) {
      source += "(?:[^/]+/)*";
      at += 2;
    } else if (glob.startsWith("**", at)) {
      source += ".*";
      at += 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = glob.indexOf("]", at + 2);
      if (end < 0) throw fail(pattern, "a [ is not closed");
      source += classOf(glob.slice(at + 1, end));
      at = end;
    } else if (char === "{") {
      depth += 1;
      if (depth > MAX_DEPTH) throw fail(pattern, "its braces are too deep");
      source += "(?:";
    } else if (char === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "\\" && at + 1 < glob.length) source += escape(glob[(at += 1)]!);
    else source += escape(char);
  }
  if (depth > 0) throw fail(pattern, "a { is not closed");
  return source;
}

function classOf(inner: string): string {
  const negated = /^[!^]/.test(inner);
  const members = (negated ? inner.slice(1) : inner).replaceAll(/[\\[\]^]/g, "\\$&");
  // A class must not reach over a folder's border.
  return negated ? `[^/${members}]` : `[${members}]`;
}

const escape = (char: string): string => char.replace(/[.*+?^${}()|[\]\\]/, "\\$&");
