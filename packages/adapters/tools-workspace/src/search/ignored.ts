import ignore, { type Ignore } from "ignore";

/** Longer rule files are not what a person wrote. */
export const MAX_RULES_BYTES = 64 * 1024;

/** The rules of one `.gitignore`, for paths relative to its folder. */
export function rulesOf(text: string): Ignore {
  return ignore({ allowRelativePaths: true }).add(text.split(/\r?\n/).filter(isHarmless));
}

/**
 * Rules become regular expressions with backtracking: one with many wildcards could take hours, so
 * it counts as a comment.
 */
function isHarmless(rule: string): boolean {
  const wildcards = rule.match(/\*+/g)?.length ?? 0;
  const inOneName = Math.max(...rule.split("/").map((name) => name.match(/\*+/g)?.length ?? 0));
  return wildcards <= 6 && inOneName <= 3;
}
