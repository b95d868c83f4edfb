// Results of any size: one long text, many short ones, or a long text in structured content.
import { once } from "node:events";
import { serve, tool } from "./raw.mjs";

const outputSchema = { type: "object", properties: { log: { type: "string" } }, required: ["log"] };
const write = async (part) => {
  if (!process.stdout.write(part)) await once(process.stdout, "drain");
};
serve({
  name: "huge",
  tools: () => ({
    tools: [tool("text"), tool("many"), tool("structured", { outputSchema }), tool("image")],
  }),
  async call(name, { bytes }, { id }) {
    const chunk = "0123456789abcde\\n".repeat(4096);
    const times = Math.ceil(bytes / chunk.length);
    const head = {
      text: '{"result":{"content":[{"type":"text","text":"',
      image: '{"result":{"content":[{"type":"image","mimeType":"image/png","data":"',
      structured: '{"result":{"content":[],"structuredContent":{"log":"',
    };
    if (name === "many") {
      await write('{"result":{"content":[{"type":"text","text":"x"}');
      const many = ',{"type":"text","text":"0123456789"}'.repeat(2048);
      for (let sent = 0; sent < bytes; sent += many.length) await write(many);
      await write(`]},"jsonrpc":"2.0","id":${id}}\n`);
      return undefined;
    }
    await write(head[name]);
    for (let i = 0; i < times; i++) await write(name === "image" ? "QUJD".repeat(16384) : chunk);
    await write(name === "structured" ? '"}}' : '"}]}');
    await write(`,"jsonrpc":"2.0","id":${id}}\n`);
    return undefined;
  },
});
