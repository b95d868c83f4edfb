// Copied by pack-smoke.mjs into an empty project that has the packed core, the packed hello
// processor and a generated plugin: one run of an agent with both, with a scripted model.
import { readFileSync } from "node:fs";
import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const processors = Object.keys(dependencies)
  .filter((name) => name !== "@harnessx/core")
  .map((use, index) => ({ id: `p${index}`, use }));

const agent = createAgent({
  harness: await defineHarness({ name: "pack-smoke", processors }),
  models: { main: scriptedModel([{ text: "packed and working" }]) },
});
const result = await agent.run("Say that it works.");
if (result.exit !== "done" || result.output !== "packed and working") {
  console.error(result);
  process.exit(1);
}
console.log(`ran ${processors.length} processors: ${result.output}`);
