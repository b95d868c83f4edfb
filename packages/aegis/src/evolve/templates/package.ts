import { createHash } from "node:crypto";
import type { Dimension, HookName } from "@harnessx/core/plugin";
import type { GeneratedPackage } from "../types.ts";

/** The parts that every generated package has. */
interface CommonParts {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly optionsSchema: object;
  readonly readme: string;
  /** `index.ts` and what it imports, by file name. */
  readonly src: Readonly<Record<string, string>>;
  readonly test: string;
}

/** The parts of a generated processor package that differ from one to the next. */
export interface PackageParts extends CommonParts {
  readonly dimension: Dimension;
  readonly hooks: readonly HookName[];
  readonly group: string;
}

/** The parts of a generated package of tools. */
export interface ToolsPackageParts extends CommonParts {
  /** Hosts that its tools may reach. */
  readonly net: readonly string[];
}

/** Lays a processor package out: metadata, source, options schema, README and its own test. */
export function layOut(parts: PackageParts): GeneratedPackage {
  const { dimension, hooks, group } = parts;
  return packageOf(parts, { kind: "processor", dimension, hooks, group }, {});
}

/** Lays a package of tools out. */
export const layOutTools = (parts: ToolsPackageParts): GeneratedPackage =>
  packageOf(parts, { kind: "tools" }, { net: parts.net });

function packageOf(parts: CommonParts, facts: object, capabilities: object): GeneratedPackage {
  const packageJson = {
    name: parts.name,
    version: parts.version,
    description: parts.description,
    keywords: ["harnessx-plugin"],
    license: "MIT",
    type: "module",
    exports: "./dist/index.js",
    peerDependencies: { "@harnessx/core": ">=0.1.0 <1" },
    harnessx: { api: 1, ...facts, options: "./options.schema.json", capabilities },
  };
  const files: Record<string, string> = {
    "package.json": json(packageJson),
    "options.schema.json": json(parts.optionsSchema),
    "README.md": parts.readme,
    "test/index.test.ts": parts.test,
  };
  for (const [file, source] of Object.entries(parts.src)) files[`src/${file}`] = source;
  return { name: parts.name, version: parts.version, files };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** SHA-256 over the paths and contents of a package's files, in hexadecimal. */
export function packageDigest(files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const [path, text] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\n${createHash("sha256").update(text).digest("hex")}\n`);
  }
  return hash.digest("hex");
}

/** The folder of a package in the plugin store: its address is its content. */
export function storeName({ name, version, files }: GeneratedPackage): string {
  return `${name.replace(/^@/, "").replaceAll("/", "-")}-${version}-${packageDigest(files).slice(0, 12)}`;
}

/** Path of the plugin store within a workspace. */
export const STORE = ".harnessx/plugins";

/** What a manifest entry's `use` says for a generated package. */
export const usePath = (generated: GeneratedPackage): string =>
  `./${STORE}/${storeName(generated)}`;

/** A tool's name as words: "go to" of "go_to" or "goTo". */
export function toolWords(tool: string): string {
  return tool
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[^a-zA-Z0-9]+/g, " ")
    .trim()
    .toLowerCase();
}

/** `0.61` as `61 %`. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Quotations for a README, each in a line of its own; no more than three. */
export function quotations(evidence: readonly { readonly quote: string }[]): string {
  const quotes = [...new Set(evidence.map(({ quote }) => quote.replace(/\s+/g, " ").trim()))].slice(
    0,
    3,
  );
  return quotes.map((quote) => `> ${quote}\n`).join("\n");
}

/** JSON Schema pieces with a default, as options files use them. */
export const withDefault = (schema: object, value: unknown): object => ({
  ...schema,
  default: value,
});
export const textList = { type: "array", items: { type: "string" } } as const;

/** A stand-in for a run that the packages' own tests share: it collects taps and calls them. */
export const TEST_RUN = `/** Collects the taps of one run and lets a test call them. */
function openRun(text: string, options: unknown) {
  const taps = new Map<string, (event: unknown) => unknown>();
  const hook = (name: string) => ({ tap: (_label: string, tap: (event: unknown) => unknown) => void taps.set(name, tap) });
  const hooks = { taskStart: hook("taskStart"), beforeModel: hook("beforeModel"), afterTool: hook("afterTool") };
  void processor.setup({ task: { id: "t", text }, hooks } as unknown as Run, options as never);
  return {
    call(name: string, input: unknown, content: string): void {
      taps.get("afterTool")?.({ call: { id: "c", name, input }, result: { status: "ok", content } });
    },
    /** What the processor adds to the next request. */
    advice(): string {
      let added = "";
      taps.get("beforeModel")?.({ appendUser: (more: string) => void (added += more) });
      return added;
    },
    /** What the processor adds to the system prompt. */
    system(): string {
      let added = "";
      taps.get("taskStart")?.({ task: { id: "t", text }, appendSystem: (more: string) => void (added += more) });
      return added;
    },
  };
}
`;
