// Copied by pack-smoke.mjs into an empty project that has the packed core, the packed hello
// processor and a generated plugin: one run of an agent with both, with a scripted model.
import { readFileSync } from "node:fs";
import { createAgent, scripted } from "@harnessx/core";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const processors = Object.keys(dependencies)
  .filter((name) => name !== "@harnessx/core")
  .map((use, index) => ({ id: `p${index}`, use }));

const agent = await createAgent({
  harness: { name: "pack-smoke", version: "1", processors },
  models: { main: scripted(["packed and working"]) },
});
const result = await agent.run("Say that it works.");
if (result.exit !== "done" || !String(result.output).includes("packed and working")) {
  console.error(result);
  process.exit(1);
}
console.log(`ran ${processors.length} processors: ${result.output}`);
