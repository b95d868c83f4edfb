import { generateGames, createWorld } from "@harnessx/adapter-household";
import { createTinyPolicy } from "../src/index.ts";
import { adviceFor, plainWording, systemFor, aidNames } from "./aids.ts";
import { actTool, Conversation } from "./episode.ts";
import { Memory } from "./memory.ts";
import { usualPlaces } from "./usual.ts";
const usual = usualPlaces(generateGames({ seed: 11, count: 600 }));
const model = createTinyPolicy(); const signal = new AbortController().signal;
const games = generateGames({ seed: 83, count: 150 });
for (const aids of [new Set<any>(), new Set<any>(["loop","notes","open","procedure"]), new Set<any>(aidNames)]) for (let round = 0; round < 2; round++) {
  let t = 0, n = 0; const times: number[] = [];
  for (const game of games) {
    const world = createWorld(game); const c = new Conversation(); const memory = new Memory(game.receptacles.map((r) => r.name));
    c.system(systemFor(aids, plainWording, usual)); c.user(world.intro());
    for (let s = 0; s < 30; s++) {
      const messages = c.request(adviceFor(aids, plainWording, memory, game.task));
      const t0 = performance.now();
      const r = await model.generate({ messages, tools: actTool, sampling: {}, role: "main", seed: n }, { signal });
      const dt = performance.now() - t0; t += dt; times.push(dt); n++;
      const call = r.toolCalls[0]!; const o = world.step((call.input as any).command); c.assistant([call]); c.tool(call, o.observation); memory.record((call.input as any).command, o.observation); if (o.done) break;
    }
  }
  times.sort((a, b) => a - b);
  console.log([...aids].join("+") || "none", "mean µs", (1000 * t / n).toFixed(1), "median", (1000 * times[n >> 1]!).toFixed(1), "p99", (1000 * times[Math.floor(n * .99)]!).toFixed(1));
}
