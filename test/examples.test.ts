import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Inside the repository, so that examples resolve packages as a user's code does. */
const workshop = join(root, "test", ".examples");

interface Example {
  readonly name: string;
  readonly code: string;
}

/** The code blocks behind every `@example` of a package's sources. */
async function examplesOf(dir: string): Promise<Example[]> {
  const files = (await readdir(join(root, dir), { recursive: true, withFileTypes: true })).filter(
    (entry) =>
      entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"),
  );
  const found: Example[] = [];
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "utf8");
    for (const match of text.matchAll(/@example[^`]*?```ts\n([\s\S]*?)```/g)) {
      const code = match[1]!.replace(/^[ \t]*\*[ ]?/gm, "");
      const line = text.slice(0, match.index).split("\n").length;
      found.push({ name: `${relative(root, path)}:${line}`, code });
    }
  }
  return found;
}

/** `expression; // value` becomes a check when the comment is a literal; other comments are prose. */
function withChecks(code: string): string {
  const lines = code.split("\n").map((line) => {
    const match =
      /^(?!\s*(?:const|let|import|export|return|\/\/))(\s*)(.+?);?\s*\/\/ (["'\d[{-].*|true|false|null|undefined)$/.exec(
        line,
      );
    if (!match || !isLiteral(match[3]!)) return line;
    return `${match[1]}(globalThis as any).__check(${match[2]!.replace(/;$/, "")}, ${match[3]});`;
  });
  return lines.join("\n");
}

function isLiteral(text: string): boolean {
  try {
    new Function(`return (${text})`);
    return true;
  } catch {
    return false;
  }
}

const sources = [
  "packages/core/src",
  "packages/aegis/src",
  "packages/grpo-bridge/src",
  "packages/adapters/household/src",
  "packages/adapters/tiny-policy/src",
];
const examples = (await Promise.all(sources.map(examplesOf))).flat();

describe("examples in the documentation of exports do what they say", () => {
  afterAll(() => rm(workshop, { recursive: true, force: true }));

  test("there are some", () => expect(examples.length).toBeGreaterThan(10));

  test.each(examples)("$name", async ({ name, code }) => {
    await mkdir(workshop, { recursive: true });
    const file = join(workshop, `${name.replace(/[^\w]+/g, "-")}.ts`);
    await writeFile(file, withChecks(code));
    (globalThis as { __check?: unknown }).__check = (actual: unknown, expected: unknown) =>
      expect(actual).toEqual(expected);
    await import(/* @vite-ignore */ pathToFileURL(file).href);
  });

  test("a wrong value in an example is noticed", () => {
    const checked = withChecks("one + 1; // 3\nconst two = 2; // 5\nthing(); // prose about it");
    expect(checked).toBe(
      "(globalThis as any).__check(one + 1, 3);\nconst two = 2; // 5\nthing(); // prose about it",
    );
  });
});
