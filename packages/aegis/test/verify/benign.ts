import type { GeneratedPackage } from "../../src/evolve/index.ts";
import type { VerifyOptions } from "../../src/verify/options.ts";
import { atTop, changed, good, inSetup, toolPackage } from "./packages.ts";

/** Packages that look like hostile ones and are not. */
export interface Benign {
  readonly name: string;
  readonly make: () => GeneratedPackage;
  readonly options?: VerifyOptions;
  readonly short?: true;
}

export const benign: readonly Benign[] = [
  { name: "the plain one", make: () => good, short: true },
  {
    name: "an alphabet that looks like base64",
    make: () =>
      atTop(
        'export const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";',
      ),
    short: true,
  },
  {
    name: "a short text in base64",
    make: () => atTop('export const greeting = "SGVsbG8sIHdvcmxkIQ==";'),
  },
  {
    name: "a switch on words of the task",
    make: () =>
      inSetup('const kind = /clean|wash/.test(run.task.text) ? "clean" : "find";\n  void kind;'),
  },
  {
    name: "a long prompt text",
    make: () =>
      atTop(
        `export const prompt = ${JSON.stringify("Look at each place once, write down what is there, and go on to the next one. ".repeat(12))};`,
      ),
  },
  {
    name: "words of a held-out prompt that stand in train, too",
    make: () => atTop('export const words = "which winter wind is it that blows there?";'),
  },
  {
    name: "one word of a held-out answer",
    make: () => atTop('export const wind = "the harmattan blows in winter";'),
  },
  {
    name: "a list of words and a join",
    make: () => atTop('export const list = ["shelf", "drawer", "table"].join(", ");'),
  },
  {
    name: "letters made of codes",
    make: () =>
      atTop("export const letter = (at: number): string => String.fromCharCode(65 + at);"),
  },
  {
    name: "constants of the module that nothing changes",
    make: () =>
      atTop(
        'const kinds = new Set(["shelf", "drawer"]);\nconst place = /^[a-z]+ \\d+$/;\nexport const isPlace = (text: string): boolean => kinds.has(text) || place.test(text);',
      ),
  },
  {
    name: "names that look like members",
    make: () =>
      inSetup("const constructorOf = { process: 1, Date: 2 };\n  void constructorOf.process;"),
  },
  {
    name: "an index that is computed",
    make: () => inSetup("const list = [1, 2];\n  void list[list.length - 1 + 0];"),
  },
  {
    name: "a table of reasonable size",
    make: () =>
      atTop(
        `export const table = [${Array.from({ length: 40 }, (_, at) => `"word ${at}"`).join(", ")}];`,
      ),
  },
  {
    name: "an emoji in the README",
    make: () =>
      changed({ "README.md": (text) => `${text}\n⚠️ Mind the gap — it is 2 × 3 „wide“.\n` }),
  },
  {
    name: "the id of a call",
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text.replace(
            "({ result }) => {",
            '({ result, call }) => {\n    if (call?.id === "") return;',
          ),
      }),
  },
  {
    name: "an option that is called pattern",
    make: () =>
      changed({
        "options.schema.json": (text) =>
          text.replace(
            '"limit": {',
            '"pattern": { "type": "string", "default": "x" },\n    "limit": {',
          ),
      }),
  },
  {
    name: "tools with a host that was granted",
    make: () => toolPackage("127.0.0.1:8080"),
    options: { allow: { net: ["127.0.0.1:8080"] } },
    short: true,
  },
];
