import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type ts from "typescript";

/** The compiler, loaded with its first use: it costs a third of a second. */
export type Compiler = typeof ts;

let loading: Promise<Compiler> | undefined;

export function loadCompiler(): Promise<Compiler> {
  return (loading ??= import("typescript").then((module) => module.default));
}

/** The plugin contract, as source when this package runs from source, else as declarations. */
function contractFile(): string {
  const core = dirname(createRequire(import.meta.url).resolve("@harnessx/core/package.json"));
  return import.meta.url.endsWith(".ts")
    ? join(core, "src/plugin/index.ts")
    : join(core, "dist/plugin/index.d.ts");
}

/** What tests of generated packages may use of Node, so that the check needs no installed types. */
const TEST_TYPES = `declare module "node:test" {
  export function test(name: string, body: () => void | Promise<void>): Promise<void>;
}
declare module "node:assert/strict" {
  const assert: {
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(text: string, pattern: RegExp, message?: string): void;
    throws(body: () => unknown, expected?: unknown): void;
  };
  export default assert;
}
`;

const ROOT = "/candidate";
const TEST_TYPES_FILE = `${ROOT}/node-test.d.ts`;

/** A type checker for one package after another; libraries and the contract are parsed once. */
export interface PackageProgram {
  /** The program over the package's TypeScript files; `fileOf` finds one by its path in the package. */
  open(files: Readonly<Record<string, string>>): {
    readonly program: ts.Program;
    fileOf(path: string): ts.SourceFile;
  };
}

interface VersionedText {
  readonly text: string;
  readonly version: string;
}

const MAX_VERSIONS = 1_000;

let shared: PackageProgram | undefined;

export async function packageProgram(): Promise<PackageProgram> {
  const compiler = await loadCompiler();
  return (shared ??= createPackageProgram(compiler));
}

function createPackageProgram(compiler: Compiler): PackageProgram {
  // The gate's own settings: a package cannot bring any.
  const options: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: true,
    types: [],
  };
  const contract = contractFile();
  const onDisk = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    if (!onDisk.has(path)) onDisk.set(path, compiler.sys.readFile(path));
    return onDisk.get(path);
  };
  let files = new Map<string, VersionedText>();
  // A text keeps its version: what one check has parsed and typed, the next one need not.
  const versions = new Map<string, string>();
  let revision = 0;
  const versioned = (text: string): VersionedText => {
    let version = versions.get(text);
    if (version === undefined) {
      if (versions.size >= MAX_VERSIONS) versions.clear();
      revision += 1;
      versions.set(text, (version = String(revision)));
    }
    return { text, version };
  };
  const virtual = (path: string) =>
    files.get(path)?.text ?? (path === TEST_TYPES_FILE ? TEST_TYPES : undefined);
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [TEST_TYPES_FILE, ...files.keys()],
    getScriptVersion: (path) => files.get(path)?.version ?? "0",
    getScriptSnapshot: (path) => {
      const text = virtual(path) ?? read(path);
      return text === undefined ? undefined : compiler.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: (given) => compiler.getDefaultLibFilePath(given),
    fileExists: (path) => virtual(path) !== undefined || compiler.sys.fileExists(path),
    readFile: (path) => virtual(path) ?? read(path),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map((literal) => resolve(literal.text, from)),
  };
  const resolve = (name: string, from: string): ts.ResolvedModuleWithFailedLookupLocations => {
    const file = (path: string, extension: string) => ({
      resolvedModule: { resolvedFileName: path, extension, isExternalLibraryImport: false },
    });
    if (from.startsWith(`${ROOT}/`)) {
      if (name === "@harnessx/core/plugin")
        return file(contract, contract.endsWith(".d.ts") ? ".d.ts" : ".ts");
      const path = join(dirname(from), name).replaceAll("\\", "/");
      return files.has(path) ? file(path, ".ts") : { resolvedModule: undefined };
    }
    // Within the contract itself, or within its declarations, whose imports end in .js.
    const path = join(
      dirname(from),
      from.endsWith(".d.ts") ? name.replace(/\.js$/, ".d.ts") : name,
    );
    return name.startsWith(".")
      ? file(path, path.endsWith(".d.ts") ? ".d.ts" : ".ts")
      : { resolvedModule: undefined };
  };
  const service = compiler.createLanguageService(host, compiler.createDocumentRegistry());
  return {
    open(given) {
      files = new Map(
        Object.entries(given)
          .filter(([path]) => path.endsWith(".ts"))
          .map(([path, text]) => [`${ROOT}/${path}`, versioned(text)]),
      );
      const program = service.getProgram();
      if (!program) throw new Error("the compiler made no program");
      return { program, fileOf: (path) => program.getSourceFile(`${ROOT}/${path}`)! };
    },
  };
}

/** Type errors of a package, one line each. */
export async function typeErrors(files: Readonly<Record<string, string>>): Promise<string[]> {
  const compiler = await loadCompiler();
  const { program, fileOf } = (await packageProgram()).open(files);
  const findings: string[] = [];
  for (const path of Object.keys(files).filter((one) => one.endsWith(".ts"))) {
    const source = fileOf(path);
    for (const found of [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]) {
      const line =
        found.start === undefined ? 0 : source.getLineAndCharacterOfPosition(found.start).line + 1;
      findings.push(
        `${path}:${line} ${compiler.flattenDiagnosticMessageText(found.messageText, " ")} (TS${found.code})`,
      );
    }
  }
  return findings.slice(0, 20);
}

/** Version of the compiler, without loading it. */
export function compilerVersion(): string {
  const file = createRequire(import.meta.url).resolve("typescript/package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
