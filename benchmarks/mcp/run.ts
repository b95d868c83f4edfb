/**
 * What the MCP adapter costs: a call beside the SDK client's own, fifty servers at once, a result of 10 MB.
 *
 *   npm run build && node --expose-gc --import tsx benchmarks/mcp/run.ts [--out results.json]
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { openMcp } from "@harnessx/adapter-mcp";
import type { McpEndpoint } from "@harnessx/core";
import { toolContext } from "@harnessx/core/testing";

const adapter = createRequire(import.meta.url).resolve("@harnessx/adapter-mcp/package.json");
const ofAdapter = createRequire(adapter);
const everything = join(
  dirname(ofAdapter.resolve("@modelcontextprotocol/server-everything/package.json")),
  "dist",
  "index.js",
);
const own = (name: string, ...args: string[]): McpEndpoint => ({
  command: process.execPath,
  args: [join(dirname(adapter), "test", "servers", `${name}.mjs`), ...args],
});
const root = mkdtempSync(join(tmpdir(), "harnessx-mcp-bench-"));
const round = (value: number): number => Math.round(value * 1000) / 1000;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** As much of the SDK as is measured; it is the adapter's dependency, not ours. */
interface SdkClient {
  connect(transport: unknown): Promise<void>;
  callTool(call: { name: string; arguments: object }): Promise<unknown>;
  close(): Promise<void>;
}
type Made<Of> = new (...given: unknown[]) => Of;

const sdk = async <Of>(path: string, name: string): Promise<Made<Of>> => {
  const file = ofAdapter
    .resolve(`@modelcontextprotocol/sdk/client/${path}.js`)
    .replace("/cjs/", "/esm/");
  return ((await import(pathToFileURL(file).href)) as Record<string, Made<Of>>)[name]!;
};

async function sdkClient(endpoint: McpEndpoint): Promise<SdkClient> {
  const client = new (await sdk<SdkClient>("index", "Client"))({ name: "bench", version: "1" });
  const transport =
    "url" in endpoint
      ? new (await sdk("streamableHttp", "StreamableHTTPClientTransport"))(new URL(endpoint.url))
      : new (await sdk("stdio", "StdioClientTransport"))({ ...endpoint, stderr: "ignore" });
  await client.connect(transport);
  return client;
}

/** Rounds with new processes: which core a server lands on makes more of a difference than what is measured. */
const ROUNDS = 7;

async function besideSdk(endpoint: McpEndpoint, tool: string, calls: number) {
  const rounds: { sdk: number; adapter: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await oneRound(endpoint, tool, calls));
  const ratios = rounds.map(({ sdk, adapter }) => round(adapter / sdk));
  return {
    rounds: ROUNDS,
    "calls a round": calls,
    "SDK client, ms": round(median(rounds.map(({ sdk }) => sdk))),
    "adapter, ms": round(median(rounds.map(({ adapter }) => adapter))),
    "ratio of each round": ratios,
    ratio: median(ratios),
  };
}

/** Medians of calls by turns, so that whatever else the machine does meets both alike. */
async function oneRound(endpoint: McpEndpoint, tool: string, calls: number) {
  const ours = await openMcp(endpoint, { server: "bench", root, options: { protocol: "2025" } });
  const theirs = await sdkClient(endpoint);
  const ourTool = ours.tool(tool)!;
  const context = toolContext();
  const input = { message: "hello" };
  const own: number[] = [];
  const sdkOwn: number[] = [];
  const timed = async (call: () => Promise<unknown>, into: number[]): Promise<void> => {
    const began = performance.now();
    await call();
    into.push(performance.now() - began);
  };
  const one = () => timed(() => theirs.callTool({ name: tool, arguments: input }), sdkOwn);
  const other = () => timed(async () => ourTool.execute(input as never, context), own);
  for (let call = 0; call < calls + 100; call++) {
    // Each goes first every other time.
    for (const next of call % 2 === 0 ? [one, other] : [other, one]) await next();
    if (call === 99) own.length = sdkOwn.length = 0;
  }
  await Promise.all([ours.close(), theirs.close()]);
  return { sdk: median(sdkOwn), adapter: median(own) };
}

async function withHttp<Result>(use: (endpoint: McpEndpoint) => Promise<Result>): Promise<Result> {
  const port = "38917";
  const server = spawn(process.execPath, [everything, "streamableHttp"], {
    env: { ...process.env, PORT: port },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  while (
    !(await fetch(url).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((wake) => setTimeout(wake, 100));
  try {
    return await use({ url });
  } finally {
    server.kill();
  }
}

async function connectAll(servers: number) {
  const open = () =>
    openMcp(own("slow", "plain"), {
      server: "bench",
      root,
      options: { connectTimeoutMs: 120_000, protocol: "2025" },
    });
  const alone = performance.now();
  await (await open()).close();
  const one = performance.now() - alone;
  const began = performance.now();
  const opened = await Promise.all(Array.from({ length: servers }, open));
  const all = performance.now() - began;
  await Promise.all(opened.map((server) => server.close()));
  return {
    servers,
    "one, ms": round(one),
    "all at once, ms": round(all),
    "times one": round(all / one),
  };
}

/** Runs in a process of its own: growth of its largest resident size by one call. */
async function growth(maxTextBytes: number): Promise<void> {
  const server = await openMcp(own("huge"), { server: "bench", root, options: { maxTextBytes } });
  const context = toolContext();
  for (let warm = 0; warm < 20; warm++) await server.callTool("text", { bytes: 200_000 }, context);
  globalThis.gc?.();
  const before = process.resourceUsage().maxRSS;
  const { content } = await server.callTool("text", { bytes: 10_000_000 }, context);
  const after = process.resourceUsage().maxRSS;
  await server.close();
  process.stdout.write(
    JSON.stringify({
      kept: JSON.stringify(content).length,
      grownMb: round((after - before) / 1024),
    }),
  );
}

async function memory(maxTextBytes: number): Promise<unknown> {
  const args = [
    ...process.execArgv,
    fileURLToPath(import.meta.url),
    "--memory",
    String(maxTextBytes),
  ];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

try {
  const asked = process.argv.indexOf("--memory");
  if (asked > 0) {
    await growth(Number(process.argv[asked + 1]));
  } else {
    const stdio = { command: process.execPath, args: [everything, "stdio"] };
    const results = {
      machine: {
        node: process.version,
        cpu: cpus()[0]!.model,
        cpus: cpus().length,
        load: round(loadavg()[0]!),
      },
      "call of server-everything over stdio": await besideSdk(stdio, "echo", 400),
      "call of server-everything over HTTP": await withHttp((http) => besideSdk(http, "echo", 200)),
      "servers that connect": await connectAll(50),
      "result of 10 MB, as configured (cut at 4 MiB)": await memory(4 * 1024 * 1024),
      "result of 10 MB, whole": await memory(12 * 1024 * 1024),
    };
    const text = `${JSON.stringify(results, null, 2)}\n`;
    const out = process.argv.indexOf("--out");
    if (out > 0) writeFileSync(process.argv[out + 1]!, text);
    console.log(text);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
