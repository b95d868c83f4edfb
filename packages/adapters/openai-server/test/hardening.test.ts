import { connect } from "node:net";
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
import { serveOpenAi, type ServeOpenAiOptions } from "../src/index.ts";
import { said, served } from "./served.ts";

/** Sends a request as fetch would not: with any Host. */
function raw(
  port: number,
  headers: Record<string, string>,
  body = "",
  path = "/v1/chat/completions",
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, method: body === "" ? "GET" : "POST", path, headers },
      (response) => {
        let text = "";
        response.on("data", (chunk) => (text += String(chunk)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const json = { "content-type": "application/json" };

describe("who is let in", () => {
  test("the token, whole and exact, and nothing else", async () => {
    const { server } = await served([{ text: "Yes." }]);
    const post = (authorization?: string) =>
      raw(server.port, { ...json, ...(authorization ? { authorization } : {}) }, said("?"));
    for (const wrong of [
      undefined,
      "Bearer",
      "Bearer x",
      `Basic ${server.token}`,
      `Bearer ${server.token}x`,
    ])
      expect(await post(wrong)).toMatchObject({
        status: 401,
        body: expect.stringContaining("invalid_api_key") as string,
      });
    expect((await post(`Bearer ${server.token}`)).status).toBe(200);
    expect(server.token).toMatch(/^[\w-]{32}$/);
  });

  test("only requests for this machine: a name that was made to point here is turned away", async () => {
    const { server } = await served([{ text: "Yes." }]);
    const post = (host: string) =>
      raw(server.port, { ...json, host, authorization: `Bearer ${server.token}` }, said("?"));
    expect((await post("evil.example")).status).toBe(403);
    expect((await post(`127.0.0.1.evil.example:${server.port}`)).status).toBe(403);
    expect((await post(`localhost:${server.port}`)).status).toBe(200);
    expect((await post(`[::1]:${server.port}`)).status).toBe(200);
  });

  test("no page of another site, and those that are listed", async () => {
    const { server } = await served([{ text: "Yes." }], {
      allowedOrigins: ["https://chat.example"],
    });
    const post = (origin: string) =>
      raw(server.port, { ...json, origin, authorization: `Bearer ${server.token}` }, said("?"));
    expect((await post("https://evil.example")).status).toBe(403);
    expect((await post("null")).status).toBe(403);
    expect((await post("https://chat.example")).status).toBe(200);
  });

  test("health needs no token and says nothing; it still wants the right Host", async () => {
    const { server } = await served([]);
    const health = (headers: Record<string, string>) => raw(server.port, headers, "", "/health");
    expect(await health({})).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect((await health({ host: "evil.example" })).status).toBe(403);
    expect((await raw(server.port, {}, "", "/v1/models")).status).toBe(401);
  });

  test("no answer allows other sites to read it", async () => {
    const { ask } = await served([{ text: "Yes." }]);
    const response = await ask("/v1/chat/completions", { method: "POST", body: said("?") });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("what is taken in", () => {
  test("a body up to the limit, announced or not", async () => {
    const { ask, server } = await served([{ text: "Yes." }], { maxBodyBytes: 1_000 });
    const post = (body: string, init: RequestInit = {}) =>
      ask("/v1/chat/completions", { method: "POST", body, ...init });
    expect((await post(said("x".repeat(500)))).status).toBe(200);
    const large = said("x".repeat(2_000));
    expect(await (await post(large)).json()).toMatchObject({ error: { code: "body_too_large" } });
    const chunked = await raw(
      server.port,
      { ...json, authorization: `Bearer ${server.token}`, "transfer-encoding": "chunked" },
      large,
    );
    expect(chunked.status).toBe(413);
  });

  test("JSON objects alone", async () => {
    const { ask } = await served([{ text: "Yes." }]);
    const post = (body: string, headers = {}) =>
      ask("/v1/chat/completions", { method: "POST", body, headers });
    for (const body of ["", "{", "[]", "null", "3"])
      expect((await post(body)).status, body).toBe(400);
    expect((await post(said("?"), { "content-type": "text/plain" })).status).toBe(415);
    expect(
      (await post(said("?"), { "content-type": "application/json; charset=utf-8" })).status,
    ).toBe(200);
  });

  test("addresses that are there", async () => {
    const { ask } = await served([]);
    for (const path of ["/", "/v1", "/v1/models/other", "/v1/health", "/v1/chat/completions"])
      expect((await ask(path)).status, path).toBe(404);
  });

  test("a client that sends a byte now and then is cut off, and others are served meanwhile", async () => {
    const { server, ask } = await served([{ text: "Yes." }], {
      headerTimeoutMs: 150,
      requestTimeoutMs: 150,
    });
    const slow = [
      "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${server.token}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n`,
    ].map(
      (head) =>
        new Promise<string>((resolve) => {
          const socket = connect(server.port, "127.0.0.1", () => socket.write(head));
          const drip = setInterval(() => socket.write("a"), 20);
          let answer = "";
          socket.on("data", (chunk) => (answer += String(chunk)));
          socket.on("error", () => undefined);
          socket.on("close", () => {
            clearInterval(drip);
            resolve(answer);
          });
        }),
    );
    expect((await ask("/v1/chat/completions", { method: "POST", body: said("?") })).status).toBe(
      200,
    );
    const [head, body] = await Promise.all(slow);
    for (const answer of [head, body]) expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
  });
});

describe("where it listens", () => {
  const start = async (options: Partial<ServeOpenAiOptions>) => {
    const agent = createAgent({
      harness: await defineHarness({ name: "demo" }),
      models: { main: scriptedModel([{ text: "Yes." }]) },
    });
    return serveOpenAi({ agent, ...options });
  };

  test("without a token on loopback alone", async () => {
    await expect(start({ host: "0.0.0.0", token: false })).rejects.toMatchObject({
      code: "HX_SERVE_TOKEN_NEEDED",
    });
    const server = await start({ token: false });
    expect(server.token).toBeUndefined();
    expect((await raw(server.port, json, said("?"))).status).toBe(200);
    await server.close();
  });

  test("on every address only with the names that it answers to", async () => {
    await expect(start({ host: "0.0.0.0" })).rejects.toMatchObject({
      code: "HX_SERVE_HOSTS_NEEDED",
    });
    const server = await start({ host: "0.0.0.0", allowedHosts: ["agent.example"] });
    const authorization = `Bearer ${server.token}`;
    const post = (host: string) => raw(server.port, { ...json, host, authorization }, said("?"));
    expect((await post("agent.example")).status).toBe(200);
    expect((await post("localhost")).status).toBe(403);
    await server.close();
  });

  test("a weak token and a taken port are refused", async () => {
    await expect(start({ token: "short" })).rejects.toMatchObject({ code: "HX_SERVE_OPTION" });
    const server = await start({});
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: "HX_SERVE_LISTEN" });
    await server.close();
  });
});
