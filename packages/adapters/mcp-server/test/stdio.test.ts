import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Client } from "@modelcontextprotocol/client";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { tool } from "@harnessx/core/plugin";
import { serveMcp } from "../src/index.ts";
import { agentOf, eras, signal } from "./serving.ts";

/** A client at the other end of a server's standard streams. */
async function piped(era: string, options: Parameters<typeof agentOf>) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let written = "";
  output.on("data", (chunk) => (written += String(chunk)));
  const serving = await serveMcp({
    agent: await agentOf(...options),
    transport: { stdio: { input, output } },
    keepTraces: 2,
    run: { interruptOn: ["look_up"] },
  });
  const client = new Client(
    { name: "test", version: "0" },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: era === "2025-11-25" ? "legacy" : { pin: era } },
    },
  );
  client.setRequestHandler("elicitation/create", () => ({
    action: "accept",
    content: { allow: true },
  }));
  // Newline-delimited JSON is the same in both directions.
  await client.connect(new StdioServerTransport(output, input));
  return { client, serving, input, written: () => written };
}

const lookUp = tool({
  name: "look_up",
  description: "Looks up.",
  inputSchema: { type: "object" },
  execute: () => "a fruit",
});

test.each(eras)(
  "over standard streams the agent works, asks and keeps traces (%s)",
  async (era) => {
    const { client, serving, written } = await piped(era, [
      [{ calls: [{ name: "look_up" }] }, { text: "A fruit." }],
      [lookUp],
    ]);
    const result = await client.callTool({ name: "run_agent", arguments: { task: "Fig?" } });
    expect(result.structuredContent).toMatchObject({
      output: "A fruit.",
      exit: "done",
      totals: { toolCalls: 1 },
    });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      (result.structuredContent as { trace: string }).trace,
    ]);
    for (const line of written().trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
    await serving.close();
  },
);

test("the end of the input ends runs and server", async () => {
  const [started, aborted] = [signal(), signal()];
  const wait = tool({
    name: "wait",
    description: "Waits.",
    inputSchema: { type: "object" },
    execute: (_input, context) =>
      new Promise<string>((resolve) => {
        context.signal.addEventListener("abort", () => {
          aborted.give();
          resolve("stopped");
        });
        started.give();
      }),
  });
  const { client, serving, input } = await piped("2026-07-28", [
    () => ({ calls: [{ name: "wait" }] }),
    [wait],
  ]);
  client.callTool({ name: "run_agent", arguments: { task: "Go." } }).catch(() => undefined);
  await started.promise;
  input.end();
  await aborted.promise;
  await serving.closed;
});
