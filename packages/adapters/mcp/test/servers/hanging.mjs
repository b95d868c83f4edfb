// Never answers `wait`, reports progress for `work`, and says which requests were cancelled.
import { send, serve, text, tool } from "./raw.mjs";

const cancelled = [];
serve({
  name: "hanging",
  tools: () => ({ tools: [tool("wait"), tool("work"), tool("cancelled")] }),
  raw: ({ method, params }) => {
    if (method === "notifications/cancelled") cancelled.push(params.requestId);
    return false;
  },
  async call(name, { steps = 0, everyMs = 0 }, { params }) {
    if (name === "cancelled") return text(String(cancelled.length));
    if (name === "wait") return undefined;
    for (let step = 1; step <= steps; step++) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      const { progressToken } = params._meta ?? {};
      send({
        method: "notifications/progress",
        params: { progressToken, progress: step, total: steps, message: `step ${step}` },
      });
    }
    return text("worked");
  },
});
