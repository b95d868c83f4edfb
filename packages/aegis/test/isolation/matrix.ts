import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { url as inspectorUrl } from "node:inspector";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createProcessIsolation,
  createTrustedIsolation,
  createWasmIsolation,
  type Isolation,
} from "../../src/isolation/index.ts";
import { attack, type Recording } from "./world.ts";

/** Whether bubblewrap can make a namespace here; where it can, nothing of the tier may be skipped. */
export const canWall = ((): boolean => {
  try {
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const program = "bwrap";
    execFileSync(program, ["--unshare-all", "--ro-bind", "/", "/", "true"], {
      stdio: "ignore",
      cwd: "/",
      ...identity,
    });
    return true;
  } catch {
    return false;
  }
})();

/** What a breach would leave on the host. */
interface Siege {
  readonly folder: string;
  readonly secretFile: string;
  readonly secret: string;
  readonly port: number;
  readonly socket: string;
}

type Tier = "wasm" | "process";

interface Attack {
  readonly name: string;
  readonly body: (siege: Siege) => string;
  /** In the short form too. */
  readonly short?: true;
  readonly only?: Tier;
  /** Runs in a hook; otherwise in setup, where it may wait. */
  readonly inHook?: true;
  /** Ends a loop by time where there is no fuel. */
  readonly loops?: true;
  /** Codes of the errors that may end the run, by tier; anything when absent. */
  readonly ends?: Readonly<Record<Tier, readonly (string | undefined)[]>>;
}

/** Tries twelve ways to a module of Node. */
const ACQUIRE = String.raw`
const ways = (run) => [
  (name) => import("node:" + name),
  (name) => import(name),
  (name) => globalThis.process.getBuiltinModule(name),
  (name) => require(name),
  (name) => globalThis.process.mainModule.require(name),
  (name) => (0, eval)("require")(name),
  (name) => (() => {}).constructor("return process")().getBuiltinModule(name),
  (name) => (async () => {}).constructor("return import('node:" + name + "')")(),
  (name) => run.log.constructor("return process")().getBuiltinModule(name),
  (name) => run.hooks.beforeTool.tap.constructor("return this")().process.getBuiltinModule(name),
  (name) => {
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getThis());
    const found = [].concat(new Error().stack);
    Error.prepareStackTrace = undefined;
    return found.find((it) => it?.process).process.getBuiltinModule(name);
  },
  (name) => {
    try { (function f() { f(); })(); }
    catch (error) { return error.constructor.constructor("return process")().getBuiltinModule(name); }
  },
];
const acquire = async (run, name) => {
  for (const way of ways(run)) {
    try {
      const got = await way(name);
      if (got) return got.default ?? got;
    } catch {}
  }
  throw new Error("nothing");
};
const attempt = async (run, work) => {
  try { run.log("got " + JSON.stringify(await work())); } catch (error) { run.log("failed " + error?.message); }
};
`;

const fuel = { wasm: ["HX_ISOLATION_OUT_OF_FUEL"], process: ["HX_ISOLATION_OUT_OF_TIME"] };
const threw = { wasm: ["HX_PROCESSOR_THREW"], process: ["HX_PROCESSOR_THREW"] };
const memory = {
  wasm: ["HX_ISOLATION_OUT_OF_MEMORY"],
  process: ["HX_ISOLATION_OUT_OF_MEMORY", "HX_PROCESSOR_THREW"],
};
const refused = { wasm: ["HX_ISOLATION_BAD_DATA"], process: ["HX_ISOLATION_BAD_DATA"] };
const none = { wasm: [undefined], process: [undefined] };

