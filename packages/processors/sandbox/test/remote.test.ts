import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { JsonObject } from "@harnessx/core";
import { afterEach, describe, expect, it } from "vitest";
import { execIn, newFolder } from "./commands.ts";

describe("command", () => {
  /** Stands in for a container's client: notes its arguments and runs what is behind `--`. */
  function client(): { readonly path: string; readonly log: string } {
    const folder = newFolder();
    const [path, log] = [join(folder, "client"), join(folder, "log")];
    writeFileSync(
      path,
      `#!/bin/bash\nprintf '%s\\0' "$@" > ${log}\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`,
    );
    chmodSync(path, 0o755);
    return { path, log };
  }

  it("puts the command behind a template, argument by argument", async () => {
    const root = newFolder();
    mkdirSync(join(root, "sub"));
    const { path, log } = client();
    const { outcome, result, kind } = await execIn(
      { root },
      {
        kind: "command",
        command: {
          argv: [path, "exec", "-w", "{cwd}", "{box}", "{run}", "--"],
          values: { box: "a box; $(id)" },
          inside: "/work",
        },
      },
      ["printf", "%s|", "a b", "$HOME; id", "{cwd}"],
      { cwd: join(root, "sub"), env: { NAME: "x y" }, timeoutMs: 1500 },
    );
    expect(kind).toBe("command");
    expect(outcome).toMatchObject({ exitCode: 0, stdout: "a b|$HOME; id|{cwd}|" });
    const argv = readFileSync(log, "utf8").split("\0").slice(0, -1);
    expect(argv).toEqual([
      "exec",
      "-w",
      "/work/sub",
      "a box; $(id)",
      result.runId,
      "--",
      "timeout",
      "-s",
      "KILL",
      "2",
      "env",
      "NAME=x y",
      "printf",
      "%s|",
      "a b",
      "$HOME; id",
      "{cwd}",
    ]);
  });

  it("ends a command at its deadline", async () => {
    const { path } = client();
    const { outcome } = await execIn(
      { root: newFolder() },
      { kind: "command", command: { argv: [path, "--"], timeoutProgram: false } },
      ["sleep", "60"],
      { timeoutMs: 300 },
    );
    expect(outcome).toMatchObject({ timedOut: true, exitCode: null });
  });

  it.each([
    [{ argv: [] }, "HX_SANDBOX_OPTIONS"],
    [{ argv: ["docker", "{box}"] }, "HX_SANDBOX_OPTIONS"],
    [{ argv: ["docker", "{box}"], values: { box: "a" } }, undefined],
  ])("checks the template %j before it starts", async (command, code) => {
    const { result } = await execIn({ root: newFolder() }, { kind: "command", command }, ["x"]);
    expect(result.error?.code).toBe(code);
  });

  it("needs to be told that it protects a read-only workspace", async () => {
    const readonly = { root: newFolder(), mode: "readonly" };
    const run = async (enforcesReadonly: boolean) =>
      (
        await execIn(readonly, { kind: "command", command: { argv: ["env"], enforcesReadonly } }, [
          "true",
        ])
      ).outcome;
    expect((await run(false)).code).toBe("HX_SANDBOX_READONLY");
    expect((await run(true)).exitCode).toBe(0);
  });
});

