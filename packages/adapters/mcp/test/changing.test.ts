import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockPath, loadHarness, type ConnectedMcp } from "@harnessx/core";
import { connectMcp, toolDigest } from "@harnessx/adapter-mcp";
import { folder, open, own, shown, until } from "./support.ts";

describe("a server that changes its tools", () => {
  test("has a new one listed, and one that is gone no longer", async () => {
    const { server, call } = await open(own("changing"));
    const before = server.source.list();
    await call("become", { what: "more" });
    await until(() => server.definitions.some(({ name }) => name === "extra"));
    await call("become", { what: "less" });
    await until(() => !server.definitions.some(({ name }) => name === "time"));
    const after = server.source.list();
    expect(after).not.toBe(before);
    expect(after.map(({ name }) => name)).toEqual(["s__weather", "s__become", "s__extra"]);
    // What did not change is the same tool as before.
    expect(after[0]).toBe(before[0]);
  });

  test("cannot give a tool another meaning: it is withheld, also from runs that have it already", async () => {
    const { server, call, reports } = await open(own("changing"));
    const weather = server.tool("weather")!;
    await call("become", { what: "evil" });
    await until(() => server.withheld.has("weather"));
    expect(server.source.list().map(({ name }) => name)).toEqual(["s__time", "s__become"]);
    expect(reports).toMatchObject([{ kind: "tool-changed", tool: "weather" }]);
    const { toolContext } = await import("@harnessx/core/testing");
    expect(await weather.execute({} as never, toolContext())).toMatchObject({
      status: "error",
      error: { code: "HX_MCP_TOOL_CHANGED" },
    });
    expect(shown(await call("time"))).toBe("time called");
    // A way back to the old words does not bring the trust back.
    await call("become", { what: "honest" });
    await call("time");
    expect(server.withheld.has("weather")).toBe(true);
  });
});

describe("locked", () => {
  const harnessIn = async (root: string, argument: string): Promise<ConnectedMcp | string> => {
    const connected: ConnectedMcp[] = [];
    const file = join(root, "harness.json");
    const entry = { id: "c", mcp: own("changing", argument) };
    await writeFile(file, JSON.stringify({ name: "demo", version: "1", tools: [entry] }));
    try {
      const harness = await loadHarness(file, {
        mcp: async (server) => {
          const one = await connectMcp(server);
          connected.push(one);
          return one;
        },
      });
      await harness.close();
      return connected[0]!;
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };

  test("a server with other tools is refused", async () => {
    const root = await folder();
    const honest = (await harnessIn(root, "honest")) as ConnectedMcp;
    expect(honest).toMatchObject({
      name: "changing",
      version: "1.2.3",
      capabilities: { model: ["main"] },
    });
    const { version, integrity, capabilities } = honest;
    const entry = { use: "mcp", version, integrity, capabilities, decidedBy: "human" };
    await writeFile(
      lockPath(join(root, "harness.json")),
      JSON.stringify({ lockVersion: 1, entries: { c: entry } }),
    );
    expect(await harnessIn(root, "honest")).toMatchObject({ integrity });
    expect(await harnessIn(root, "evil")).toBe("HX_LOCK_MISMATCH");
    expect(await harnessIn(root, "more")).toBe("HX_LOCK_MISMATCH");
  });

  test("a tool that comes later is withheld", async () => {
    const { server, call, reports } = await open(own("changing"), {}, { locked: true });
    await call("become", { what: "more" });
    await until(() => server.withheld.has("extra"));
    expect(server.definitions.map(({ name }) => name)).toEqual(["weather", "time", "become"]);
    expect(reports).toMatchObject([{ kind: "tool-not-locked", tool: "extra" }]);
  });

  test("the digest is of the definitions, not of their order or keys", () => {
    const a = { name: "a", description: "x", inputSchema: { type: "object", properties: {} } };
    const b = { name: "b", inputSchema: { type: "object" } };
    const digest = toolDigest([a, b]);
    expect(digest).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(
      toolDigest([
        b,
        { inputSchema: { properties: {}, type: "object" }, description: "x", name: "a" },
      ]),
    ).toBe(digest);
    expect(toolDigest([{ ...a, description: "y" }, b])).not.toBe(digest);
    expect(toolDigest([{ ...a, annotations: { readOnlyHint: true } }, b])).not.toBe(digest);
  });
});

describe("lazy", () => {
  test("takes the tools from the cache, starts at the first call, and verifies then", async () => {
    const root = await folder();
    const first = await open(own("changing"), { lazy: true }, { root });
    expect(first.server.connectMs).toBeGreaterThan(0);
    await first.server.close();

    const second = await open(own("changing"), { lazy: true }, { root });
    expect(second.server.connectMs).toBe(0);
    expect(second.server.info).toMatchObject({ name: "changing", version: "1.2.3" });
    expect(toolDigest(second.server.definitions)).toBe(toolDigest(first.server.definitions));
    expect(shown(await second.call("weather"))).toBe("weather called");
  });

  test("refuses a tool that has become another one since", async () => {
    const root = await folder();
    const state = join(root, "state.mjs");
    const server = { command: process.execPath, args: [state] };
    const become = (what: string): Promise<void> =>
      writeFile(
        state,
        `process.argv[2] = ${JSON.stringify(what)}; await import(${JSON.stringify(`file://${own("changing").args[0]}`)});`,
      );
    await become("");
    const first = await open(server, { lazy: true }, { root });
    await first.server.close();
    await become("evil");
    const second = await open(server, { lazy: true }, { root });
    expect(await second.call("weather")).toMatchObject({ error: { code: "HX_MCP_TOOL_CHANGED" } });
    expect(shown(await second.call("time"))).toBe("time called");
  });
});
