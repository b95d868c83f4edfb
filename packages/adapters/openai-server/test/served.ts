import { afterEach } from "vitest";
import OpenAI from "openai";
import {
  createAgent,
  defineHarness,
  scriptedModel,
  type RunOptions,
  type Script,
} from "@harnessx/core";
import type { Tool } from "@harnessx/core/plugin";
import { serveOpenAi, type OpenAiServer, type ServeOpenAiOptions } from "../src/index.ts";

const open: OpenAiServer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** Serves an agent whose model says what the script tells it; `tools` are given to each run. */
export async function served(
  script: Script,
  options: Partial<ServeOpenAiOptions> & {
    readonly tools?: readonly Tool[];
    readonly seen?: (options: RunOptions) => void;
  } = {},
): Promise<{
  server: OpenAiServer;
  client: OpenAI;
  ask: (path: string, init?: RequestInit) => Promise<Response>;
}> {
  const { tools, ...rest } = options;
  const inner = createAgent({
    harness: await defineHarness({ name: "demo" }),
    models: { main: scriptedModel(script) },
  });
  const agent = tools
    ? { ...inner, run: ((task, run) => inner.run(task, { ...run, tools })) as typeof inner.run }
    : inner;
  const server = await serveOpenAi({ agent, closeGraceMs: 50, ...rest });
  open.push(server);
  const client = new OpenAI({
    baseURL: server.baseURL,
    apiKey: server.token ?? "none",
    maxRetries: 0,
  });
  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${server.token ?? ""}`);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return fetch(`${new URL(server.baseURL).origin}${path}`, { ...init, headers });
  };
  return { server, client, ask };
}

/** A request to Chat Completions with one message. */
export const said = (content: string, more: object = {}): string =>
  JSON.stringify({ model: "demo", messages: [{ role: "user", content }], ...more });

/** A promise and the function that fulfils it. */
export function signal<Value = void>(): { promise: Promise<Value>; give: (value: Value) => void } {
  let give: (value: Value) => void = () => undefined;
  return {
    promise: new Promise<Value>((resolve) => (give = resolve)),
    give: (value) => give(value),
  };
}