/** The attacks of the threat model. Whether one worked is judged by what the host holds. */
export const attacks: readonly Attack[] = [
  {
    name: "reads files of the host",
    short: true,
    body: ({ secretFile }) => `const fs = await acquire(run, "fs").catch(() => undefined);
      for (const file of [${JSON.stringify(secretFile)}, "/etc/passwd", "/etc/hostname", "/proc/1/environ",
        "/proc/self/environ", "/proc/self/cmdline", "/proc/self/root/etc/passwd", "../../../../etc/passwd", "/dev/mem"])
        await attempt(run, () => fs.readFileSync(file, "utf8"));`,
    ends: none,
  },
  {
    name: "reads the environment",
    body: () => `await attempt(run, () => process.env);
      const os = await acquire(run, "os").catch(() => undefined);
      await attempt(run, () => [os.userInfo(), os.hostname(), os.networkInterfaces()]);`,
    ends: none,
  },
  {
    name: "opens databases and reports",
    only: "process",
    body: ({ folder, secretFile }) => `
      await attempt(run, async () => {
        const { DatabaseSync } = await import("node:sqlite");
        return new DatabaseSync(${JSON.stringify(`${folder}/marker.db`)}).exec("create table a (b)");
      });
      await attempt(run, () => process.report.writeReport(${JSON.stringify(`${folder}/marker.json`)}));
      await attempt(run, async () => (await import("node:v8")).writeHeapSnapshot(${JSON.stringify(`${folder}/marker.heap`)}));
      await attempt(run, async () => (await import("node:trace_events")).createTracing({ categories: ["v8"] }).enable());
      await attempt(run, () => process.loadEnvFile(${JSON.stringify(secretFile)}));`,
  },
  {
    name: "writes files",
    body: ({ folder }) => `const fs = await acquire(run, "fs").catch(() => undefined);
      for (const place of [${JSON.stringify(folder)}, "/tmp", "/app", "/", "/dev/shm", "."])
        await attempt(run, () => { fs.writeFileSync(place + "/marker", "x"); return "wrote"; });`,
    ends: none,
  },
  {
    name: "opens connections",
    short: true,
    body: ({ port }) => `const net = await acquire(run, "net").catch(() => undefined);
      await attempt(run, () => new Promise((resolve, reject) =>
        net.connect({ host: "127.0.0.1", port: ${port} }).on("connect", () => resolve("in")).on("error", reject)));
      await attempt(run, () => fetch("http://127.0.0.1:${port}/"));
      const dgram = await acquire(run, "dgram").catch(() => undefined);
      await attempt(run, () => { dgram.createSocket("udp4").send("x", ${port}, "127.0.0.1"); });`,
  },
  {
    name: "opens unix sockets",
    body: ({ socket }) => `const net = await acquire(run, "net").catch(() => undefined);
      await attempt(run, () => new Promise((resolve, reject) =>
        net.connect({ path: ${JSON.stringify(socket)} }).on("connect", () => resolve("in")).on("error", reject)));`,
    ends: none,
  },
  {
    name: "starts programs",
    short: true,
    body: ({ folder }) => `const child = await acquire(run, "child_process").catch(() => undefined);
      const marker = ${JSON.stringify(`${folder}/marker`)};
      for (const [program, ...args] of [["/bin/sh", "-c", "touch " + marker], ["/usr/bin/touch", marker],
        ["/node", "-e", "1"], ["touch", marker]])
        await attempt(run, () => { const { error, status } = child.spawnSync(program, args); if (error) throw error; return status; });
      await attempt(run, () => process.execve("/node", ["/node", "-e", "1"]));`,
  },
  {
    name: "starts 150 processes and threads",
    body: ({ folder }) => `const child = await acquire(run, "child_process").catch(() => undefined);
      for (let n = 0; n < 150; n += 1) {
        try { child.spawn("/bin/sh", ["-c", "touch ${folder}/marker" + n]).on("error", () => {}); } catch {}
      }
      const threads = await acquire(run, "worker_threads").catch(() => undefined);
      await attempt(run, () => { new threads.Worker("for (;;);", { eval: true }); });`,
  },
  {
    name: "kills or debugs the host",
    short: true,
    body: () => `for (const target of [${process.pid}, ${process.ppid}, 1, -1])
        for (const signal of ["SIGUSR1", "SIGTERM", "SIGKILL"])
          await attempt(run, () => process.kill(target, signal));`,
  },
  {
    name: "ends its process",
    only: "process",
    body: () => "process.exit(0);",
    ends: { wasm: [], process: ["HX_ISOLATION_STOPPED"] },
  },
  {
    name: "aborts its process",
    only: "process",
    body: () => "process.abort();",
    ends: { wasm: [], process: ["HX_ISOLATION_OUT_OF_MEMORY"] },
  },
  { name: "a loop", short: true, loops: true, inHook: true, body: () => "for (;;);", ends: fuel },
  {
    name: "a loop of microtasks",
    loops: true,
    inHook: true,
    body: () =>
      "const f = () => { Promise.resolve().then(f); }; f(); return new Promise(() => {});",
    ends: fuel,
  },
  {
    name: "a loop in a getter",
    loops: true,
    inHook: true,
    body: () => `return { verdict: "abort", get reason() { for (;;); } };`,
    ends: fuel,
  },
  {
    name: "a loop that catches",
    loops: true,
    inHook: true,
    body: () => "for (;;) { try { for (;;); } catch {} }",
    ends: fuel,
  },
  {
    name: "a regular expression",
    loops: true,
    inHook: true,
    body: () => "/(a+)+$/.test('a'.repeat(60) + 'b');",
    ends: fuel,
  },
  {
    name: "a heap bomb",
    short: true,
    inHook: true,
    body: () => "const a = []; for (;;) a.push({ a });",
    ends: memory,
  },
  {
    name: "a buffer bomb",
    inHook: true,
    body: () => "const a = []; for (;;) a.push(new Uint8Array(1 << 22).fill(1));",
    ends: memory,
  },
  {
    name: "a text bomb",
    inHook: true,
    body: () => "let a = 'x'; for (;;) a += a;",
    ends: threw,
  },
  {
    name: "deep recursion",
    inHook: true,
    body: () => "(function f() { f(); })();",
    ends: threw,
  },
  {
    name: "a long answer",
    short: true,
    inHook: true,
    body: () => `return abort("x".repeat(1 << 21));`,
    ends: refused,
  },
  {
    name: "an answer longer than a line",
    inHook: true,
    body: () => `return abort("x".repeat(1 << 23));`,
    ends: refused,
  },
  {
    name: "a flood of output",
    short: true,
    only: "process",
    body: () => `const { writeSync } = await import("node:fs");
      const much = Buffer.alloc(1 << 16, 120); for (let n = 0; n < 8000; n += 1) writeSync(1, much);`,
    ends: { wasm: [], process: ["HX_ISOLATION_BAD_DATA"] },
  },
  {
    name: "forged answers",
    only: "process",
    body: () => `const { writeSync } = await import("node:fs");
      for (const kind of ["result", "host", "later"])
        writeSync(1, JSON.stringify({ id: "0".repeat(24), kind, result: '{"ok":null}', text: "{}" }) + "\\n");
      await new Promise(() => {});`,
    ends: { wasm: [], process: ["HX_ISOLATION_BAD_DATA"] },
  },
  {
    name: "a flood of requests",
    inHook: true,
    body: () => "for (let i = 0; i < 5000; i += 1) run.log('x');",
    ends: threw,
  },
  {
    name: "__proto__ in an edit",
    short: true,
    inHook: true,
    body: () => `return replace(event.withInput(JSON.parse('{"__proto__": {"polluted": 1}}')));`,
    ends: refused,
  },
  {
    name: "tampered built-ins",
    short: true,
    inHook: true,
    body: () => `
      JSON.stringify = () => '{"ok":{"verdict":"abort","reason":"forged"}}';
      JSON.parse = () => { throw new Error("mine"); };
      Array.prototype.push = Array.prototype[Symbol.iterator] = () => { throw new Error("mine"); };
      Object.prototype.polluted = 1;
      Promise.prototype.then = () => { throw new Error("mine"); };
      return undefined;`,
    // In a process Node's own code is in the same realm and may stumble: that ends the process.
    ends: {
      wasm: [undefined],
      process: [undefined, "HX_ISOLATION_STOPPED", "HX_ISOLATION_OUT_OF_TIME"],
    },
  },
  {
    name: "a promise without end",
    inHook: true,
    only: "wasm",
    body: () => "return new Promise(() => {});",
    ends: { wasm: ["HX_ISOLATION_STUCK"], process: [] },
  },
];

