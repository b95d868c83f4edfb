import { mkdtemp } from "node:fs/promises";
import { loadPlugin, resolveOptions } from "@harnessx/core";
import { runDemo } from "@harnessx/aegis";
const root = "/work/main/packages/cli";
const suiteP = await loadPlugin("@harnessx/adapter-household", root);
const suite = await (suiteP.definition as any).create(resolveOptions(suiteP, "s", {}), { root });
const modelP = await loadPlugin("@harnessx/adapter-tiny-policy", root);
const main = await (modelP.definition as any).create(resolveOptions(modelP, "m", {}), { root });
for (const seed of [1, 2, 3, 4, 5]) {
  const dir = await mkdtemp("/tmp/aegis-demo-");
  const log: string[] = [];
  const r = await runDemo({ suite, models: { main }, dir, seed, tasks: { sealed: 140 }, onProgress: (p) => { if (!["verify"].includes(p.stage)) log.push(p.stage + " " + p.message); } });
  console.log(dir, seed, (r.before.passRate * 100).toFixed(1), r.before.interval.map((x) => x.toFixed(3)), "->", (r.after.passRate * 100).toFixed(1), r.after.interval.map((x) => x.toFixed(3)), "floor", r.noiseFloor.toFixed(3), "rollouts", r.rollouts, "ms", r.ms.toFixed(0), r.packages.map((p) => p.slice(38, 55)).join());
  if (seed === 1) console.log(log.join("\n"));
}