describe("http", () => {
  const token = "a-token-that-nobody-guesses";
  const servers: { close(): unknown; closeAllConnections(): void }[] = [];
  afterEach(() => {
    delete process.env["HARNESSX_SANDBOX_TOKEN"];
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  type Answer = (body: JsonObject, response: ServerResponse, request: IncomingMessage) => void;

  async function serve(answer: Answer): Promise<string> {
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () =>
        answer(text === "" ? {} : (JSON.parse(text) as JsonObject), response, request),
      );
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/exec`;
  }

  const withToken = (url: string): JsonObject => {
    process.env["HARNESSX_SANDBOX_TOKEN"] = token;
    return { kind: "http", http: { url, token: { env: "HARNESSX_SANDBOX_TOKEN" } } };
  };

  it("runs commands on a server, with the token", async () => {
    const root = newFolder();
    mkdirSync(join(root, "sub"));
    const remote = newFolder();
    mkdirSync(join(remote, "sub"));
    const bodies: JsonObject[] = [];
    const url = await serve((body, response, request) => {
      if (request.headers.authorization !== `Bearer ${token}`) {
        response.writeHead(401).end();
        return;
      }
      bodies.push(body);
      const [program, ...args] = body["argv"] as string[];
      const cwd = join(remote, String(body["cwd"]));
      const done = spawnSync(program!, args, { cwd, input: String(body["stdin"] ?? "") });
      response.end(
        JSON.stringify({
          exitCode: done.status,
          stdout: String(done.stdout),
          stderr: String(done.stderr),
          truncated: false,
          timedOut: false,
        }),
      );
    });
    const { outcome, kind, requests } = await execIn(
      { root },
      withToken(url),
      ["bash", "-c", "pwd; cat; exit 5"],
      { cwd: "sub", stdin: "typed", env: { A: "b" } },
    );
    expect(kind).toBe("http");
    expect(outcome).toMatchObject({ exitCode: 5, stdout: `${join(remote, "sub")}\ntyped` });
    expect(bodies).toMatchObject([
      { version: 1, cwd: "sub", env: { A: "b" }, timeoutMs: 20_000, readonly: false },
    ]);
    expect(JSON.stringify(requests)).not.toContain(token);
    process.env["HARNESSX_SANDBOX_TOKEN"] = "another";
    const refused = await execIn({ root }, { ...withToken(url), http: { url } }, ["true"]);
    expect(refused.outcome).toMatchObject({ code: "HX_SANDBOX_REMOTE" });
    expect(refused.outcome.problem).toContain("status 401");
  });

  it.each<[string, Answer]>([
    ["is no JSON", (_body, response) => response.end("no")],
    ["lacks", (_body, response) => response.end('{"exitCode":0,"stdout":1}')],
    [
      "longer than",
      (_body, response) => {
        const more = (): void => {
          while (response.write("x".repeat(65_536)));
          response.once("drain", more);
        };
        more();
      },
    ],
    ["fetch failed", (_body, response) => response.destroy()],
    ["redirect", (_body, response) => response.writeHead(307, { location: "/x" }).end()],
  ])("reports a server whose answer %s", async (problem, answer) => {
    const url = await serve(answer);
    const { outcome } = await execIn({ root: newFolder() }, withToken(url), ["true"]);
    expect(outcome.code).toBe("HX_SANDBOX_REMOTE");
    expect(outcome.problem).toContain(problem);
  });

  it("cuts the output of a server that keeps no limit", async () => {
    const said = { exitCode: 0, stderr: "", truncated: false, timedOut: false };
    const url = await serve((_body, response) =>
      response.end(JSON.stringify({ ...said, stdout: "x".repeat(1000) })),
    );
    const { outcome } = await execIn({ root: newFolder() }, withToken(url), ["true"], {
      maxOutputBytes: 100,
    });
    expect(outcome.truncated).toBe(true);
    expect(outcome.stdout.length).toBeLessThan(200);
  });

  it("stops waiting when the call is cancelled", async () => {
    const abort = new AbortController();
    const url = await serve(() => abort.abort());
    const { outcome } = await execIn({ root: newFolder() }, withToken(url), ["true"], {
      signal: abort.signal,
    });
    expect(outcome.code).toBe("AbortError");
  });

  it.each([
    [{}, "http.url is missing"],
    [{ url: "http://example.com/" }, "must be https"],
    [{ url: "https://user:secret@example.com/" }, "user name"],
    [
      { url: "https://example.com/", token: { env: "HARNESSX_SANDBOX_TOKEN" } },
      "HARNESSX_SANDBOX_TOKEN is not set",
    ],
  ])("refuses to start with %j", async (http, problem) => {
    const { result } = await execIn({ root: newFolder() }, { kind: "http", http }, ["true"]);
    expect(result.error?.code).toBe("HX_SANDBOX_OPTIONS");
    expect(result.reason).toContain(problem);
  });
});
