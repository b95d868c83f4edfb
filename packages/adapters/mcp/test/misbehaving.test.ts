import { describe, expect, test } from "vitest";
import { HarnessXError } from "@harnessx/core/plugin";
import { isRunning, open, own, shown, until } from "./support.ts";

const codeOf = (thrown: unknown): string =>
  HarnessXError.isInstance(thrown) ? thrown.code : String(thrown);

describe("a server that dies", () => {
  test("gives a typed error, is started again at the next call, and takes no other with it", async () => {
    const dying = await open(own("crashing"));
    const other = await open(own("crashing"));
    const before = shown(await other.call("who"));
    const first = shown(await dying.call("who"));

    const crashed = await dying.call("crash");
    expect(crashed).toMatchObject({ status: "error", error: { code: "HX_MCP_SERVER_DIED" } });
    expect(crashed.error!.message).toMatch(/code 7.*disk on fire/);

    const second = await dying.call("who");
    expect(second.status).toBe("ok");
    expect(shown(second)).not.toBe(first);
    expect(dying.reports).toMatchObject([{ kind: "restarted" }]);
    expect(shown(await other.call("who"))).toBe(before);
    expect(other.reports).toEqual([]);
  });

  test("does not tell its secrets on the way out", async () => {
    process.env["MCP_TEST_KEY"] = "hunter2-hunter2";
    const dying = await open({
      ...own("crashing"),
      env: { API_KEY: { env: "MCP_TEST_KEY" } },
    } as never);
    const { error } = await dying.call("crash");
    expect(error!.message).toContain("key [secret]");
    expect(error!.message).not.toContain("hunter2");
  });

  test("cannot be started at all", async () => {
    const refused = await open({ command: "no-such-program-anywhere" }).catch(codeOf);
    expect(refused).toBe("HX_MCP_CONNECT");
    const never = await open(own("slow", "never"), { connectTimeoutMs: 300 }).catch(codeOf);
    expect(never).toBe("HX_MCP_CONNECT");
  });
});

describe("processes", () => {
  test("see a minimal environment", async () => {
    process.env["MCP_TEST_LEAK"] = "leak";
    const { call } = await open({ ...own("crashing"), env: { NAMED: "yes" } } as never);
    const names = shown(await call("secret")).split(" ");
    expect(names).toContain("NAMED");
    expect(names).toContain("PATH");
    expect(names).not.toContain("MCP_TEST_LEAK");
  });

  test("end with everything that they started, and when they do not want to", async () => {
    const { server, call } = await open(own("crashing"));
    const child = Number(shown(await call("child")));
    expect(isRunning(child)).toBe(true);
    await server.close();
    await until(() => !isRunning(child));

    const stubborn = await open(own("slow", "stubborn"));
    expect(shown(await stubborn.call("ready"))).toBe("yes");
    await stubborn.server.close();
  });
});

describe("deadlines", () => {
  test("end a call that hangs, and the server is told", async () => {
    const { call } = await open(own("hanging"), { timeoutMs: 100 });
    expect(await call("wait")).toMatchObject({
      status: "timeout",
      error: { code: "HX_MCP_TIMEOUT" },
    });
    expect(shown(await call("cancelled"))).toBe("1");
  });

  test("start anew with every report of progress, up to the limit for a call", async () => {
    const logs: unknown[] = [];
    const log = (message: string, data?: unknown): void => void logs.push([message, data]);
    const patient = await open(own("hanging"), { timeoutMs: 500 });
    expect((await patient.call("work", { steps: 8, everyMs: 100 }, { log })).status).toBe("ok");
    // The SDK may drop the last one: it comes together with the answer.
    expect(logs.length).toBeGreaterThanOrEqual(7);
    expect(logs[0]).toEqual(["step 1", { progress: 1, total: 8 }]);
    const limited = await open(own("hanging"), { timeoutMs: 500, maxCallMs: 300 });
    expect((await limited.call("work", { steps: 8, everyMs: 100 })).status).toBe("timeout");
  });

  test("of the run cancel the call", async () => {
    const run = new AbortController();
    const { call } = await open(own("hanging"));
    const calling = call("wait", {}, { signal: run.signal });
    setTimeout(() => run.abort(), 50);
    expect(await calling).toMatchObject({
      status: "cancelled",
      error: { code: "HX_MCP_CANCELLED" },
    });
    expect(shown(await call("cancelled"))).toBe("1");
  });
});

describe("output that is no message", () => {
  test("is tolerated as a banner", async () => {
    const { call } = await open(own("noisy"));
    expect(shown(await call("echo", { message: "hello" }))).toBe("hello");
    expect(shown(await call("echo", { message: "again" }))).toBe("again");
  });

  test.each(["flood", "line"])("ends the server as a %s", async (kind) => {
    const refused = await open(own("noisy", kind)).catch((thrown: unknown) => thrown);
    expect(codeOf(refused)).toBe("HX_MCP_CONNECT");
  });
});

describe("start", () => {
  test("may be slow, silent about what is unknown, or end when asked about it", async () => {
    const slow = await open(own("slow", "plain", "400"));
    expect(shown(await slow.call("ready"))).toBe("yes");
    expect(slow.server.info).toMatchObject({
      name: "plain",
      version: "1.2.3",
      protocol: "2025-11-25",
    });
    const silent = await open(own("slow", "silent"), { connectTimeoutMs: 3000 });
    expect(shown(await silent.call("ready"))).toBe("yes");
    const strict = await open(own("slow", "strict"));
    expect(shown(await strict.call("ready"))).toBe("yes");
  });
});
