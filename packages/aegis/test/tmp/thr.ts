import { loadPlugin, resolveOptions, defineHarness } from "@harnessx/core";
import { bench } from "@harnessx/aegis";
const root = "/work/main/packages/cli";
const suiteP = await loadPlugin("@harnessx/adapter-household", root);
const suite = await (suiteP.definition as any).create(resolveOptions(suiteP, "s", {}), { root });
const modelP = await loadPlugin("@harnessx/adapter-tiny-policy", root);
const main = await (modelP.definition as any).create(resolveOptions(modelP, "m", {}), { root });
const harness = await defineHarness({ name: "bare" });
for (let i = 0; i < 3; i++) {
const t = performance.now(); const c = process.cpuUsage();
const r = await bench({ suite, arms: [{ name: "a", harness }], models: { main }, reps: 1, seed: i });
const ms = performance.now() - t; const u = process.cpuUsage(c);
const n = r.outcomes.length * 2;
console.log(n, "rollouts", (n / ms * 1000).toFixed(0), "/s wall", (n / ((u.user + u.system) / 1e6)).toFixed(0), "/s cpu", r.arms[0]!.passRate.toFixed(3), r.arms[0]!.meanSteps.toFixed(1), JSON.stringify(r.arms[0]!.exits), r.noiseFloor.toFixed(3));
}
