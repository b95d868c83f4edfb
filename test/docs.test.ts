import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Inside the repository, so that code resolves packages as a user's does. */
const workshop = join(root, "test", ".harnessx", "docs");

interface Block {
  readonly lang: string;
  /** Words behind the language, such as `continue` or `file=a/b.ts`. */
  readonly words: readonly string[];
  readonly code: string;
  readonly line: number;
}

interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  /** The text without code blocks, which are blank lines here. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

const skipped = new Set([
  "node_modules",
  "dist",
  "fixtures",
  ".git",
  ".changeset",
  ".harnessx",
  ".examples",
  "coverage",
]);

async function markdownBelow(dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, dir), { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) found.push(...(await markdownBelow(path)));
    } else if (entry.name.endsWith(".md") && entry.name !== "CHANGELOG.md") found.push(path);
  }
  return found;
}

function parsePage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open:
    | { lang: string; words: string[]; line: number; fence: string; lines: string[] }
    | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*(`{3,})(.*)$/.exec(line);
    if (open) {
      if (fence?.[1] === open.fence && fence[2]!.trim() === "") {
        const { lang, words, lines } = open;
        blocks.push({ lang, words, line: open.line, code: `${lines.join("\n")}\n` });
        open = undefined;
      } else open.lines.push(line);
    } else if (fence) {
      const [lang = "", ...words] = fence[2]!.trim().split(/\s+/);
      open = { lang, words, line: index + 1, fence: fence[1]!, lines: [] };
    }
    prose.push(open || fence ? "" : line);
  }
  return { path, text, prose: prose.join("\n"), blocks };
}

const pages = await Promise.all(
  (await markdownBelow("."))
    .toSorted()
    .map(async (path) => parsePage(path, await readFile(join(root, path), "utf8"))),
);
const pageOf = new Map(pages.map((page) => [page.path, page]));

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const match of page.prose.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = match[1]!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

const withoutInlineCode = (text: string): string =>
  text.replaceAll(/`[^`]*`/g, (code) => " ".repeat(code.length));

async function brokenLinks(page: Page): Promise<string[]> {
  const broken: string[] = [];
  for (const match of withoutInlineCode(page.prose).matchAll(/\]\(([^)\s]+)\)/g)) {
    const target = match[1]!;
    if (/^[a-z]+:/.test(target)) continue;
    const [file = "", anchor] = target.split("#");
    const path = file === "" ? page.path : relative(root, resolve(root, dirname(page.path), file));
    const there = await stat(join(root, path)).catch(() => undefined);
    const linked = pageOf.get(path);
    if (!there) broken.push(target);
    else if (anchor !== undefined && !(linked && anchorsOf(linked).has(anchor)))
      broken.push(target);
  }
  return broken;
}

test("there are pages", () => expect(pages.length).toBeGreaterThan(25));

describe.each(pages.map((page) => [page.path, page] as const))("%s", (_path, page) => {
  test("has no broken link", async () => expect(await brokenLinks(page)).toEqual([]));

  test("names no place on a machine", () => {
    const paths =
      page.text.match(/(?<![\w.:/@-])\/(?:work|home|root|Users|tmp|var|opt|mnt)\/\S*/g) ?? [];
    expect(paths).toEqual([]);
  });
});

test("every error code that is mentioned exists", () => {
  const errors = pageOf.get(join("docs", "reference", "errors.md"))!;
  const known = new Set([...errors.prose.matchAll(/^### (HX_\w+)$/gm)].map((match) => match[1]!));
  // The one code that no table holds, and a variable of the environment.
  for (const other of ["HX_CLI_USAGE", "HX_DEBUG"]) known.add(other);
  expect(known.size).toBeGreaterThan(60);
  const unknown = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\bHX_[A-Z_]+[A-Z]\b/g)]
      .filter(([code]) => !known.has(code))
      .map(([code]) => `${path}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

/** Splits a command line at spaces, keeping quoted words together. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/^["']|["']$/g, ""),
  );

const HX = /^(?:npm run (?:--silent )?hx -- |npx hx |hx )/;

/** The command line behind `hx`, without a comment; undefined for other commands. */
function hxLine(line: string): string | undefined {
  const command = line
    .replace(/^\$ /, "")
    .replace(/\s+#.*$/, "")
    .trim();
  return HX.test(command) ? command.replace(HX, "") : undefined;
}

interface CommandLike {
  readonly commands: readonly CommandLike[];
  readonly registeredArguments: readonly unknown[];
  readonly options: readonly {
    is(flag: string): boolean;
    readonly required: boolean;
    readonly optional: boolean;
  }[];
  name(): string;
  aliases(): readonly string[];
}

const find = ({ commands }: CommandLike, name: string): CommandLike | undefined =>
  commands.find((each) => each.name() === name || each.aliases().includes(name));

/** What is wrong with a command line, judged by the commands themselves. */
function commandProblem(program: CommandLike, line: string): string | undefined {
  let command = program;
  const words = wordsOf(line);
  while (words.length > 0 && command.commands.length > 0 && !words[0]!.startsWith("-")) {
    const name = words.shift()!;
    if (name === "help" || name === "…") return undefined;
    // A table names several at once: `hx trace ls|show`.
    const named = name.split(/\\?\|/).map((each) => ({ each, found: find(command, each) }));
    const missing = named.find(({ found }) => found === undefined);
    // A command with commands below it may take an argument itself.
    if (missing && command.registeredArguments.length > 0) break;
    if (missing) return `there is no command ${missing.each}`;
    if (named.length > 1) return undefined;
    command = named[0]!.found!;
  }
  while (words.length > 0) {
    const word = words.shift()!;
    // What follows is no business of the parser.
    if (word === "--") return undefined;
    if (!word.startsWith("-") || ["-h", "--help", "-V", "--version"].includes(word)) continue;
    const [flag = "", value] = word.split("=");
    const option = command.options.find((each) => each.is(flag));
    if (!option) return `${command.name()} has no option ${flag}`;
    if (option.required && value === undefined) words.shift();
  }
  return undefined;
}

/** The command line's own sources, reached as its tests do; no package exports them. */
const cli = async (file: string): Promise<any> =>
  import(/* @vite-ignore */ pathToFileURL(join(root, "packages", "cli", "src", file)).href);

const silent = { write: () => true };
const ioAt = (cwd: string, write: (text: string) => void) => ({
  stdout: { write: (text: string) => (write(text), true) },
  stderr: { write: (text: string) => (write(text), true) },
  env: {},
  cwd,
  interactive: false,
  ask: () => Promise.resolve(""),
  onInterrupt: () => () => undefined,
});

test("every hx command line is one that hx understands", async () => {
  const [{ buildProgram }, { Session }] = await Promise.all([cli("program.ts"), cli("session.ts")]);
  const program = buildProgram(
    new Session({ ...ioAt(root, () => undefined), stdout: silent, stderr: silent }),
  ) as CommandLike;
  const lines = pages.flatMap(({ path, prose, blocks }) => [
    ...blocks
      .flatMap(({ lang, code }) =>
        ["", "sh", "bash", "console"].includes(lang) ? code.split("\n") : [],
      )
      .map((line) => ({ path, line })),
    ...[...prose.matchAll(/`([^`]+)`/g)].map((match) => ({ path, line: match[1]! })),
  ]);
  const commands = lines.flatMap(({ path, line }) => {
    const command = hxLine(line);
    return command === undefined ? [] : [{ path, command }];
  });
  expect(commands.length).toBeGreaterThan(30);
  const problems = commands.flatMap(({ path, command }) => {
    const problem = commandProblem(program, command);
    return problem === undefined ? [] : [`${path}: hx ${command}: ${problem}`];
  });
  expect(problems).toEqual([]);
  expect(commandProblem(program, "trace show latest --no-such-thing")).toContain("no option");
  expect(commandProblem(program, "fly away")).toContain("no command");
});

