import { createServer, type Server } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHarness } from "@harnessx/core";
import { defineTools, type ToolsContext } from "@harnessx/core/plugin";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
let server: Server;
let port: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "harnessx-open-"));
  server = createServer((request, response) => {
    if (request.url === "/away") response.writeHead(302, { location: "http://localhost:1/" }).end();
    else if (request.url === "/long") response.end("x".repeat(5 * 2 ** 20));
    else if (request.url === "/here") response.writeHead(302, { location: "/page" }).end();
    else if (request.url !== "/slow") response.end(`${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

/** A package whose code must not run: importing it throws. */
async function toolPackage(net: readonly string[]): Promise<void> {
  await mkdir(join(root, "kit"));
  const harnessx = { api: 1, kind: "tools", capabilities: { net } };
  await writeFile(
    join(root, "kit/package.json"),
    JSON.stringify({
      name: "kit",
      version: "1.0.0",
      type: "module",
      exports: "./index.js",
      harnessx,
    }),
  );
  await writeFile(join(root, "kit/index.js"), `throw new Error("it was imported");`);
}

const manifest = { name: "h", version: "1", tools: [{ id: "kit", use: "./kit" }] };

async function contextOf(net: readonly string[]): Promise<ToolsContext> {
  await toolPackage(net);
  let context: ToolsContext | undefined;
  await loadHarness(manifest, {
    root,
    open: () =>
      defineTools((_options, given) => {
        context = given;
        return [];
      }),
  });
  return context!;
}

describe("open", () => {
  it("stands in for the import of a package, and the harness knows the group", async () => {
    await toolPackage(["127.0.0.1"]);
    const seen: unknown[] = [];
    const harness = await loadHarness(manifest, {
      root,
      open: (plugin) => {
        seen.push([plugin.entry, plugin.use, plugin.capabilities, plugin.metadata.kind]);
        const echo = {
          name: "echo",
          description: "Says it back.",
          inputSchema: { type: "object" },
          execute: () => "",
        };
        return defineTools(() => [echo]);
      },
    });
    expect(seen).toEqual([["kit", "./kit", { net: ["127.0.0.1"] }, "tools"]]);
    expect(harness.toolGroups.map(({ id, tools }) => [id, tools.map(({ name }) => name)])).toEqual([
      ["kit", ["echo"]],
    ]);
  });

  it("imports what it is not given, and refuses a definition of another kind", async () => {
    await toolPackage([]);
    await expect(loadHarness(manifest, { root, open: () => undefined })).rejects.toMatchObject({
      code: "HX_PLUGIN_IMPORT_FAILED",
    });
    const wrong = { harnessx: "suite", create: () => undefined };
    await expect(loadHarness(manifest, { root, open: () => wrong as never })).rejects.toMatchObject(
      { code: "HX_PLUGIN_EXPORT_INVALID" },
    );
  });
});

describe("http of tools", () => {
  it("reaches declared hosts and ports, with redirects among them", async () => {
    const { http } = await contextOf([`127.0.0.1:${port}`]);
    const url = `http://127.0.0.1:${port}`;
    expect(await http({ url: `${url}/x`, method: "POST", body: "b" })).toMatchObject({
      status: 200,
      body: "POST /x",
    });
    expect((await http({ url: `${url}/here` })).body).toBe("GET /page");
  });

  it("refuses every other host, also behind a redirect, and every other scheme", async () => {
    const { http } = await contextOf([`127.0.0.1:${port}`]);
    const denied = { code: "HX_TOOL_NET_DENIED" };
    await expect(http({ url: `http://127.0.0.1:${port}/away` })).rejects.toMatchObject(denied);
    for (const url of ["http://127.0.0.1:1/", "http://localhost/", "file:///etc/passwd", "nothing"])
      await expect(http({ url })).rejects.toMatchObject(denied);
    const none = await rm(join(root, "kit"), { recursive: true }).then(() => contextOf([]));
    await expect(none.http({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject(denied);
  });

  it("gives up on silence and on an endless answer", async () => {
    const { http } = await contextOf(["127.0.0.1"]);
    const failed = { code: "HX_TOOL_NET_FAILED" };
    const url = `http://127.0.0.1:${port}`;
    await expect(http({ url: `${url}/slow`, timeoutMs: 50 })).rejects.toMatchObject(failed);
    await expect(http({ url: `${url}/long` })).rejects.toMatchObject(failed);
  });
});
