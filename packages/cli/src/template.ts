import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cliError } from "./errors.ts";

const TEMPLATE = "@harnessx/processor-hello";

/** A plugin package to write. */
export interface NewPlugin {
  readonly dir: string;
  /** Kebab-case. */
  readonly name: string;
  readonly packageName: string;
}

/** What was written. */
export interface WrittenPlugin {
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** Whether core was linked into the folder's node_modules, because nothing there provides it yet. */
  readonly linkedCore: boolean;
}

/** Writes a plugin package: the template under another name, with a build and a test of its own. */
export async function writePluginPackage(plugin: NewPlugin): Promise<WrittenPlugin> {
  const template = await templateFolder();
  const metadata = JSON.parse(
    await readFile(join(template, "package.json"), "utf8"),
  ) as TemplatePackage;
  const rename = renamer(plugin, metadata.description);
  const files = new Map<string, string>();
  for (const file of await templateFiles(template)) {
    files.set(file, rename(await readFile(join(template, file), "utf8")));
  }
  files.set("package.json", `${JSON.stringify(packageJson(plugin, metadata), null, 2)}\n`);
  files.set("tsconfig.json", tsconfig);
  files.set("test/conformance.test.mjs", conformanceTest);
  files.set("README.md", readme(plugin));
  files.set(".gitignore", "node_modules/\ndist/\n");
  for (const [file, text] of files) {
    const path = join(plugin.dir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return { files: [...files.keys()].toSorted(), linkedCore: await linkCore(plugin.dir) };
}

interface TemplatePackage {
  readonly description: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly harnessx: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const require = createRequire(import.meta.url);

async function templateFolder(): Promise<string> {
  try {
    return dirname(require.resolve(`${TEMPLATE}/package.json`));
  } catch (thrown) {
    throw await cliError("HX_CLI_TEMPLATE_MISSING", { package: TEMPLATE }, thrown);
  }
}

/** Sources, schema and, where the template is an installed package, the code built from them. */
async function templateFiles(template: string): Promise<string[]> {
  const files = ["options.schema.json"];
  for (const folder of ["src", "dist"]) {
    const entries = await readdir(join(template, folder), { recursive: true }).catch(
      (): string[] => [],
    );
    files.push(
      ...entries
        .filter((name) => /\.(ts|js)$/.test(name))
        .map((name) => `${folder}/${name.split("\\").join("/")}`),
    );
  }
  return files;
}

function renamer({ name, packageName }: NewPlugin, description: string): (text: string) => string {
  const pascal = name.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  return (text) =>
    text
      .replaceAll(TEMPLATE, packageName)
      .replaceAll(description, `The ${name} processor.`)
      .replaceAll(/\bHello(?=[A-Z]|\b)/g, pascal)
      .replaceAll(/\bhello(?=[A-Z])/g, camel)
      .replaceAll(/\bthe hello processor\b/g, `the ${name} processor`)
      .replaceAll(/(["'`])hello\1/g, `$1${name}$1`)
      // The map of the template's bundle is not copied.
      .replaceAll(/\n\/\/# sourceMappingURL=.*\n?/g, "\n");
}

function packageJson({ name, packageName }: NewPlugin, template: TemplatePackage): object {
  const { type, sideEffects, exports, engines, peerDependencies, harnessx, files, keywords } =
    template;
  return {
    name: packageName,
    version: "0.1.0",
    description: `The ${name} processor.`,
    keywords,
    license: "MIT",
    files,
    type,
    sideEffects,
    exports,
    scripts: { build: "tsc", test: "tsc && node --test" },
    peerDependencies,
    devDependencies: { typescript: "^6.0.0" },
    engines,
    harnessx,
  };
}

const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2023",
      module: "nodenext",
      strict: true,
      declaration: true,
      rootDir: "src",
      outDir: "dist",
      skipLibCheck: true,
    },
    include: ["src"],
  },
  null,
  2,
)}\n`;

const conformanceTest = `import test from "node:test";
import { fileURLToPath } from "node:url";
import { assertConformant } from "@harnessx/core/testing";

test("passes the conformance kit", async () => {
  await assertConformant(fileURLToPath(new URL("..", import.meta.url)));
});
`;

const readme = ({ name, packageName }: NewPlugin): string => `# ${packageName}

Adds one paragraph to the system prompt at the start of a task: the starting point for what you want
it to do. Change \`src/index.ts\`, \`options.schema.json\` and the \`harnessx\` field of \`package.json\`
together; \`hx plugin test\` says where they disagree.

\`\`\`
npm install
npm test
hx plugin add ./ --harness ../harness.json
\`\`\`

\`\`\`json
{ "id": "${name}", "use": "${packageName}", "options": { "greeting": "Good morning." } }
\`\`\`
`;

/**
 * Makes `@harnessx/core` resolvable from a folder that has not been installed yet, so that the
 * plugin can be tested before any `npm install`, which later puts a copy in the link's place.
 */
async function linkCore(dir: string): Promise<boolean> {
  const there = createRequire(join(dir, "package.json"));
  try {
    there.resolve("@harnessx/core/package.json");
    return false;
  } catch {
    const scope = join(dir, "node_modules", "@harnessx");
    const core = dirname(require.resolve("@harnessx/core/package.json"));
    if (!(await stat(core).catch(() => undefined))) return false;
    await mkdir(scope, { recursive: true });
    await symlink(core, join(scope, "core"), "junction");
    return true;
  }
}
