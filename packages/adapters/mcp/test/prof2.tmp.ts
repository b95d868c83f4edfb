import { StdioTransport } from "../src/transport/stdio-transport.ts";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
const ep = { command: process.execPath, args: ["/work/main/node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio"] };
const mk = async (tr: any) => { const c = new Client({ name: "b", version: "1" }); await c.connect(tr); return c; };
const env = { PATH: process.env["PATH"]!, HOME: "/root" };
const a = await mk(new StdioClientTransport({ ...ep, stderr: "ignore", env }));
const e = await mk(new StdioClientTransport({ ...ep, stderr: "pipe", env }));
const b = await mk(new StdioTransport({ ...ep, env, cwd: process.cwd(), maxTextBytes: 4e6, maxMessageBytes: 16e6 }));
const call = { name: "echo", arguments: { message: "hello" } };
const fs: [string, () => Promise<unknown>][] = [["sdk", () => a.callTool(call)], ["sdk pipe", () => e.callTool(call)], ["our transport", () => b.callTool(call)]];
const t = fs.map(() => [] as number[]);
for (let i = 0; i < 2000; i++) for (let k = 0; k < fs.length; k++) { const j = (k + i) % fs.length; const s = performance.now(); await fs[j]![1](); if (i > 100) t[j]!.push(performance.now() - s); }
fs.forEach(([n], j) => console.log(n, t[j]!.sort((x, y) => x - y)[t[j]!.length >> 1]!.toFixed(3), t[j]![t[j]!.length >> 2]!.toFixed(3)));
await Promise.all([a.close(), b.close(), e.close()]);
