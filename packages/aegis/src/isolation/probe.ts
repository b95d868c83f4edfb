import { HarnessXError, messageOf, type Run } from "@harnessx/core";
import { GUEST_CONTRACT } from "./contract.ts";
import { openModules } from "./sandbox.ts";
import {
  defaultIsolationLimits,
  type IsolationLimits,
  type ProbeCheck,
  type ProbeReport,
} from "./types.ts";

/** An attack as the body of a plugin's setup, and what must come of it. */
interface Canary {
  readonly attack: string;
  readonly head?: string;
  readonly body: string;
  readonly limits?: Partial<IsolationLimits>;
  /** The code of the error that must end it; without one it must end by itself. */
  readonly code?: string;
  /** What it must have logged. */
  readonly logs?: readonly string[];
}

const NOW = 1_234_567;

const CANARIES: readonly Canary[] = [
  {
    attack: "names of the host",
    body: `const names = ["process", "require", "module", "fetch", "WebAssembly", "setTimeout", "setImmediate",
        "performance", "console", "Buffer", "Worker", "std", "os"];
      const all = (0, eval)("this");
      const more = (() => {}).constructor("return globalThis")();
      const found = names.filter((name) => typeof all[name] !== "undefined" || typeof more[name] !== "undefined");
      run.log(found.join());`,
    logs: [""],
  },
  {
    attack: "import of a Node module",
    head: 'import "node:fs";',
    body: "",
    code: "HX_ISOLATION_LOAD_FAILED",
  },
  {
    attack: "later import of a Node module",
    body: `return import("node:child_process").then(() => run.log("in"), () => run.log("refused"));`,
    logs: ["refused"],
  },
  { attack: "endless loop", body: "for (;;);", code: "HX_ISOLATION_OUT_OF_FUEL" },
  {
    attack: "memory bomb",
    body: "const all = []; for (;;) all.push(new Uint8Array(1 << 20));",
    code: "HX_ISOLATION_OUT_OF_MEMORY",
  },
  {
    attack: "engine code without fuel",
    body: `"a".repeat(2e6).indexOf("a".repeat(1e6) + "b");`,
    limits: { deadlineMs: 300 },
    code: "HX_ISOLATION_OUT_OF_TIME",
  },
  {
    attack: "polluting data",
    body: `try { run.log("x", JSON.parse('{"__proto__": {"hx": 1}}')); } catch { run.log("refused"); }`,
    logs: ["refused"],
  },
  {
    attack: "clock and chance",
    body: `run.log(String(Date.now()) + " " + new Date().getTime() + " " + Math.random());`,
    logs: [`${NOW} ${NOW} 0.25`],
  },
];

/** Runs canary attacks against real sandboxes on this machine. Anything unforeseen counts as a breach. */
export async function probeWasm(): Promise<ProbeReport> {
  const checks = await Promise.all(CANARIES.map(check));
  return { tier: "wasm", ok: checks.every(({ held }) => held), checks };
}

async function check(canary: Canary): Promise<ProbeCheck> {
  const { attack, code, logs = [] } = canary;
  let ended = "nothing";
  const logged: string[] = [];
  try {
    await attackWith(canary, logged);
  } catch (thrown) {
    ended = HarnessXError.isInstance(thrown) ? thrown.code : `the error ${messageOf(thrown)}`;
  }
  const unharmed = !("hx" in {});
  const held = ended === (code ?? "nothing") && logged.join("|") === logs.join("|") && unharmed;
  return { attack, held, detail: `It ended with ${ended} and said "${logged.join("|")}".` };
}

async function attackWith({ head = "", body, limits }: Canary, logged: string[]): Promise<void> {
  const source = `${head}\nimport { defineProcessor } from "@harnessx/core/plugin";
    export default defineProcessor((run) => { ${body} });`;
  const files = new Map([
    ["@harnessx/core/plugin", GUEST_CONTRACT],
    ["index.js", source],
  ]);
  const plugin = await openModules(
    "canary",
    { entry: "index.js", files },
    {
      ...defaultIsolationLimits,
      ...limits,
    },
  );
  try {
    await plugin.setup(canaryRun(logged), {} as never);
  } finally {
    await plugin.dispose();
  }
}

/** As much of a run as canaries use. */
function canaryRun(logged: string[]): Run {
  const run: Partial<Run> = {
    id: "canary",
    task: { id: "canary", text: "" },
    clock: { now: () => NOW },
    random: () => 0.25,
    log: (message) => void logged.push(message),
    onDispose: () => undefined,
  };
  return run as Run;
}
