import { mkdtemp, writeFile } from "node:fs/promises";
import { it } from "vitest";
import { runDemo, readJournal, replayVerdicts } from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";
it("loops", async () => {
  const suite = keyWorld({ tasks: 96 });
  const dir = await mkdtemp("/tmp/aegis-loop-");
  await writeFile(dir + "/harness.json", JSON.stringify({ name: "k", version: "1", limits: { maxSteps: 9 } }));
  const r = await runDemo({ suite, models: { main: forgetfulModel() }, dir, seed: 1, tasks: { sealed: 24, train: 40, validation: 24 }, onProgress: (p) => console.log(p.stage, p.message) });
  console.log(JSON.stringify(r, null, 1));
  console.log(replayVerdicts(readJournal(dir + "/.harnessx/evolution/journal.jsonl")).map((x) => [x.identical, JSON.stringify(x.recorded)]));
}, 120000);
