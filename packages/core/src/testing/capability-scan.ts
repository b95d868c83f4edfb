import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Capabilities, PluginMetadata } from "../plugin/metadata.ts";

/** The code of a plugin and what it declares. */
interface Scanned {
  readonly entryFile: string;
  readonly metadata: PluginMetadata;
}

/** Traces in the code of what lies outside a processor's events. */
const ACCESSES: readonly {
  readonly what: string;
  readonly code: RegExp;
  readonly granted: (capabilities: Capabilities) => boolean;
}[] = [
  { what: "files", code: specifier("fs(?:/promises)?"), granted: ({ fs }) => fs !== undefined },
  {
    what: "the network",
    code: new RegExp(
      `${specifier("(?:https?|http2|net|tls|dgram|dns(?:/promises)?)").source}|\\bfetch\\s*\\(|\\bnew\\s+(?:WebSocket|EventSource)\\b`,
    ),
    granted: ({ net }) => net !== undefined,
  },
  {
    what: "environment variables",
    code: /\bprocess\s*\.\s*env\b/,
    granted: ({ env }) => env !== undefined,
  },
  {
    what: "processes and threads",
    code: specifier("(?:child_process|worker_threads|cluster|vm)"),
    granted: ({ processes = false }) => processes,
  },
];

/** Traces of what a run offers on request. */
const OFFERS = [
  {
    what: "model roles",
    code: /\bmodel\s*\(/,
    declared: ({ model = [] }: Capabilities) => model.length > 0,
  },
  { what: "spawn", code: /\bspawn\s*\(/, declared: ({ spawn = false }: Capabilities) => spawn },
] as const;

function specifier(module: string): RegExp {
  return new RegExp(`(?:\\bfrom|\\bimport|\\brequire)\\s*\\(?\\s*["'](?:node:)?${module}["']`);
}

/**
 * What the code reaches for without declaring it, and what it declares without reaching for it.
 *
 * A reading of the text, for honest authors: it finds a forgotten declaration, not a hidden one.
 */
export async function capabilityProblems({ entryFile, metadata }: Scanned): Promise<string[]> {
  const { capabilities = {} } = metadata;
  const code = await codeBeside(entryFile);
  const used = ACCESSES.filter((access) => access.code.test(code) && !access.granted(capabilities));
  const unused = OFFERS.filter((offer) => offer.declared(capabilities) && !offer.code.test(code));
  return [
    ...used.map(({ what }) => `Its code uses ${what} without declaring it.`),
    ...unused.map(({ what }) => `It declares ${what}, which its code never uses.`),
  ];
}

/** Beside an entry file at the top of a package lie folders that are not its code. */
const ASIDE = new Set(["node_modules", "test", "tests", "scripts", "bench", "examples"]);

/** The code of the folder that the entry file is in, without comments. */
async function codeBeside(entryFile: string): Promise<string> {
  const root = dirname(entryFile);
  const files = (await readdir(root, { recursive: true })).filter(
    (file) =>
      /\.[cm]?[jt]s$/.test(file) &&
      !/\.(?:d|test|config)\.[cm]?[jt]s$/.test(file) &&
      !file.split(/[\\/]/).some((folder) => ASIDE.has(folder)),
  );
  const texts = await Promise.all(files.sort().map((file) => readFile(join(root, file), "utf8")));
  return texts
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/[^\n]*/g, "$1");
}
