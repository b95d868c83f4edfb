// Asks back while a call is in flight: for a model, for a form, for a page; logs on behalf of calls.
import { send, serve, text, tool } from "./raw.mjs";

let next = 1;
const waiting = new Map();
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = `q${next++}`;
    waiting.set(id, resolve);
    send({ id, method, params });
  });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
serve({
  name: "asking",
  capabilities: { logging: {} },
  raw: ({ id, method, result, error }) => {
    if (method !== undefined || !waiting.has(id)) return false;
    waiting.get(id)(result ?? { error });
    waiting.delete(id);
    return true;
  },
  tools: () => ({
    tools: [tool("sample"), tool("form"), tool("page"), tool("log"), tool("slow"), tool("roots")],
  }),
  async call(name, { say = "", ms = 0, schema }) {
    await pause(ms);
    if (name === "sample")
      return text(
        JSON.stringify(
          await ask("sampling/createMessage", {
            messages: [{ role: "user", content: { type: "text", text: say } }],
            systemPrompt: "Be brief.",
            maxTokens: 50,
          }),
        ),
      );
    if (name === "form")
      return text(
        JSON.stringify(await ask("elicitation/create", { message: say, requestedSchema: schema })),
      );
    if (name === "page")
      return text(
        JSON.stringify(
          await ask("elicitation/create", {
            mode: "url",
            elicitationId: "e1",
            message: say,
            url: "https://example.test/consent",
          }),
        ),
      );
    if (name === "roots") return text(JSON.stringify(await ask("roots/list", {})));
    if (name === "log") {
      send({
        method: "notifications/message",
        params: { level: "warning", logger: "asking", data: say },
      });
      return text("logged");
    }
    return text("slept");
  },
});
