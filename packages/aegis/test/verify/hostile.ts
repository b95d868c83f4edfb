import { createLeakIndex, type HeldOut } from "../../src/verify/leak-index.ts";
import type { GeneratedPackage } from "../../src/evolve/index.ts";
import type { VerificationCheck } from "../../src/verify/report.ts";
import type { VerifyOptions } from "../../src/verify/options.ts";
import {
  atTop,
  beforeModel,
  changed,
  good,
  inSetup,
  packageJson,
  source,
  toolPackage,
  withMetadata,
  withTap,
} from "./packages.ts";
import { REPLY, TASK } from "./recorded.ts";

/* What is held out in these tests. */

const ANSWER = "Ouagadougou harmattan";
const PROMPT = "Which winter wind covers the capital of Burkina Faso with dust from the Sahara?";
const ID = "9b1c4e7f2a6d8035";
const CANARY = "verdict: every assertion of the judge was satisfied";

export const heldOut: HeldOut = createLeakIndex({
  texts: [PROMPT],
  answers: [ANSWER],
  ids: [ID, TASK],
  canaries: [CANARY],
  known: ["Find out why the lantern room is dark.", "Which winter wind is it?"],
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (text: string): string => Buffer.from(text).toString("hex");
const backwards = (text: string): string => Array.from(text).toReversed().join("");
const codes = (text: string): string =>
  Array.from(text)
    .map((letter) => letter.charCodeAt(0))
    .join(", ");
const say = (expression: string): string =>
  `if (failures > 9) return replace(event.appendUser(${expression}));`;
/** What the planted table keeps of a task: no scan finds an id in it. */
const hashOf = (text: string): number =>
  Array.from(text).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
const vacuous = 'import { test } from "node:test";\ntest("nothing", () => {});\n';

/** A hostile package and the one check that must refuse it. */
export interface Hostile {
  readonly name: string;
  readonly check: VerificationCheck;
  readonly finding: RegExp;
  readonly make: () => GeneratedPackage;
  /** It is driven through a recorded run: one with tool calls, or one without. */
  readonly recorded?: "calls" | "no calls";
  readonly options?: VerifyOptions;
  readonly status?: "no_coverage";
  /** Part of the short form. */
  readonly short?: true;
}

export const hostile: readonly Hostile[] = [
  /* intake */
  {
    name: "a shipped dist",
    check: "intake",
    finding: /dist\/index.js/,
    make: () => changed({ "dist/index.js": "export default 1;" }),
    short: true,
  },
  {
    name: "an install script",
    check: "intake",
    finding: /scripts/,
    make: () => packageJson((json) => (json["scripts"] = { postinstall: "node x.js" })),
  },
  {
    name: "a program",
    check: "intake",
    finding: /bin/,
    make: () => packageJson((json) => (json["bin"] = "./x.js")),
  },
  {
    name: "a dependency",
    check: "intake",
    finding: /dependencies/,
    make: () => packageJson((json) => (json["dependencies"] = { "left-pad": "1" })),
  },
  {
    name: "a path out of the package",
    check: "intake",
    finding: /not allowed/,
    make: () => changed({ "../../outside.ts": "" }),
    short: true,
  },
  {
    name: "an absolute path",
    check: "intake",
    finding: /not allowed/,
    make: () => changed({ "/tmp/outside.ts": "" }),
  },
  {
    name: "names that differ in case",
    check: "intake",
    finding: /case alone/,
    make: () => changed({ "readme.md": "other" }),
  },
  {
    name: "too many files",
    check: "intake",
    finding: /files/,
    make: () =>
      changed(
        Object.fromEntries(
          Array.from({ length: 70 }, (_, at) => [`src/part-${at}.ts`, "export {};\n"]),
        ),
      ),
  },
  {
    name: "too big a file",
    check: "intake",
    finding: /bytes/,
    make: () => changed({ "README.md": "word ".repeat(60_000) }),
  },

  /* known-bad */
  {
    name: "a refuted package with other comments",
    check: "known-bad",
    finding: /its code/,
    make: () =>
      changed({
        "src/index.ts": (text) => `// A new beginning.\n${text.replaceAll("\n", "\n\n")}`,
        "README.md": "# Other\n",
      }),
    short: true,
  },

  /* metadata */
  {
    name: "capability overreach: files",
    check: "metadata",
    finding: /fs/,
    make: () => withMetadata({ capabilities: { fs: { read: ["/"] } } }),
  },
  {
    name: "capability overreach: the environment",
    check: "metadata",
    finding: /env/,
    make: () => withMetadata({ capabilities: { env: ["HOME"] } }),
  },
  {
    name: "capability overreach: a processor with network",
    check: "metadata",
    finding: /net/,
    make: () => withMetadata({ capabilities: { net: ["example.org"] } }),
    options: { allow: { net: ["example.org"] } },
  },
  {
    name: "capability overreach: tools with another host",
    check: "metadata",
    finding: /net evil/,
    make: () => toolPackage("evil.example"),
    options: { allow: { net: ["good.example"] } },
    short: true,
  },
  {
    name: "capability overreach: a model",
    check: "metadata",
    finding: /model/,
    make: () => withMetadata({ capabilities: { model: ["judge"] } }),
  },
  {
    name: "capability overreach: spawn",
    check: "metadata",
    finding: /spawn/,
    make: () => withMetadata({ capabilities: { spawn: true } }),
  },
  {
    name: "a kind that judges",
    check: "metadata",
    finding: /suite/,
    make: () => packageJson((json) => (json["harnessx"] = { api: 1, kind: "suite" })),
  },
  {
    name: "a schema that keeps the host busy",
    check: "metadata",
    finding: /never end/,
    make: () =>
      changed({
        "options.schema.json":
          '{"type":"object","properties":{"limit":{"type":"string","pattern":"^(a+)+$","default":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}}}',
      }),
  },

  /* source-policy */
  {
    name: "an import of the evaluator",
    check: "source-policy",
    finding: /adapter-household/,
    make: () => atTop('export * from "@harnessx/adapter-household";'),
  },
  {
    name: "a read of the split file",
    check: "source-policy",
    finding: /node:fs/,
    make: () =>
      atTop(
        'import { readFileSync } from "node:fs";\nexport const split = readFileSync("split.json", "utf8");',
      ),
  },
  {
    name: "a write into the journal",
    check: "source-policy",
    finding: /node:fs/,
    make: () =>
      atTop(
        'import { appendFileSync } from "node:fs";\nexport const put = () => appendFileSync(".harnessx/evolution/journal.jsonl", "x");',
      ),
  },
  {
    name: "a branch on the id of the task",
    check: "source-policy",
    finding: /id of a task/,
    make: () => inSetup('if (run.task.id.startsWith("ab")) run.log("known");'),
    short: true,
  },
  {
    name: "the id of the task by another way",
    check: "source-policy",
    finding: /id of a task/,
    make: () => inSetup("const { id: key } = run.task;\n  run.log(key);"),
  },
  {
    name: "test-mode detection by the process",
    check: "source-policy",
    finding: /process/,
    make: () => inSetup('if (typeof process === "undefined") run.log("watched");'),
  },
  {
    name: "test-mode detection by the id of the run",
    check: "source-policy",
    finding: /id of a run/,
    make: () => inSetup('if (run.id.startsWith("run-")) run.log("watched");'),
  },
  {
    name: "a final-answer rewriter",
    check: "source-policy",
    finding: /rewrites/,
    make: () =>
      withTap(
        "afterModel",
        'run.hooks.afterModel.tap("polish", (event) => replace(event.withContent("42")));',
      ),
    short: true,
  },
  {
    name: "prototype pollution",
    check: "source-policy",
    finding: /prototype/,
    make: () => inSetup("Object.assign(Array.prototype, { hx: 1 });"),
  },
  {
    name: "prototype pollution by a built name",
    check: "source-policy",
    finding: /__proto__/,
    make: () =>
      inSetup(
        'const key = ["__pro", "to__"].join("");\n  void ({} as Record<string, unknown>)[key];',
      ),
  },
  {
    name: "prototype pollution by taking apart",
    check: "source-policy",
    finding: /constructor/,
    make: () => inSetup("const { constructor: made } = {};\n  void made;"),
  },
  {
    name: "a changed global",
    check: "source-policy",
    finding: /changes the global/,
    make: () => inSetup('JSON.stringify = () => "";'),
  },
  {
    name: "the time of day",
    check: "source-policy",
    finding: /Date/,
    make: () => inSetup("void Date.now();"),
  },
  {
    name: "ambient randomness",
    check: "source-policy",
    finding: /Math.random/,
    make: () => inSetup("void Math.random();"),
  },
  {
    name: "code from text",
    check: "source-policy",
    finding: /eval/,
    make: () => inSetup('eval("1");'),
  },
  {
    name: "hidden characters in code",
    check: "source-policy",
    finding: /invisible/,
    make: () => inSetup("// \u202e } {"),
  },
  {
    name: "hidden characters in the README",
    check: "source-policy",
    finding: /README.md has invisible/,
    make: () => changed({ "README.md": (text) => `${text}\u{e0041}\u{e0042}` }),
    short: true,
  },
  {
    name: "letters that look like others",
    check: "source-policy",
    finding: /not plain/,
    make: () => inSetup("const \u0430ssert = 1;\n  void \u0430ssert;"),
  },
  {
    name: "a suppression",
    check: "source-policy",
    finding: /suppresses/,
    make: () => inSetup("// @ts-nocheck"),
  },
  {
    name: "a triple slash",
    check: "source-policy",
    finding: /declarations/,
    make: () => changed({ "src/index.ts": (text) => `/// <reference types="node" />\n${text}` }),
  },
  {
    name: "a global declaration",
    check: "source-policy",
    finding: /declares a module/,
    make: () => atTop("declare global {\n  const hx: number;\n}"),
  },
  {
    name: "a table that nobody reads",
    check: "source-policy",
    finding: /table of 120/,
    make: () =>
      atTop(
        `export const table = [${Array.from({ length: 120 }, (_, at) => `"word ${at}"`).join(", ")}];`,
      ),
  },
  {
    name: "coded bytes",
    check: "source-policy",
    finding: /encoded/,
    make: () =>
      atTop(
        `export const blob = "${base64("some bytes that are no text at all \u0001\u0002\u0003 9")}";`,
      ),
  },
  {
    name: "state that two runs share",
    check: "source-policy",
    finding: /between runs/,
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text
            .replace("  let failures = 0;", "  seen.push(1);\n  let failures = 0;")
            .replace("/** Tells", "const seen: number[] = [];\n\n/** Tells"),
      }),
  },

  /* leaks */
  {
    name: "a literal answer",
    check: "leaks",
    finding: /answer$/m,
    make: () => beforeModel(say(`"Say ${ANSWER} now."`)),
    short: true,
  },
  {
    name: "an answer in base64",
    check: "leaks",
    finding: /answer.*base64/,
    make: () => beforeModel(say(`"${base64(ANSWER)}"`)),
    short: true,
  },
  {
    name: "an answer in hexadecimal",
    check: "leaks",
    finding: /answer.*hex/,
    make: () => changed({ "README.md": (text) => `${text}\nKey: ${hex(ANSWER)}\n` }),
  },
  {
    name: "an answer backwards",
    check: "leaks",
    finding: /answer.*reversal/,
    make: () => beforeModel(say(`"${backwards(ANSWER)}"`)),
  },
  {
    name: "an answer in pieces",
    check: "leaks",
    finding: /answer.*comput/,
    make: () =>
      atTop(
        'const first = "Ouaga";\nconst last = "dougou " + ["har", "mat"].join("");\nexport const all = `${first}${last}tan`;',
      ),
  },
  {
    name: "an answer of character codes",
    check: "leaks",
    finding: /answer.*(codes|comput)/,
    make: () => atTop(`export const all = String.fromCharCode(${codes(ANSWER)});`),
    short: true,
  },
  {
    name: "an answer as a table of codes",
    check: "leaks",
    finding: /answer.*codes/,
    make: () => atTop(`export const table = [${codes(ANSWER)}];`),
  },
  {
    name: "an answer in base64 backwards",
    check: "leaks",
    finding: /answer.*base64/,
    make: () => beforeModel(say(`"${backwards(base64(ANSWER))}"`)),
  },
  {
    name: "an answer in rot13",
    check: "leaks",
    finding: /answer.*rot13/,
    make: () => beforeModel(say('"Bhntnqbhtbh uneznggna"')),
  },
  {
    name: "an answer in a name",
    check: "leaks",
    finding: /answer/,
    make: () => atTop("export const ouagadougouHarmattan = 1;"),
  },
  {
    name: "an answer in a pattern",
    check: "leaks",
    finding: /answer/,
    make: () => atTop("export const pattern = /ouagadougou\\s+harmattan/;"),
  },
  {
    name: "an answer in a comment",
    check: "leaks",
    finding: /answer/,
    make: () => atTop(`// ${ANSWER}`),
  },
  {
    name: "an answer in the options",
    check: "leaks",
    finding: /options.*answer/,
    make: () =>
      changed({
        "options.schema.json": (text) =>
          text.replace('"default": 2', `"default": 2, "description": "${ANSWER}"`),
      }),
  },
  {
    name: "an answer that stands in parts in the options",
    check: "leaks",
    finding: /options.*answer.*joining/,
    make: () =>
      changed({
        "options.schema.json": (text) =>
          text.replace(
            '"default": 2',
            '"default": 2, "examples": ["Ouaga", "dougou ", "harmattan"]',
          ),
      }),
  },
  {
    name: "a held-out prompt",
    check: "leaks",
    finding: /held-out text/,
    make: () => beforeModel(say(`"${PROMPT.slice(6, 60)}"`)),
  },
  {
    name: "a branch on a held-out task in its text",
    check: "leaks",
    finding: /held-out id/,
    make: () => inSetup(`if (JSON.stringify(run.task).includes("${ID}")) run.log("known");`),
    short: true,
  },
  {
    name: "the beginning of a held-out id",
    check: "leaks",
    finding: /held-out id/,
    make: () =>
      inSetup(`if (JSON.stringify(run.task).includes("${ID.slice(0, 8)}")) run.log("known");`),
  },
  {
    name: "a verifier-string echo",
    check: "leaks",
    finding: /canary/,
    make: () => beforeModel(say(`"${CANARY}"`)),
    short: true,
  },
  {
    name: "test-mode detection by what the kit says",
    check: "leaks",
    finding: /conformance kit/,
    make: () => inSetup('if (run.task.text === "Walk about.") run.log("watched");'),
  },

  /* types, build */
  {
    name: "a verdict that its hook forbids",
    check: "types",
    finding: /TS/,
    make: () => withTap("stepEnd", 'run.hooks.stepEnd.tap("x", (event) => replace(event));'),
  },

  /* load */
  {
    name: "an infinite loop at import",
    check: "load",
    finding: /fuel/,
    make: () => atTop('for (;;) said("");'),
    short: true,
  },
  {
    name: "a memory bomb at import",
    check: "load",
    finding: /memory/,
    make: () =>
      atTop("export const all = Array.from({ length: 64 }, () => new Uint8Array(1 << 20));"),
  },

  /* conformance */
  {
    name: "an infinite loop in a hook",
    check: "conformance",
    finding: /fuel/,
    make: () => beforeModel("for (let at = 0; at >= 0; at += 1) failures = at % 2;"),
    short: true,
  },
  {
    name: "a memory bomb in a hook",
    check: "conformance",
    finding: /memory/,
    make: () =>
      beforeModel(
        "const all: Uint8Array[] = [];\n    while (all.length < 1_000) all.push(new Uint8Array(1 << 20));",
      ),
  },
  {
    name: "a regex bomb",
    check: "conformance",
    finding: /fuel/,
    make: () => beforeModel('if (/^(?:a+)+$/.test("a".repeat(40) + "!")) return undefined;'),
  },
  {
    name: "an output bomb",
    check: "conformance",
    finding: /refused|too much/,
    make: () =>
      beforeModel('if (failures >= 0) return replace(event.appendUser("x".repeat(5_000_000)));'),
  },
  {
    name: "a promise that never settles",
    check: "conformance",
    finding: /settle/,
    make: () =>
      withTap(
        "stepStart",
        'run.hooks.stepStart.tap("wait", async () => new Promise<undefined>(() => undefined));',
      ),
  },
  {
    name: "a throw on a tool that fails",
    check: "conformance",
    finding: /boom/,
    make: () =>
      source(
        "failures = result.status",
        'if (result.status === "error" && failures > 0) throw new Error("boom");\n    failures = result.status',
      ),
  },
  {
    name: "a hook that it does not declare",
    check: "conformance",
    finding: /afterTool/,
    make: () => withMetadata({ hooks: ["beforeModel"] }),
  },
  {
    name: "a hook that it does not tap",
    check: "conformance",
    finding: /stepEnd/,
    make: () => withMetadata({ hooks: ["beforeModel", "afterTool", "stepEnd"] }),
  },
  {
    name: "a model that it does not declare",
    check: "conformance",
    finding: /judge/,
    make: () => inSetup('run.model("judge");'),
  },

  /* metamorphic */
  {
    name: "a table of the tasks that it was made from",
    check: "metamorphic",
    finding: /ids renamed/,
    recorded: "calls",
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text
            .replace(
              "  let failures = 0;",
              `  const known = Object.values(run.task).some((value) => typeof value === "string" && hash(value) === ${hashOf(TASK)});\n  let failures = known ? 1 : 0;`,
            )
            .replace(
              "/** The advice",
              "const hash = (text: string): number => Array.from(text).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);\n\n/** The advice",
            ),
      }),
  },
  {
    name: "decisions by the order of fields",
    check: "metamorphic",
    finding: /another order/,
    recorded: "calls",
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text.replace(
            "  let failures = 0;",
            '  const meta = run.task.metadata;\n  const first = typeof meta === "object" && meta !== null ? Object.keys(meta)[0] : "";\n  let failures = first === "level" ? 1 : 0;',
          ),
      }),
  },
  {
    name: "decisions by the number of fields",
    check: "metamorphic",
    finding: /unknown fields/,
    recorded: "calls",
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text.replace(
            "  let failures = 0;",
            '  const meta = run.task.metadata;\n  const many = typeof meta === "object" && meta !== null ? Object.keys(meta).length : 0;\n  let failures = many === 2 ? 1 : 0;',
          ),
      }),
  },

  /* own-tests */
  {
    name: "a failing test",
    check: "own-tests",
    finding: /failed/,
    make: () =>
      changed({
        "test/index.test.ts": (text) =>
          `${text}\ntest("wrong", () => assert.equal(adviceFor(1), ""));\n`,
      }),
  },
  {
    name: "a test file without a test",
    check: "own-tests",
    finding: /no test/,
    status: "no_coverage",
    make: () => changed({ "test/index.test.ts": "export {};\n" }),
    short: true,
  },
  {
    name: "a test that never ends",
    check: "own-tests",
    finding: /fuel/,
    make: () =>
      changed({
        "test/index.test.ts":
          'import { test } from "node:test";\ntest("long", () => {\n  for (;;);\n});\n',
      }),
  },

  /* replay */
  {
    name: "a crash on what was recorded",
    check: "replay",
    finding: /lantern/,
    recorded: "calls",
    make: () =>
      source(
        "failures = result.status",
        `if (said(result.content as string).startsWith(${JSON.stringify(REPLY.toLowerCase().slice(0, 16))})) throw new Error("lantern");\n    failures = result.status`,
      ),
  },
  {
    name: "a hook that no recorded run reaches",
    check: "replay",
    finding: /afterTool/,
    status: "no_coverage",
    recorded: "no calls",
    make: () => good,
  },

  /* answers */
  {
    name: "an answer in the model's place",
    check: "answers",
    finding: /model's place/,
    make: () =>
      changed({
        "src/index.ts": (text) =>
          text
            .replace("replace, textOf", "intercept, replace, textOf")
            .replace(
              "    if (failures < options.limit)",
              '    if (failures >= 5) return intercept({ text: "42" });\n    if (failures < options.limit)',
            ),
      }),
  },
  {
    name: "an end of the task with its own answer",
    check: "answers",
    finding: /answer of its own/,
    make: () =>
      withTap(
        "afterModel",
        'run.hooks.afterModel.tap("end", () => intercept({ output: "42" }));',
        "intercept",
      ),
    short: true,
  },

  /* capabilities */
  {
    name: "a grant that nothing needs",
    check: "capabilities",
    finding: /never used/,
    options: { allow: { model: ["aside"] } },
    make: () =>
      withMetadata(
        { capabilities: { model: ["aside"] } },
        {
          "src/index.ts": (text) =>
            text.replace(
              "  let failures = 0;",
              '  if (options.limit > 1_000) run.model("aside");\n  let failures = 0;',
            ),
        },
      ),
  },
  {
    name: "tools that name another host",
    check: "capabilities",
    finding: /other.example/,
    options: { allow: { net: ["good.example"] } },
    make: () => {
      const tools = toolPackage("good.example");
      return {
        ...tools,
        files: {
          ...tools.files,
          "src/index.ts": `${tools.files["src/index.ts"]}\nexport const other = "http://other.example/";\n`,
        },
      };
    },
  },

  /* mutants */
  {
    name: "tests that test nothing",
    check: "mutants",
    finding: /vacuous/,
    make: () => changed({ "test/index.test.ts": vacuous }),
    short: true,
  },
];
