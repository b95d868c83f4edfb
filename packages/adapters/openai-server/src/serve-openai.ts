import { randomBytes } from "node:crypto";
import { httpSettings, type HttpOptions } from "./http/options.ts";
import { listen } from "./http/server.ts";
import { HEALTH, route } from "./routes.ts";
import { Runner } from "./run/runner.ts";
import type { AgentOptions } from "./run/settings.ts";

/** What is served, how it runs, where it listens. */
export interface ServeOpenAiOptions extends AgentOptions, HttpOptions {}

/** A served agent. */
export interface OpenAiServer {
  /** What clients take as `baseURL`, such as `http://127.0.0.1:40123/v1`. */
  readonly baseURL: string;
  readonly port: number;
  /** What clients take as `apiKey`; undefined when none is asked for. */
  readonly token: string | undefined;
  /** The name that clients give as `model`. */
  readonly model: string;
  /** Takes no more requests, leaves runs in progress `closeGraceMs`, then aborts them. */
  close(): Promise<void>;
}

/**
 * Serves an agent as an OpenAI-compatible endpoint: Chat Completions, Responses and the list of models.
 *
 * Each request is a run of its own; a client that goes away aborts its run. Listens on the loopback
 * interface and asks for a random token unless told otherwise. Errors: HX_SERVE_LISTEN,
 * HX_SERVE_TOKEN_NEEDED, HX_SERVE_HOSTS_NEEDED, HX_SERVE_OPTION.
 *
 * @example
 * ```ts
 * import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
 * import { serveOpenAi } from "@harnessx/adapter-openai-server";
 * const agent = createAgent({
 *   harness: await defineHarness({ name: "demo" }),
 *   models: { main: scriptedModel([{ text: "Four." }]) },
 * });
 * const server = await serveOpenAi({ agent });
 * const answer = await fetch(`${server.baseURL}/chat/completions`, {
 *   method: "POST",
 *   headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
 *   body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "2 + 2?" }] }),
 * });
 * const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
 * choices[0]?.message.content; // "Four."
 * await server.close();
 * ```
 */
export async function serveOpenAi(options: ServeOpenAiOptions): Promise<OpenAiServer> {
  const settings = httpSettings(options, () => randomBytes(24).toString("base64url"));
  const runner = new Runner(options);
  const facts = { maxBodyBytes: settings.maxBodyBytes, since: Math.floor(Date.now() / 1000) };
  const server = await listen(settings, (exchange) => route(exchange, runner, facts), [HEALTH]);
  return {
    baseURL: `${server.origin}/v1`,
    port: server.port,
    token: settings.token,
    model: runner.name,
    close: server.close,
  };
}
