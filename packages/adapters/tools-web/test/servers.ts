import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadHarness, type JsonObject, type LoadedHarness } from "@harnessx/core";
import { textOf, type ToolContext, type ToolResult } from "@harnessx/core/plugin";
import { toolContext } from "@harnessx/core/testing";
import { afterAll } from "vitest";

export const packageDir = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

/** A server on this machine, closed when the file's tests are over. */
export async function serve(handle: Handler): Promise<{
  readonly host: string;
  readonly url: string;
  readonly seen: readonly string[];
}> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, seen };
}

/** Loads the package as a harness does. */
export async function load(options: JsonObject): Promise<LoadedHarness> {
  const harness = await loadHarness(
    { name: "test", version: "1", tools: [{ id: "web", use: "./tools-web", options }] },
    { root: dirname(packageDir), lock: false },
  );
  closers.push(() => harness.close());
  return harness;
}

/** Calls tools of the package. */
export async function toolsWith(options: JsonObject) {
  const { tools } = await load(options);
  return async (
    name: string,
    input: JsonObject,
    context: Partial<ToolContext> = {},
  ): Promise<ToolResult & { readonly text: string }> => {
    const tool = tools.find((candidate) => candidate.name === name)!;
    const answer = await tool.execute(input as never, toolContext(context));
    const result: ToolResult =
      typeof answer === "string" ? { status: "ok", content: answer } : answer;
    return { ...result, text: textOf(result.content) };
  };
}
