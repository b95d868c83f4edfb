import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { McpEndpoint } from "@harnessx/core";
import { folder, listening, open, own, person, proxy, shown, until } from "./support.ts";

const overHttp = async (): Promise<McpEndpoint> => {
  const { args } = own("modern", "http");
  return { url: (await listening(args)).said };
};
const overStdio = (): Promise<McpEndpoint> => Promise.resolve(own("modern"));

describe.each([
  ["stdio", overStdio],
  ["http", overHttp],
])("protocol 2026-07-28 over %s", (_name, endpoint) => {
  test("is found out, remembered, and used for calls", async () => {
    const root = await folder();
    const at = await endpoint();
    for (let time = 0; time < 2; time++) {
      const { server, call } = await open(at, {}, { root });
      expect(server.info).toEqual({ name: "modern", version: "3.0.0", protocol: "2026-07-28" });
      expect(await server.instructions()).toBe("Be kind.");
      expect(shown(await call("echo", { message: "hello" }))).toBe("hello");
      expect(await call("sum", { a: 1, b: 2 })).toMatchObject({ structured: { sum: 3 } });
      expect(await server.ping()).toBeGreaterThan(0);
      await server.close();
    }
    const folderOf = join(root, ".harnessx", "mcp");
    const [file] = (await readdir(folderOf)).filter((name) => name.endsWith("verdict.json"));
    expect(JSON.parse(await readFile(join(folderOf, file!), "utf8"))).toMatchObject({
      era: "2026",
    });
  });

  test("answers what the server asks for, of exactly the call that it asks about", async () => {
    const { call } = await open(await endpoint());
    const people = ["a", "b", "c"].map((runId) => ({
      runId,
      ...person("accept", { sure: runId !== "b" }),
    }));
    const answers = await Promise.all(
      people.map((one) => call("confirm", { what: one.runId }, one)),
    );
    expect(answers.map(shown)).toEqual(["sure: true", "sure: false", "sure: true"]);
    expect(people.map(({ asked }) => asked.map(({ message }) => message))).toEqual(
      people.map(({ runId }) => [`MCP server s asks: Really ${runId}?`]),
    );
    const model = () => ({
      generate: () =>
        Promise.resolve({
          content: [{ type: "text" as const, text: "rest" }],
          toolCalls: [],
          finish: "stop" as const,
          usage: { input: 1, output: 1 },
        }),
    });
    expect(shown(await call("think", {}, { ...person("accept"), model }))).toContain("rest");
  });

  test("reports progress, and ends a call that the run gives up", async () => {
    const { call } = await open(await endpoint());
    const logs: string[] = [];
    expect(
      (await call("work", { ms: 50 }, { log: (message) => void logs.push(message) })).status,
    ).toBe("ok");
    expect(logs).toContain("half");
    const run = new AbortController();
    setTimeout(() => run.abort(), 100);
    expect((await call("work", { ms: 60_000 }, { signal: run.signal })).status).toBe("cancelled");
    expect(shown(await call("echo", { message: "still here" }))).toBe("still here");
  });

  test("can be insisted on, and the old one as well", async () => {
    const insisted = await open(await endpoint(), { protocol: "2026" });
    expect(shown(await insisted.call("echo", { message: "x" }))).toBe("x");
    await expect(
      open(await endpoint(), { protocol: "2025", connectTimeoutMs: 5000 }),
    ).rejects.toMatchObject({ code: "HX_MCP_CONNECT" });
    await expect(open(own("slow", "plain"), { protocol: "2026" })).rejects.toMatchObject({
      code: "HX_MCP_CONNECT",
    });
  });
});

test("a tool that changes over HTTP is withheld", async () => {
  const { server, call } = await open(await overHttp());
  await call("turn");
  await until(() => server.withheld.has("echo"));
  expect(server.definitions.some(({ name }) => name === "echo")).toBe(false);
});

test("a call whose connection is cut ends with an error, or is sent again where that does no harm", async () => {
  const { url } = (await overHttp()) as { url: string };
  const between = await proxy(Number(new URL(url).port));
  const { call } = await open({ url: url.replace(/:\d+/, `:${between.port}`) });
  const working = call("work", { ms: 2000 });
  setTimeout(() => between.cut(), 200);
  expect(await working).toMatchObject({ status: "error", error: { code: "HX_MCP_DISCONNECTED" } });
  expect(shown(await call("echo", { message: "back" }))).toBe("back");
});
