import { connect as connectSocket } from "node:net";
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { tool } from "@harnessx/core/plugin";
import { serveMcp, type McpHttpOptions } from "../src/index.ts";
import { agentOf, connect, serve, signal } from "./serving.ts";

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "raw", version: "0" },
  },
});

/** Sends a request as fetch would not: with any Host. */
function raw(
  url: string,
  headers: Record<string, string>,
  body = initialize,
): Promise<{ status: number; session: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url);
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path: pathname,
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk)));
        response.on("end", () => {
          const session = response.headers["mcp-session-id"];
          resolve({ status: response.statusCode ?? 0, session: session?.toString(), body: text });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const served = async (http: McpHttpOptions = {}) => {
  const { url, token } = await serve(await agentOf([{ text: "Yes." }]), { http });
  const authorization = `Bearer ${token}`;
  return {
    url: url!,
    token,
    authorization,
    post: (headers: Record<string, string> = {}, body?: string) =>
      raw(url!, { authorization, ...headers }, body),
  };
};

describe("who is let in", () => {
  test("the token, whole and exact, and nothing else", async () => {
    const { url, authorization } = await served();
    for (const wrong of [
      "",
      "Bearer",
      "Bearer wrong-token",
      `${authorization}x`,
      authorization.replace("Bearer", "Basic"),
    ])
      expect((await raw(url, { authorization: wrong })).status, wrong).toBe(401);
    expect((await raw(url, { authorization })).status).toBe(200);
  });

  test("only requests for this machine", async () => {
    const { post, url } = await served();
    const { port } = new URL(url);
    expect((await post({ host: "evil.example" })).status).toBe(403);
    expect((await post({ host: `127.0.0.1.evil.example:${port}` })).status).toBe(403);
    expect((await post({ host: `localhost:${port}` })).status).toBe(200);
  });

  test("no page of another site", async () => {
    const { post } = await served();
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ origin: "null" })).status).toBe(403);
    expect((await post({ origin: "http://localhost:3000" })).status).toBe(200);
    const strict = await served({ allowedOrigins: ["chat.example"] });
    expect((await strict.post({ origin: "http://localhost:3000" })).status).toBe(403);
    expect((await strict.post({ origin: "https://chat.example" })).status).toBe(200);
  });

  test("other machines with a token and a listed name alone", async () => {
    const agent = await agentOf([{ text: "Yes." }]);
    const start = (http: McpHttpOptions) => serveMcp({ agent, transport: { http } });
    await expect(start({ host: "0.0.0.0", token: false })).rejects.toMatchObject({
      code: "HX_MCP_SERVE_TOKEN_NEEDED",
    });
    await expect(start({ host: "0.0.0.0" })).rejects.toMatchObject({
      code: "HX_MCP_SERVE_HOSTS_NEEDED",
    });
    await expect(start({ token: "short" })).rejects.toMatchObject({ code: "HX_MCP_SERVE_OPTION" });
    const { post, url } = await served({ host: "0.0.0.0", allowedHosts: ["agent.example"] });
    expect((await post({ host: "agent.example" })).status).toBe(200);
    expect((await post({ host: "localhost" })).status).toBe(403);
    await expect(
      start({ port: Number(new URL(url).port), host: "127.0.0.1" }),
    ).rejects.toMatchObject({
      code: "HX_MCP_SERVE_LISTEN",
    });
  });
});

describe("what is taken in", () => {
  test("a body up to the limit, announced or not", async () => {
    const { post } = await served({ maxBodyBytes: 2_000 });
    const large = initialize.replace("raw", "x".repeat(5_000));
    expect((await post()).status).toBe(200);
    expect((await post({}, large)).status).toBe(413);
    expect((await post({ "transfer-encoding": "chunked" }, large)).status).toBe(413);
  });

  test("what no web request can be is refused, and the server goes on", async () => {
    const { post, url } = await served();
    const send = (head: string) =>
      new Promise<string>((resolve) => {
        const socket = connectSocket(Number(new URL(url).port), "127.0.0.1", () =>
          socket.end(`${head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`),
        );
        let answer = "";
        socket.on("data", (chunk) => (answer += String(chunk)));
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(answer));
      });
    for (const head of ["TRACE /mcp", "GET //", "GET http://[", "OPTIONS *"])
      expect(await send(head), head).toMatch(/^HTTP\/1\.1 4/);
    expect((await post()).status).toBe(200);
  });

  test("JSON alone, at the endpoint alone", async () => {
    const { post, url, authorization } = await served();
    expect((await post({}, "{")).status).toBe(400);
    expect((await post({ "content-type": "text/plain" })).status).toBe(415);
    expect((await raw(url.replace("/mcp", "/other"), { authorization })).status).toBe(404);
  });

  test("a client that sends a byte now and then is cut off, and others are served meanwhile", async () => {
    const { post, url } = await served({ headerTimeoutMs: 150, requestTimeoutMs: 150 });
    const slow = new Promise<string>((resolve) => {
      const socket = connectSocket(Number(new URL(url).port), "127.0.0.1", () =>
        socket.write("POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-slow: "),
      );
      const drip = setInterval(() => socket.write("a"), 20);
      let answer = "";
      socket.on("data", (chunk) => (answer += String(chunk)));
      socket.on("error", () => undefined);
      socket.on("close", () => {
        clearInterval(drip);
        resolve(answer);
      });
    });
    expect((await post()).status).toBe(200);
    expect(await slow).not.toMatch(/^HTTP\/1\.1 2/);
  });
});

