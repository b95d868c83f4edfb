import { mkdtemp } from "node:fs/promises";
import { loadPlugin, resolveOptions } from "@harnessx/core";
import { it } from "vitest";
import { runDemo, readJournal, replayVerdicts } from "../../src/index.ts";
it("real", async () => {
  const root = process.cwd() + "/packages/cli";
  const suiteP = await loadPlugin("@harnessx/adapter-household", root);
  const suite = await (suiteP.definition as any).create(resolveOptions(suiteP, "s", {}), { root });
  const modelP = await loadPlugin("@harnessx/adapter-tiny-policy", root);
  const main = await (modelP.definition as any).create(resolveOptions(modelP, "m", {}), { root });
  console.log((await suite.tasks()).length);
  const dir = await mkdtemp("/tmp/aegis-real-");
  const t = performance.now();
  const r = await runDemo({ suite, models: { main }, dir, seed: Number(process.env.SEED ?? 1), onProgress: (p) => console.log(((performance.now() - t) / 1000).toFixed(1), p.stage, p.message) });
  console.log(dir, JSON.stringify(r, null, 1));
  console.log(replayVerdicts(readJournal(dir + "/.harnessx/evolution/journal.jsonl")).map((x) => [x.identical, JSON.stringify(x.recorded)]));
}, 400000);