/** `expression; // value` becomes a check when the comment is a literal; other comments are prose. */
function withChecks(code: string): string {
  const checked = code.split("\n").map((line) => {
    const match =
      /^(?!\s*(?:const|let|import|export|return|\/\/))(\s*)(.+?);\s*\/\/ (["'\d[{-].*|true|false|null|undefined)$/.exec(
        line,
      );
    if (!match || !isLiteral(match[3]!)) return line;
    return `${match[1]}(globalThis as any).__docs(${match[2]}, ${match[3]});`;
  });
  return checked.join("\n");
}

function isLiteral(text: string): boolean {
  try {
    new Script(`(${text})`); // compiled, never run
    return true;
  } catch {
    return false;
  }
}

/** Blocks of the README and of docs run unless they say `no-run`, those of packages if they say `run`. */
const runs = ({ path }: Page, { lang, words }: Block): boolean =>
  path === "README.md" || /^docs[\\/]/.test(path)
    ? !words.includes("no-run") && (lang === "ts" || lang === "sh" || words.length > 0)
    : words.includes("run");

const executed = pages.filter((page) => page.blocks.some((block) => runs(page, block)));

/** Carries out the blocks of a page in order: writes files, runs code and `hx` commands. */
async function execute(page: Page, dir: string): Promise<void> {
  const { main } = await cli("program.ts");
  const { blocks } = page;
  for (const [index, block] of blocks.entries()) {
    if (!runs(page, block)) continue;
    const { lang, words, code, line } = block;
    const file = words.find((word) => word.startsWith("file="))?.slice("file=".length);
    if (file !== undefined) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), code);
    } else if (lang === "ts") {
      let whole = code;
      for (let before = index; blocks[before]!.words.includes("continue");) {
        before = blocks.findLastIndex((block, at) => at < before && block.lang === "ts");
        whole = blocks[before]!.code + whole;
      }
      const module = join(dir, `line-${line}.ts`);
      await writeFile(module, withChecks(whole));
      await import(/* @vite-ignore */ pathToFileURL(module).href);
    } else if (lang === "sh") {
      for (const command of code.split("\n").map(hxLine)) {
        if (command === undefined) continue;
        let printed = "";
        const exit = await main(
          wordsOf(command),
          ioAt(dir, (text) => (printed += text)),
        );
        expect({ command, exit, printed: exit === 0 ? "" : printed }).toEqual({
          command,
          exit: 0,
          printed: "",
        });
      }
    }
  }
}

describe("the code blocks run and do what they say", () => {
  const home = process.cwd();
  afterAll(() => {
    process.chdir(home);
    return rm(workshop, { recursive: true, force: true });
  });

  test.each(executed.map((page) => [page.path, page] as const))(
    "%s",
    { timeout: 120_000 },
    async (path, page) => {
      const dir = join(workshop, path.replace(/\.md$/, "").replaceAll(/[^\w-]+/g, "-"));
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true });
      (globalThis as { __docs?: unknown }).__docs = (actual: unknown, expected: unknown) =>
        expect(actual).toEqual(expected);
      process.chdir(dir);
      await execute(page, dir);
    },
  );

  test("a wrong value in a block is noticed", () => {
    expect(withChecks("one + 1; // 3")).toBe("(globalThis as any).__docs(one + 1, 3);");
    expect(withChecks("const two = 2; // 5\nthing(); // prose")).toBe(
      "const two = 2; // 5\nthing(); // prose",
    );
  });

  test("the README is short", () =>
    expect(pageOf.get("README.md")!.text.split("\n").length).toBeLessThanOrEqual(121));
});
