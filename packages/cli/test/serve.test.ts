import { once } from "node:events";
import { cp, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, test } from "vitest";
import { mcpServeCommand } from "../src/commands/mcp-serve.ts";
import type { Io } from "../src/io.ts";
import { Session } from "../src/session.ts";
import { fixture, hx, scratch, spawnHx } from "./run-hx.ts";

/** The fixtures' app: a harness with the tool echo, and a model that calls it twice, then talks. */
async function app(): Promise<string> {
  const dir = await scratch();
  for (const name of ["app", "chat-model", "echo-tools"])
    await cp(fixture(name), join(dir, name), { recursive: true });
  return join(dir, "app");
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const source = (path: string): string =>
  JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);

/** `hx mcp serve` as a process of its own. */
const program = `
import { mcpServeCommand } from ${source("commands/mcp-serve.ts")};
import { processIo } from ${source("io.ts")};
import { Session } from ${source("session.ts")};
const session = new Session(processIo());
await mcpServeCommand(session).parseAsync(process.argv.slice(1), { from: "user" });
await session.close();`;

describe("hx serve", () => {
  test("says in one line where it listens, answers, and ends with Ctrl-C", async () => {
    const dir = await app();
    const { child, outcome } = spawnHx(dir, ["serve", "--json", "--name", "mine"]);
    const [line] = (await once(child.stdout!, "data")) as [Buffer];
    const { baseURL, model, token, policy } = JSON.parse(String(line)) as Record<string, string>;
    expect({ model, policy }).toEqual({ model: "mine", policy: "scripted" });
    const ask = (authorization: string) =>
      fetch(`${baseURL}/chat/completions`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello." }] }),
      });
    expect((await ask("Bearer wrong")).status).toBe(401);
    expect(await (await ask(`Bearer ${token}`)).json()).toMatchObject({
      choices: [{ message: { content: "All is done now." } }],
      harnessx: { exit: "done", totals: { toolCalls: 2 } },
    });
    child.kill("SIGINT");
    const { exit, stdout } = await outcome;
    expect(exit).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(await readdir(join(dir, ".harnessx/traces"))).toHaveLength(1);
  });

  test("prints no token that the caller gave, and takes it from the environment", async () => {
    const dir = await app();
    let interrupt = (): void => undefined;
    const running = hx(dir, ["serve", "--json", "--token-env", "AGENT_TOKEN"], {
      env: { AGENT_TOKEN: "a-long-token" },
      onStart: (given) => (interrupt = given),
    });
    // Whoever is interrupted before it listens would not hear of it.
    const poll = setInterval(() => interrupt(), 20);
    const { exit, stdout } = await running.finally(() => clearInterval(poll));
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).not.toHaveProperty("token");
  });

  test.each([
    [["--token", "long-enough", "--token-env", "X"], 2, "exclude each other"],
    [["--token-env", "HX_UNSET"], 2, "HX_UNSET is not set"],
    [["--no-token", "--host", "0.0.0.0"], 3, "HX_SERVE_TOKEN_NEEDED"],
    [["--host", "0.0.0.0"], 3, "HX_SERVE_HOSTS_NEEDED"],
    [["--port", "many"], 2, "'many' is invalid"],
  ])("%j is refused", async (argv, exit, told) => {
    const outcome = await hx(await app(), ["serve", ...argv]);
    expect(outcome.exit).toBe(exit);
    expect(outcome.stderr).toContain(told);
  });
});

describe("hx mcp serve", () => {
  test("serves on standard streams, where nothing but the protocol is written", async () => {
    const dir = await app();
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [
        "--conditions=@harnessx/source",
        "--import",
        tsx,
        "--input-type=module",
        "--eval",
        program,
        "--",
        "--expose",
        "both",
      ],
      cwd: dir,
      stderr: "ignore",
    });
    const strays: Error[] = [];
    const client = new Client({ name: "test", version: "0" });
    client.onerror = (error) => void strays.push(error);
    await client.connect(transport);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["run_agent", "echo"]);
    const result = await client.callTool({ name: "run_agent", arguments: { task: "Hello." } });
    expect(result.structuredContent).toMatchObject({ output: "All is done now.", exit: "done" });
    expect(strays).toEqual([]);
    await client.close();
    expect(await readdir(join(dir, ".harnessx/traces"))).toHaveLength(1);
  });

  test("serves tools at an address without any model", async () => {
    const dir = await app();
    const listens: { give?: (line: string) => void } = {};
    const line = new Promise<string>((resolve) => (listens.give = resolve));
    let interrupt = (): void => undefined;
    const io: Io = {
      stdout: { write: (text) => listens.give?.(text) },
      stderr: { write: () => true },
      env: {},
      cwd: dir,
      interactive: false,
      ask: () => Promise.resolve(""),
      lines: () => ({ read: () => Promise.resolve(undefined), close: () => undefined }),
      onInterrupt: (callback) => {
        interrupt = callback;
        return () => undefined;
      },
    };
    const session = new Session(io);
    const argv = ["--http", "--expose", "tools", "--json", "--harness", "harness.json"];
    const running = mcpServeCommand(session).parseAsync(argv, { from: "user" });
    const { url, token } = JSON.parse(await line) as { url: string; token: string };
    const client = new Client({ name: "test", version: "0" });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    const { content } = await client.callTool({ name: "echo", arguments: { text: "hi" } });
    expect(JSON.stringify(content)).toContain("hi");
    await client.close();
    interrupt();
    await running;
    await session.close();
    expect(session.exit).toBe(0);
  });
});
