// Takes its time to start, never gets ready (`never`), or ends when it is asked what it does not know (`strict`).
import { serve, text, tool } from "./raw.mjs";

const [kind, ms = "0"] = process.argv.slice(2);
if (kind === "never") process.stdin.resume();
else
  setTimeout(
    () =>
      serve({
        name: kind,
        raw: ({ method }) => {
          if (kind === "strict" && method === "server/discover") process.exit(1);
          return kind === "silent" && method === "server/discover";
        },
        // Does not end when its input does, nor when it is asked to.
        onClose: () => kind === "stubborn" || process.exit(0),
        tools: () => ({ tools: [tool("ready")] }),
        call: () => text("yes"),
      }),
    Number(ms),
  );
if (kind === "stubborn") {
  process.on("SIGTERM", () => undefined);
  setInterval(() => undefined, 1000);
}
