import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { McpEndpoint } from "@harnessx/core";
import type { JsonObject, Question, ToolContext, ToolResult } from "@harnessx/core/plugin";
import { textOf } from "@harnessx/core/plugin";
import { toolContext } from "@harnessx/core/testing";
import {
  openMcp,
  type McpReport,
  type McpServer,
  type OpenMcpOptions,
} from "@harnessx/adapter-mcp";

const here = dirname(fileURLToPath(import.meta.url));

/** A server that is a program. */
export type Program = Extract<McpEndpoint, { command: string }> & {
  readonly args: readonly string[];
};

/** A server of test/servers. */
export const own = (name: string, ...args: string[]): Program => ({
  command: process.execPath,
  args: [join(here, "servers", `${name}.mjs`), ...args],
});

const require = createRequire(import.meta.url);
const PACKAGES = {
  everything: () => require.resolve("@modelcontextprotocol/server-everything/package.json"),
  filesystem: () => require.resolve("@modelcontextprotocol/server-filesystem/package.json"),
  memory: () => require.resolve("@modelcontextprotocol/server-memory/package.json"),
  "sequential-thinking": () =>
    require.resolve("@modelcontextprotocol/server-sequential-thinking/package.json"),
};

/** A reference server from npm. */
export const reference = (name: keyof typeof PACKAGES, ...args: string[]): Program => ({
  command: process.execPath,
  args: [join(dirname(PACKAGES[name]()), "dist", "index.js"), ...args],
});

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "harnessx-mcp-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export interface Opened {
  readonly server: McpServer;
  readonly reports: McpReport[];
  call(tool: string, input?: JsonObject, context?: Partial<ToolContext>): Promise<ToolResult>;
}

/** Opens a server for one test. */
export async function open(
  endpoint: McpEndpoint,
  options: JsonObject = {},
  more: Partial<OpenMcpOptions> = {},
): Promise<Opened> {
  const reports: McpReport[] = [];
  const server = await openMcp(endpoint, {
    server: "s",
    root: more.root ?? (await folder()),
    options,
    onReport: (report) => reports.push(report),
    ...more,
  });
  onTestFinished(() => server.close());
  return {
    server,
    reports,
    call: (tool, input = {}, context = {}) => server.callTool(tool, input, toolContext(context)),
  };
}

export const shown = ({ content }: ToolResult): string => textOf(content);

/** A person who answers every question the same way, and what they were asked. */
export function person(action: "accept" | "decline" | "cancel", content?: JsonObject) {
  const asked: Question[] = [];
  return {
    asked,
    ask: (question: Question) => {
      asked.push(question);
      return Promise.resolve({ action, ...(content ? { content } : {}) });
    },
  };
}

/** Starts a program that prints where it listens. */
export async function listening(
  args: readonly string[],
  env: Record<string, string> = {},
  pattern = /https?:\/\/\S+/,
): Promise<{ readonly said: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  const said = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = pattern.exec(output);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(`it ended: ${output}`)));
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  onTestFinished(stop);
  return { said, stop };
}

/** A TCP proxy whose connections can be cut. */
export async function proxy(port: number) {
  const sockets = new Set<Socket>();
  let down = false;
  const server = createServer((client) => {
    client.on("error", () => undefined);
    if (down) return void client.resetAndDestroy();
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  /** Cuts all connections, and refuses new ones for a while. */
  const cut = (forMs = 0): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    down = forMs > 0;
    setTimeout(() => (down = false), forMs).unref();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cut };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
