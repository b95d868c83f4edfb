// Dies in the middle of a call, saying why; can take a child with it. Answers who it is.
import { spawn } from "node:child_process";
import { serve, text, tool } from "./raw.mjs";

serve({
  name: "crashing",
  tools: () => ({ tools: [tool("crash"), tool("who"), tool("child"), tool("secret")] }),
  call(name) {
    if (name === "crash") {
      process.stderr.write(`fatal: disk on fire, key ${process.env.API_KEY ?? "none"}\n`);
      setTimeout(() => process.exit(7), 20);
      return undefined;
    }
    if (name === "child") {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
        stdio: "ignore",
      });
      return text(String(child.pid));
    }
    if (name === "secret") return text(Object.keys(process.env).sort().join(" "));
    return text(String(process.pid));
  },
});
