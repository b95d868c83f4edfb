import { CANARY_NOW, runCanary, type Canary } from "./canary.ts";
import type { StartSandbox } from "./sandbox.ts";
import { defaultIsolationLimits, type IsolationLimits, type ProbeReport } from "./types.ts";

interface WasmCanary extends Canary {
  readonly limits?: Partial<IsolationLimits>;
}

const CANARIES: readonly WasmCanary[] = [
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
    codes: ["HX_ISOLATION_LOAD_FAILED"],
  },
  {
    attack: "later import of a Node module",
    body: `return import("node:child_process").then(() => run.log("in"), () => run.log("refused"));`,
    logs: ["refused"],
  },
  { attack: "endless loop", body: "for (;;);", codes: ["HX_ISOLATION_OUT_OF_FUEL"] },
  {
    attack: "memory bomb",
    body: "const all = []; for (;;) all.push(new Uint8Array(1 << 20));",
    codes: ["HX_ISOLATION_OUT_OF_MEMORY"],
  },
  {
    attack: "engine code without fuel",
    body: `"a".repeat(2e6).indexOf("a".repeat(1e6) + "b");`,
    limits: { deadlineMs: 300 },
    codes: ["HX_ISOLATION_OUT_OF_TIME"],
  },
  {
    attack: "polluting data",
    body: `try { run.log("x", JSON.parse('{"__proto__": {"hx": 1}}')); } catch { run.log("refused"); }`,
    logs: ["refused"],
  },
  {
    attack: "clock and chance",
    body: `run.log(String(Date.now()) + " " + new Date().getTime() + " " + Math.random());`,
    logs: [`${CANARY_NOW} ${CANARY_NOW} 0.25`],
  },
];

const reports = new Map<StartSandbox, Promise<ProbeReport>>();

/**
 * Runs canary attacks against real sandboxes on this machine, once in a process. Without `timed`,
 * nothing is asked that only a deadline could end.
 */
export function probeWasm(start: StartSandbox, timed: boolean): Promise<ProbeReport> {
  let report = reports.get(start);
  if (!report) reports.set(start, (report = probe(start, timed)));
  return report;
}

async function probe(start: StartSandbox, timed: boolean): Promise<ProbeReport> {
  const canaries = CANARIES.filter(({ limits }) => timed || limits?.deadlineMs === undefined);
  const checks = await Promise.all(
    canaries.map((canary) =>
      runCanary(canary, {
        tier: "wasm",
        start,
        limits: { ...defaultIsolationLimits, ...canary.limits },
      }),
    ),
  );
  return { tier: "wasm", ok: checks.every(({ held }) => held), checks };
}
