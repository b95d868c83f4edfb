import { expect, test } from "vitest";
import type { JsonObject } from "@harnessx/core/plugin";
import { freePort, listening, open, own, person, proxy, reference, shown } from "./support.ts";

async function everything(kind: "streamableHttp" | "sse" = "streamableHttp") {
  const port = await freePort();
  const { args } = reference("everything", kind);
  const { stop } = await listening(
    args,
    { PORT: String(port) },
    /listening on port|running on port|port \d+/i,
  );
  return { port, stop, args };
}

const url = (port: number, path = "mcp") => ({ url: `http://127.0.0.1:${port}/${path}` });

test("server-everything over Streamable HTTP", async () => {
  const { port } = await everything();
  const { server, call } = await open(url(port));
  expect(server.info).toMatchObject({ name: "mcp-servers/everything", protocol: "2025-11-25" });
  expect(shown(await call("echo", { message: "hi" }))).toBe("Echo: hi");
  const logs: string[] = [];
  expect(
    (
      await call(
        "trigger-long-running-operation",
        { duration: 0.4, steps: 4 },
        { log: (message) => void logs.push(message) },
      )
    ).status,
  ).toBe("ok");
  expect(logs.length).toBeGreaterThanOrEqual(3);
  // Questions of several calls at once reach the run that each is about.
  const people = ["Ada", "Bob", "Eve"].map((name) => ({
    runId: name,
    ...person("accept", { name, check: true }),
  }));
  const answers = await Promise.all(
    people.map((one) => call("trigger-elicitation-request", {}, one)),
  );
  answers.forEach((answer, index) =>
    expect(shown(answer)).toContain(`- Name: ${people[index]!.runId}`),
  );
  for (const { asked } of people) expect(asked).toHaveLength(1);
});

test("a connection that is cut in the middle of a call is taken up again where it was", async () => {
  const { port } = await everything();
  const between = await proxy(port);
  const { call } = await open(url(between.port));
  const input: JsonObject = { duration: 2, steps: 4 };
  const working = call("trigger-long-running-operation", input);
  // Longer than the call: this server resumes what it has stored, and nothing that it says later.
  setTimeout(() => between.cut(3000), 1000);
  const result = await working;
  expect(shown(result)).toContain("Long running operation completed");
  expect(shown(await call("echo", { message: "after" }))).toBe("Echo: after");
});

test("a server that was started anew gets a new session, and the call is repeated", async () => {
  const { port, stop, args } = await everything();
  const { call } = await open(url(port));
  expect((await call("echo", { message: "a" })).status).toBe("ok");
  await stop();
  expect(await call("echo", { message: "b" })).toMatchObject({
    status: "error",
    error: { code: "HX_MCP_CONNECT" },
  });
  await listening(args, { PORT: String(port) }, /listening on port|running on port|port \d+/i);
  expect(shown(await call("echo", { message: "c" }))).toBe("Echo: c");
});

test("the old event stream is spoken where there is nothing else", async () => {
  const { port } = await everything("sse");
  const { server, call } = await open(url(port, "sse"));
  expect(server.info.name).toBe("mcp-servers/everything");
  expect(shown(await call("echo", { message: "old" }))).toBe("Echo: old");
});

test("fifty servers connect side by side, and one that fails takes no other with it", async () => {
  const opening = Array.from({ length: 50 }, (_, index) =>
    open(own("slow", index === 7 ? "never" : "plain"), {
      connectTimeoutMs: index === 7 ? 2000 : 60_000,
      protocol: "2025",
    }),
  );
  const opened = await Promise.allSettled(opening);
  expect(opened.filter(({ status }) => status === "rejected")).toHaveLength(1);
  const ready = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const answers = await Promise.all(ready.map(({ call }) => call("ready")));
  expect(answers.filter((answer) => answer.status === "ok")).toHaveLength(49);
});

test("100 MB are never held", async () => {
  const { call } = await open(own("huge"));
  await call("text", { bytes: 10_000_000 });
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  expect((await call("text", { bytes: 100_000_000 })).status).toBe("ok");
  expect((await call("many", { bytes: 100_000_000 })).status).toBe("error");
  clearInterval(timer);
  // What is held is bounded by the limits of text and message; the rest is garbage not yet collected.
  expect(most - before).toBeLessThan(150_000_000);
});
