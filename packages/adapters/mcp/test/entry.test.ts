import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseManifest, type McpEndpoint } from "@harnessx/core";
import { connectMcp, loopbackConsent, openMcp } from "@harnessx/adapter-mcp";
import { readOptions } from "../src/options.ts";
import { ToolNames } from "../src/tools/names.ts";
import { folder, open, own, shown } from "./support.ts";

describe("options", () => {
  test("have defaults for everything", () => {
    expect(readOptions("s")).toMatchObject({
      tools: { allow: ["*"], deny: [] },
      sampling: { enabled: true, role: "main", approval: "ask" },
      roots: ["."],
      lazy: false,
      oauth: { grant: "authorization_code", clientId: "" },
    });
    expect(readOptions("s", { oauth: false }).oauth).toBe(false);
  });

  test.each([
    { unknown: 1 },
    { timeoutMs: 0 },
    { sampling: { role: "" } },
    { oauth: { grant: "password" } },
    { tools: { allow: "*" } },
  ])("that are wrong are refused: %j", (options) => {
    expect(() => readOptions("s", options as never)).toThrow(
      expect.objectContaining({ code: "HX_MCP_OPTIONS" }),
    );
  });

  test("of the README are those of an entry", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const manifest = parseManifest(JSON.parse(/```json\n([^]*?)```/.exec(readme)![1]!));
    for (const entry of manifest.tools!)
      expect(() => readOptions(entry.id, entry.options)).not.toThrow();
    // The entry works with a server in place of the one that it names.
    const { options } = manifest.tools![0]!;
    const connected = await connectMcp({
      entry: "files",
      endpoint: own("changing"),
      options: { ...options, tools: { allow: ["w*"] } },
      root: await folder(),
      locked: undefined,
      onClose: (close) => onTestFinished(async () => close()),
    });
    expect(
      (connected.tools as { list(): readonly { name: string }[] }).list().map(({ name }) => name),
    ).toEqual(["files__weather"]);
  });
});

describe("endpoints", () => {
  test("name variables for what is secret, and those must be set", async () => {
    const endpoint: McpEndpoint = {
      ...own("changing"),
      env: { TOKEN: { env: "MCP_TEST_UNSET_VARIABLE" } },
    };
    await expect(open(endpoint)).rejects.toMatchObject({ code: "HX_SECRET_MISSING" });
    await expect(
      open({ url: "https://x.test", headers: { a: { env: "MCP_TEST_UNSET_VARIABLE" } } }),
    ).rejects.toMatchObject({
      code: "HX_SECRET_MISSING",
    });
  });

  test.each([{ url: "ftp://x.test" }, { url: "nothing" }, { command: "x", env: { A: [1] } }])(
    "that are none are refused: %j",
    async (endpoint) => {
      await expect(open(endpoint)).rejects.toMatchObject({ code: "HX_MCP_OPTIONS" });
    },
  );
});

test("names of two servers never meet", () => {
  const of = (server: string, tool: string): string => new ToolNames(server).of(tool);
  expect(of("a", "b__c")).toBe("a__b__c");
  // `a__b` may not claim what belongs to `a`.
  expect(of("a__b", "c")).toMatch(/^a-b-[0-9a-f]{8}__c$/);
  expect(of("a_", "b")).not.toBe(of("a", "_b"));
  expect(of("a.b", "c")).not.toBe(of("a_b", "c"));
  expect(of("ä".repeat(90), "t".repeat(90))).toMatch(/^[\w-]{1,64}$/);
  const one = new ToolNames("s");
  expect(one.of("x y")).toBe(one.of("x y"));
  expect(one.of("x y")).not.toBe(one.of("x.y"));
});

