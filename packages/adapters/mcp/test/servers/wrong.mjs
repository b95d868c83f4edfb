// Breaks its promises: results that do not fit their schema, schemas that are none, odd content, odd names.
import { serve, text, tool } from "./raw.mjs";

const outputSchema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const pages = [
  [
    tool("misfit", { outputSchema }),
    tool("fit", {
      outputSchema: { $schema: "http://json-schema.org/draft-07/schema#", ...outputSchema },
    }),
    tool("missing", { outputSchema }),
    tool("failing", { outputSchema }),
    tool("unschema", { inputSchema: { type: "object", properties: { a: { type: "nonsense" } } } }),
    tool("faraway", {
      inputSchema: {
        type: "object",
        properties: { a: { $ref: "http://127.0.0.1:9/schema.json" } },
      },
    }),
  ],
  [
    tool("content"),
    tool("only-structured"),
    tool("refused"),
    tool("bash"),
    tool("bash"),
    tool("a b/c.d"),
    tool("a_b/c.d"),
    tool("n".repeat(120)),
    tool(`${"n".repeat(119)}m`),
    tool("read_resource"),
  ],
];
serve({
  name: "wrong",
  capabilities: { resources: {}, prompts: {} },
  raw: () => false,
  tools: ({ cursor }) =>
    cursor === "2" ? { tools: pages[1] } : { tools: pages[0], nextCursor: "2" },
  call(name) {
    if (name === "misfit") return { ...text("see structured"), structuredContent: { n: "many" } };
    if (name === "fit") return { ...text("see structured"), structuredContent: { n: 4 } };
    if (name === "missing") return text("nothing structured");
    if (name === "failing") return { ...text("no such thing"), isError: true };
    if (name === "only-structured") return { content: [], structuredContent: { n: 5 } };
    if (name === "refused") throw new Error("unused");
    if (name === "content") return { content: everything };
    return text(name);
  },
});
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const everything = [
  { type: "text", text: "words" },
  { type: "image", data: pixel, mimeType: "image/png" },
  { type: "audio", data: "QUJDRA==", mimeType: "audio/wav" },
  {
    type: "resource_link",
    uri: "file:///a.txt",
    name: "a",
    mimeType: "text/plain",
    size: 12,
    description: "A file",
  },
  {
    type: "resource",
    resource: { uri: "file:///b.txt", mimeType: "text/plain", text: "inside b" },
  },
  { type: "resource", resource: { uri: "file:///c.png", mimeType: "image/png", blob: pixel } },
  {
    type: "resource",
    resource: { uri: "file:///d.zip", mimeType: "application/zip", blob: "QUJDRA==" },
  },
  { type: "image", data: "QUJDRA==", mimeType: "image/x-strange" },
];
