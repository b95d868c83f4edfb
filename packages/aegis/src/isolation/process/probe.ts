import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "@harnessx/core";
import { runCanary, type Canary } from "../canary.ts";
import { defaultIsolationLimits, type ProbeCheck, type ProbeReport } from "../types.ts";
import { startProcesses } from "./start.ts";

/** What a breach would leave on the host: each attack is told of one of these. */
interface Bait {
  readonly secretFile: string;
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
  readonly pid: number;
}

const failing = (work: string): string =>
  `try { ${work} run.log("in"); } catch { run.log("refused"); }`;

const attacks = (bait: Bait): readonly Canary[] => [
  {
    attack: "files of the host",
    head: 'import { readFileSync } from "node:fs";',
    body: failing(`readFileSync(${JSON.stringify(bait.secretFile)});`),
    logs: ["refused"],
  },
  {
    attack: "environment and procfs",
    head: 'import { readFileSync, readdirSync } from "node:fs";',
    body: `run.log(Object.keys(process.env).filter((name) => name !== "PWD").join());
      ${failing('readFileSync("/proc/self/environ");')} ${failing('readdirSync("/proc");')}`,
    logs: ["", "refused", "refused"],
  },
  {
    attack: "writing files",
    head: 'import { writeFileSync } from "node:fs";',
    body: [bait.folder, "/tmp", "/app", "/"]
      .map((folder) => failing(`writeFileSync(${JSON.stringify(`${folder}/marker`)}, "x");`))
      .join("\n"),
    logs: ["refused", "refused", "refused", "refused"],
  },
  ...[`{ host: "127.0.0.1", port: ${bait.port} }`, JSON.stringify({ path: bait.socket })].map(
    (target, index): Canary => ({
      attack: index === 0 ? "network" : "unix socket",
      head: 'import { connect } from "node:net";',
      body: `await new Promise((resolve) => {
        const say = (what) => { run.log(what); resolve(); };
        try { connect(${target}).on("connect", () => say("in")).on("error", () => say("refused")); }
        catch { say("refused"); }
      });`,
      logs: ["refused"],
    }),
  ),
  {
    attack: "starting programs",
    head: 'import { spawnSync } from "node:child_process";',
    body: ["/bin/sh", "/node"]
      .map((program) =>
        failing(`const { error } = spawnSync("${program}", ["-c", "1"]); if (error) throw error;`),
      )
      .join("\n"),
    logs: ["refused", "refused"],
  },
  {
    attack: "signals to the host",
    body: failing(`process.kill(${bait.pid}, 0);`),
    logs: ["refused"],
  },
  { attack: "endless loop", body: "for (;;);", codes: ["HX_ISOLATION_OUT_OF_TIME"] },
  {
    attack: "heap bomb",
    body: "const all = []; for (;;) all.push({ all: [1, 2, 3] });",
    codes: ["HX_ISOLATION_OUT_OF_MEMORY"],
  },
  {
    attack: "buffer bomb",
    body: "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));",
    codes: ["HX_ISOLATION_OUT_OF_MEMORY", "the error Array buffer allocation failed"],
  },
  {
    attack: "output flood",
    head: 'import { writeSync } from "node:fs";',
    body: 'const much = "x".repeat(1 << 16); for (;;) writeSync(1, much);',
    codes: ["HX_ISOLATION_BAD_DATA"],
  },
  {
    attack: "forged answers",
    head: 'import { writeSync } from "node:fs";',
    body: `writeSync(1, JSON.stringify({ id: "1", kind: "result", result: "{}" }) + "\\n"); for (;;);`,
    codes: ["HX_ISOLATION_BAD_DATA"],
  },
  {
    attack: "polluting data",
    body: failing(`run.log("x", JSON.parse('{"__proto__": {"hx": 1}}'));`),
    logs: ["refused"],
  },
];

let report: Promise<ProbeReport> | undefined;

/** Runs canary attacks against real walled processes on this machine, once in a process. */
export const probeProcess = (): Promise<ProbeReport> => (report ??= probe());

async function probe(): Promise<ProbeReport> {
  const folder = await mkdtemp(join(tmpdir(), "harnessx-bait-"));
  let connections = 0;
  const listen = (at: object): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      server.once("error", reject).listen(at, () => resolve(server));
    });
  const socket = join(folder, "socket");
  const secretFile = join(folder, "secret");
  const servers: Server[] = [];
  try {
    await writeFile(secretFile, "a secret of the host", { mode: 0o644 });
    servers.push(await listen({ host: "127.0.0.1", port: 0 }), await listen({ path: socket }));
    const { port } = servers[0]!.address() as { readonly port: number };
    const bait: Bait = { secretFile, folder, port, socket, pid: process.pid };
    const limits = { ...defaultIsolationLimits, deadlineMs: 10_000 };
    const checkOf = (canary: Canary): Promise<ProbeCheck> => {
      const late = canary.attack === "endless loop";
      const own = late ? { ...limits, deadlineMs: 300 } : limits;
      return runCanary(canary, { tier: "process", start: startProcesses, limits: own });
    };
    const [first, ...others] = attacks(bait);
    const checks = [await checkOf(first!)];
    // Without the wall itself the other attacks fail for the same reason.
    if (checks[0]!.held) checks.push(...(await Promise.all(others.map(checkOf))));
    const left = (await readdir(folder)).sort().join();
    checks.push({
      attack: "traces on the host",
      held: connections === 0 && left === "secret,socket",
      detail: `There were ${connections} connections and the files ${left}.`,
    });
    return { tier: "process", ok: checks.every(({ held }) => held), checks };
  } catch (thrown) {
    const failed = { attack: "none", held: false, detail: messageOf(thrown) };
    return { tier: "process", ok: false, checks: [failed] };
  } finally {
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
