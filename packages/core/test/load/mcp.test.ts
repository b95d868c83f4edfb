import { describe, expect, test } from "vitest";
import {
  createAgent,
  emptyLock,
  loadHarness,
  scriptedModel,
  tool,
  withLockEntry,
  workspaceSlot,
  type ConnectMcp,
  type Tool,
} from "@harnessx/core";
import { processor } from "../run/support.ts";

const manifest = {
  name: "served",
  version: "1",
  tools: [{ id: "fs", mcp: { command: "server" }, options: { prefix: "fs" } }],
} as const;
const integrity = `sha256-${"a".repeat(64)}`;
const named = (name: string): Tool =>
  tool({
    name,
    description: "Says its own name and where it works.",
    inputSchema: { type: "object" },
    execute: (_input, { slots }) => `${name} ${slots.get(workspaceSlot)?.root ?? "nowhere"}`,
  });

/** A server whose tools are `list`. */
function server(list: { tools: readonly Tool[] }): { connect: ConnectMcp; log: string[] } {
  const log: string[] = [];
  return {
    log,
    connect: async ({ entry, endpoint, options, locked, onClose }) => {
      log.push(JSON.stringify({ entry, endpoint, options, locked: locked !== undefined }));
      onClose(() => void log.push("closed"));
      return {
        name: "files",
        version: "1.2.3",
        integrity,
        capabilities: {},
        tools: { list: () => list.tools },
      };
    },
  };
}

test("a server that nobody can connect to is refused", async () => {
  await expect(loadHarness(manifest, { lock: false })).rejects.toMatchObject({
    code: "HX_MCP_UNSUPPORTED",
  });
});

describe("a connected server", () => {
  test("gives its tools, its identity goes into the hash, and close reaches it once", async () => {
    const { connect, log } = server({ tools: [named("fs__read")] });
    const harness = await loadHarness(manifest, { lock: false, mcp: connect });
    expect(log).toEqual([
      JSON.stringify({
        entry: "fs",
        endpoint: { command: "server" },
        options: { prefix: "fs" },
        locked: false,
      }),
    ]);
    expect(harness.tools.map(({ name }) => name)).toEqual(["fs__read"]);
    expect(harness.canonical["resolved"]).toEqual({ fs: { version: "1.2.3", integrity } });
    const other: ConnectMcp = async (given) => ({
      ...(await connect(given)),
      integrity: `sha256-${"b".repeat(64)}`,
    });
    const changed = await loadHarness(manifest, { lock: false, mcp: other });
    expect(changed.hash).not.toBe(harness.hash);
    await harness.close();
    await harness.close();
    expect(log.filter((line) => line === "closed")).toHaveLength(1);
  });

  test("that changes its tools serves the new ones to later runs only", async () => {
    const list = { tools: [named("fs__read")] as readonly Tool[] };
    const { connect } = server(list);
    const harness = await loadHarness(manifest, { lock: false, mcp: connect });
    const seen: string[][] = [];
    const model = scriptedModel(({ tools, messages }) => {
      seen.push(tools.map(({ name }) => name));
      list.tools = [named("fs__write")];
      return messages.at(-1)!.role === "tool"
        ? { text: "Done." }
        : { calls: [{ name: tools[0]!.name, input: {} }] };
    });
    const agent = createAgent({ harness, models: { main: model } });
    await agent.run("go");
    await agent.run("go");
    expect(seen).toEqual([["fs__read"], ["fs__read"], ["fs__write"], ["fs__write"]]);
  });

  test("is checked against the lock when the lock has it", async () => {
    const { connect, log } = server({ tools: [named("fs__read")] });
    const entry = { use: "mcp", version: "1.2.3", integrity, capabilities: {}, decidedBy: "human" };
    const lock = withLockEntry(emptyLock, "fs", entry);
    const harness = await loadHarness(manifest, { lock, mcp: connect });
    expect(harness.toolGroups[0]).toMatchObject({ id: "fs", use: "mcp", package: "files" });
    await loadHarness(manifest, { lock: emptyLock, mcp: connect });
    const moved = withLockEntry(emptyLock, "fs", {
      ...entry,
      integrity: `sha256-${"c".repeat(64)}`,
    });
    log.length = 0;
    await expect(loadHarness(manifest, { lock: moved, mcp: connect })).rejects.toMatchObject({
      code: "HX_LOCK_MISMATCH",
    });
    expect(log.at(-1)).toBe("closed");
  });
});

test("when one source of tools fails, the others are closed", async () => {
  const { connect, log } = server({ tools: [named("fs__read")] });
  const broken: ConnectMcp = async (given) => {
    if (given.entry === "bad") throw new Error("refused");
    await new Promise((resolve) => setTimeout(resolve, 10));
    return connect(given);
  };
  const tools = [{ id: "bad", mcp: { command: "x" } }, ...manifest.tools];
  await expect(loadHarness({ ...manifest, tools }, { lock: false, mcp: broken })).rejects.toThrow(
    "refused",
  );
  expect(log.at(-1)).toBe("closed");
});

test("tools see what processors share", async () => {
  const provider = processor("place", ["taskStart"], (run) => {
    run.slots.provide(workspaceSlot, { root: "/work", mode: "shared" });
    run.hooks.taskStart.tap("nothing", () => undefined);
  });
  const { connect } = server({ tools: [named("fs__read")] });
  const harness = await loadHarness(
    { ...manifest, processors: [{ id: "place", use: "inline:place" }] },
    { lock: false, mcp: connect, inline: [provider] },
  );
  const model = scriptedModel([{ calls: [{ name: "fs__read", input: {} }] }, { text: "Done." }]);
  const { messages } = await createAgent({ harness, models: { main: model } }).run("go");
  expect(messages.at(2)!.content).toEqual([{ type: "text", text: "fs__read /work" }]);
});
