/** A test of tool names against patterns in which `*` stands for any text. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(wildcard);
  return (name) => tests.some((test) => test.test(name));
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "s");
}