describe("sessions before 2026-07-28", () => {
  const list = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}';

  test("must be begun, and end when the client says so", async () => {
    const { post, url, authorization } = await served();
    expect((await post({}, list)).status).toBe(400);
    expect((await post({ "mcp-session-id": "made-up" }, list)).status).toBe(404);
    const { session } = await post();
    const headers = { "mcp-session-id": session! };
    expect((await post(headers, list)).status).toBe(200);
    await fetch(url, { method: "DELETE", headers: { authorization, ...headers } });
    expect((await post(headers, list)).status).toBe(404);
  });

  test("are no more than the limit: the quietest makes room", async () => {
    const { post } = await served({ maxSessions: 2 });
    const first = await post();
    await new Promise((later) => setTimeout(later, 2));
    const [second, third] = [await post(), await post()];
    const statuses = [first, second, third].map(
      async ({ session }) => (await post({ "mcp-session-id": session! }, list)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
  });
});

test("a client that cannot answer what it is asked does not hold the run", async () => {
  const asking = tool({
    name: "asking",
    description: "Asks.",
    inputSchema: { type: "object" },
    execute: async (_input, context) => (await context.ask({ message: "Well?" })).action,
  });
  const serving = await serve(
    await agentOf(
      (request) =>
        [...request.messages].length > 1 ? { text: "Done." } : { calls: [{ name: "asking" }] },
      [asking],
    ),
  );
  const client = await connect("2025-11-25", serving, () => {
    throw new Error("The window is closed.");
  });
  const { structuredContent } = await client.call("run_agent", { task: "Ask." });
  expect(structuredContent).toMatchObject({ output: "Done.", exit: "done" });
});

test("a person who never answers does not keep the result from the client", async () => {
  const asking = tool({
    name: "asking",
    description: "Asks, but not for long.",
    inputSchema: { type: "object" },
    timeoutMs: 30,
    execute: async (_input, context) => (await context.ask({ message: "Well?" })).action,
  });
  const serving = await serve(
    await agentOf(
      (request) =>
        [...request.messages].length > 1 ? { text: "Done." } : { calls: [{ name: "asking" }] },
      [asking],
    ),
  );
  const client = await connect("2025-11-25", serving, () => new Promise(() => undefined));
  const { structuredContent } = await client.call("run_agent", { task: "Ask." });
  expect(structuredContent).toMatchObject({ output: "Done.", exit: "done" });
});

test("state that no run gave is refused", async () => {
  const { post } = await served();
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "run_agent",
      arguments: { task: "?" },
      requestState: "run.00000000-0000-4000-8000-000000000000",
      inputResponses: {},
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  };
  const headers = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "run_agent",
  };
  const { body } = await post(headers, JSON.stringify(call));
  expect(JSON.parse(body)).toMatchObject({ error: { code: -32_602 } });
  const { requestState: _state, inputResponses: _none, ...plain } = call.params;
  const answered = await post(headers, JSON.stringify({ ...call, params: plain }));
  expect(answered.body).toContain("Yes.");
});

test("nobody who waits for an answer is waited for after the time is up", async () => {
  const delicate = tool({
    name: "delicate",
    description: "Needs approval.",
    inputSchema: { type: "object" },
    execute: () => "done",
  });
  const agent = await agentOf(() => ({ calls: [{ name: "delicate" }] }), [delicate]);
  const ended = signal<string>();
  const watched = {
    ...agent,
    start: ((task, options) => {
      const run = agent.start(task, options);
      void run.result.then(({ exit }) => ended.give(exit));
      return run;
    }) as typeof agent.start,
  };
  const serving = await serve(watched, {
    answerTimeoutMs: 30,
    run: { interruptOn: ["delicate"] },
  });
  const { url, token } = serving;
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
  };
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "run_agent", arguments: { task: "?" }, _meta: meta },
  };
  const { body } = await raw(
    url!,
    {
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "run_agent",
    },
    JSON.stringify(call),
  );
  expect(body).toContain("input_required");
  expect(await ended.promise).toBe("aborted");
});

test("a server that closes ends the runs of its clients", async () => {
  const started = signal();
  const agent = await agentOf(() => {
    started.give();
    return new Promise(() => undefined);
  });
  const serving = await serve(agent);
  const client = await connect("2026-07-28", serving);
  const call = client.call("run_agent", { task: "?" });
  call.catch(() => undefined);
  await started.promise;
  await serving.close();
  await expect(serving.closed).resolves.toBeUndefined();
  await expect(fetch(serving.url!)).rejects.toThrow();
});