describe("authorization", () => {
  /** A server and its authorization server in one; it wants a token, and says what happened. */
  async function guarded(issuerSays?: string) {
    const seen: string[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const at = new URL(request.url!, "http://x");
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const json = (value: unknown, status = 200): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(value));
      };
      if (at.pathname.startsWith("/.well-known/oauth-protected-resource"))
        return json({
          resource: `${base}/mcp`,
          authorization_servers: [base],
          scopes_supported: ["read"],
        });
      if (at.pathname.startsWith("/.well-known/oauth-authorization-server"))
        return json({
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          registration_endpoint: `${base}/register`,
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
          authorization_response_iss_parameter_supported: true,
          token_endpoint_auth_methods_supported: ["none"],
        });
      if (at.pathname === "/register")
        return json({ client_id: "c1", ...(JSON.parse(body) as object) }, 201);
      if (at.pathname === "/authorize") {
        seen.push(
          `consent for ${at.searchParams.get("scope")} by ${at.searchParams.get("code_challenge_method")}`,
        );
        const back = new URL(at.searchParams.get("redirect_uri")!);
        const state = at.searchParams.get("state")!;
        for (const [key, value] of Object.entries({
          code: "code-1",
          state,
          iss: issuerSays ?? base,
        }))
          back.searchParams.set(key, value);
        response.writeHead(302, { location: back.href });
        return response.end();
      }
      if (at.pathname === "/token") {
        seen.push(`token by ${new URLSearchParams(body).get("grant_type")}`);
        return json({
          access_token: "t0ken",
          token_type: "Bearer",
          scope: "read",
          refresh_token: "r",
        });
      }
      if (request.headers.authorization !== "Bearer t0ken") {
        response.writeHead(401, {
          "www-authenticate": `Bearer resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`,
        });
        return response.end();
      }
      if (request.method !== "POST") return json({}, 405);
      const { id, method, params } = JSON.parse(body) as {
        id?: number;
        method: string;
        params: { protocolVersion: string };
      };
      if (id === undefined) return response.writeHead(202).end();
      if (method === "initialize")
        return json({
          jsonrpc: "2.0",
          id,
          result: {
            protocolVersion: params.protocolVersion,
            capabilities: { tools: {} },
            serverInfo: { name: "guarded", version: "1" },
          },
        });
      if (method === "tools/list")
        return json({
          jsonrpc: "2.0",
          id,
          result: { tools: [{ name: "in", inputSchema: { type: "object" } }] },
        });
      if (method === "tools/call")
        return json({
          jsonrpc: "2.0",
          id,
          result: { content: [{ type: "text", text: "inside" }] },
        });
      return json({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } });
    };
    const server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
  }

  /** A browser whose user agrees to everything. */
  const consent = loopbackConsent(async (page) => {
    await fetch(page);
  });

  test("by consent in a browser is kept for the next time, in a file for its owner alone", async () => {
    const { seen, url } = await guarded();
    const root = await folder();
    const { call, server } = await open({ url }, {}, { root, consent });
    expect(shown(await call("in"))).toBe("inside");
    expect(seen).toEqual(["consent for read by S256", "token by authorization_code"]);
    await server.close();

    const again = await open({ url }, {}, { root });
    expect(shown(await again.call("in"))).toBe("inside");
    expect(seen).toHaveLength(2);
    const kept = join(root, ".harnessx", "mcp");
    const [file] = (await readdir(kept)).filter((name) => name.endsWith("authorization.json"));
    expect((await stat(join(kept, file!))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(kept, file!), "utf8")).toContain("t0ken");
  });

  test("is refused when the answer comes from another issuer", async () => {
    const { seen, url } = await guarded("https://evil.test");
    await expect(open({ url }, {}, { consent })).rejects.toMatchObject({ code: "HX_MCP_AUTH" });
    expect(seen).toEqual(["consent for read by S256"]);
  });

  test("needs somebody to ask, and is not tried where it is off", async () => {
    const { url } = await guarded();
    const root = await folder();
    await expect(openMcp({ url }, { server: "s", root })).rejects.toMatchObject({
      code: "HX_MCP_AUTH",
    });
    await expect(
      openMcp({ url }, { server: "s", root, options: { oauth: false } }),
    ).rejects.toMatchObject({ code: "HX_MCP_CONNECT" });
  });

  test("answers to a guessed address are not listened to", async () => {
    const person = await loopbackConsent(() => undefined)(undefined);
    const page = new URL("https://as.test/authorize?state=right");
    const visiting = person.visit(page);
    expect((await fetch(`${person.redirectUrl}?code=x&state=wrong`)).status).toBe(200);
    await fetch(`${person.redirectUrl}?code=y&state=right`);
    expect((await visiting).searchParams.get("code")).toBe("y");
    person.close();
  });
});
