// A server without any SDK, so that it can do what an SDK would not let it do.
import { createInterface } from "node:readline";

export const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
export const text = (value) => ({ content: [{ type: "text", text: value }] });
export const tool = (name, more = {}) => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  ...more,
});

/** `tools()` lists, `call(name, args, request)` answers; `raw(request)` may take a message over. */
export function serve({
  tools,
  call,
  raw = () => false,
  name = "raw",
  capabilities = {},
  onClose,
}) {
  const lines = createInterface({ input: process.stdin });
  lines.on("close", () => (onClose ? onClose() : process.exit(0)));
  lines.on("line", async (line) => {
    const request = JSON.parse(line);
    if (raw(request)) return;
    const { id, method, params = {} } = request;
    if (id === undefined || method === undefined) return;
    if (method === "initialize")
      return send({
        id,
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: { listChanged: true }, ...capabilities },
          serverInfo: { name, version: "1.2.3" },
        },
      });
    if (method === "tools/list") return send({ id, result: await tools(params) });
    if (method === "tools/call") {
      const result = await call(params.name, params.arguments ?? {}, request);
      if (result !== undefined) send({ id, result });
      return;
    }
    send({ id, error: { code: -32601, message: `no ${method}` } });
  });
}
