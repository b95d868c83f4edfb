/** Which arguments of which tools hold paths. */
export interface PathRule {
  /** Names, with `*` for any text. */
  readonly tools: readonly string[];
  /** Names of arguments, at any depth; none for tools that take no path. */
  readonly arguments: readonly string[];
}

/** A path in the arguments of a call, and where it stands. */
export interface FoundPath {
  readonly argument: string;
  readonly path: string;
}

/** More values than this no honest call has. */
const maxValues = 10_000;
const maxDepth = 50;

/**
 * The texts of all arguments whose name `isPath` accepts, at any depth; everything below such a name
 * counts. Undefined when there is too much to look at.
 */
export function pathsIn(
  input: unknown,
  isPath: (argument: string) => boolean,
): readonly FoundPath[] | undefined {
  const found: FoundPath[] = [];
  let values = 0;
  const walk = (value: unknown, argument: string, isPathValue: boolean, depth: number): boolean => {
    values += 1;
    if (values > maxValues || depth > maxDepth) return false;
    if (typeof value === "string") {
      if (isPathValue) found.push({ argument, path: value });
      return true;
    }
    if (typeof value !== "object" || value === null) return true;
    if (Array.isArray(value))
      return value.every((item) => walk(item, argument, isPathValue, depth + 1));
    return Object.entries(value).every(([name, field]) =>
      walk(field, name, isPathValue || isPath(name), depth + 1),
    );
  };
  return walk(input, "", false, 0) ? found : undefined;
}

/** Whether the last word of a name, in any spelling and number, is one of `words`: `outputDirs` ends in `dir`. */
export function endsInWord(words: readonly string[]): (name: string) => boolean {
  const known = new Set(words.map((word) => plain(word)));
  return (name) => {
    const last = name
      .replace(/([a-z\d])([A-Z])/g, "$1 $2")
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== "")
      .at(-1);
    if (last === undefined) return false;
    return known.has(plain(last)) || known.has(plain(last).replace(/(?:ie)?s$/, singular));
  };
}

function singular(ending: string): string {
  return ending === "ies" ? "y" : "";
}

/** A name in lower case without separators. */
export function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