/** The ways of running code whose walls are attacked. */
export const walls: readonly {
  readonly name: string;
  readonly tier: Tier;
  readonly skip: boolean;
  make(deadlineMs: number): Isolation;
}[] = [
  {
    name: "wasm, in a thread",
    tier: "wasm",
    skip: false,
    make: (deadlineMs) => createWasmIsolation({ fuel: 300, deadlineMs }),
  },
  {
    name: "wasm, inline",
    tier: "wasm",
    skip: false,
    make: () => createWasmIsolation({ fuel: 300, placement: "inline" }),
  },
  {
    name: canWall ? "process" : "process (skipped: bubblewrap cannot run here)",
    tier: "process",
    skip: !canWall,
    make: (deadlineMs) => createProcessIsolation({ deadlineMs }),
  },
];

const SECRET = "HX_TEST_CANARY_e1b2";

/** Registers the attacks as tests; with `control`, also that without a wall they leave their evidence. */
export function testAttacks(chosen: readonly Attack[], control = false): void {
  let siege: Siege;
  let connections = 0;
  const servers: Server[] = [];
  const listen = (at: object): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      servers.push(server.listen(at, () => resolve(server)));
    });
  beforeAll(async () => {
    // A folder that any identity may enter, so that only the wall keeps attacks out.
    const folder = await mkdtemp(join(tmpdir(), "harnessx-siege-"));
    await mkdir(join(folder, "open"), { mode: 0o777 });
    execFileSync("chmod", ["0777", folder, join(folder, "open")]);
    const secretFile = join(folder, "secret");
    await writeFile(secretFile, SECRET, { mode: 0o644 });
    process.env[SECRET] = SECRET;
    const socket = join(folder, "socket");
    const tcp = await listen({ host: "127.0.0.1", port: 0 });
    await listen({ path: socket });
    const { port } = tcp.address() as { readonly port: number };
    siege = { folder, secretFile, secret: SECRET, port, socket };
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    delete process.env[SECRET];
    await rm(siege.folder, { recursive: true, force: true });
  });

  const natives = [Object.prototype, Array.prototype, Function.prototype, Promise.prototype].map(
    (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
  );
  const expectUnharmed = async ({ events }: Recording): Promise<void> => {
    expect(connections).toBe(0);
    expect((await readdir(siege.folder)).sort()).toEqual(["open", "secret", "socket"]);
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(JSON.stringify(events)).not.toContain("root:x:");
    expect(inspectorUrl()).toBeUndefined();
    for (const [prototype, keys] of natives) expect(Reflect.ownKeys(prototype).length).toBe(keys);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  };

  const bodyOf = (name: string): string => attacks.find((one) => one.name === name)!.body(siege);
  it.runIf(control)("the evidence shows what an open tier lets through", async () => {
    const open = createTrustedIsolation();
    const names = ["reads files of the host", "writes files", "opens unix sockets"];
    const code = names.map((name) => `await (async () => { ${bodyOf(name)} })();`).join("\n");
    const { events } = await attack(open, `return (async () => { ${code} })();`, { head: ACQUIRE });
    expect(JSON.stringify(events)).toContain(SECRET);
    expect(await readdir(siege.folder)).toContain("marker");
    expect(connections).toBe(1);
    for (const place of [siege.folder, "/tmp", "/app", "/", "/dev/shm", "."])
      await rm(join(place, "marker"), { force: true });
    connections = 0;
  });

  describe.each(walls)("$name", ({ tier, skip, make }) => {
    const patient = make(20_000);
    const quick = make(700);
    afterAll(() => Promise.all([patient.dispose(), quick.dispose()]));
    const mine = chosen.filter(({ only }) => only === undefined || only === tier);

    it.skipIf(skip).each(mine)("$name", async ({ body, inHook, loops, ends }) => {
      const code = body(siege);
      const before = process.memoryUsage().rss;
      const recorded = await attack(
        loops && tier === "process" ? quick : patient,
        inHook
          ? `run.hooks.beforeTool.tap("attack", (event) => { ${code} });`
          : `return (async () => { ${code} })();`,
        { head: ACQUIRE, hooks: ["beforeTool"], idle: !inHook },
      );
      await expectUnharmed(recorded);
      if (ends) expect(ends[tier]).toContain(recorded.result.error?.code);
      expect(process.memoryUsage().rss - before).toBeLessThan(600 * 2 ** 20);
    });
  });
}
