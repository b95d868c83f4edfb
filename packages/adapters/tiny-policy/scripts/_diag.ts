import { generateGames, createWorld } from "@harnessx/adapter-household";
import { loadWeights } from "../src/weights.ts";
import { policyOf } from "../src/tiny-policy.ts";
import { readSituation, typeOf } from "../src/situation.ts";
import { readView } from "../src/view.ts";
import { adviceFor, plainWording, systemFor, type AidName } from "./aids.ts";
import { actTool, Conversation } from "./episode.ts";
import { Memory } from "./memory.ts";
import { Random } from "./random.ts";
import { usualPlaces } from "./usual.ts";
const w = loadWeights(process.argv[2]); const policy = policyOf(w);
const usual = usualPlaces(generateGames({ seed: 11, count: 600 }));
const games = generateGames({ seed: 79, count: 200 });
for (const aids of [[], ["loop","open","notes","procedure"], ["loop", "open", "notes", "procedure", "order"]] as AidName[][]) {
  const set = new Set(aids); const stat = new Map<string, [number, number]>(); const random = new Random(3);
  const add = (k: string, v: number) => { const s = stat.get(k) ?? [0, 0]; s[0] += v; s[1] += 1; stat.set(k, s); };
  for (const game of games) {
    const world = createWorld(game); const c = new Conversation(); const memory = new Memory(game.receptacles.map((r) => r.name));
    c.system(systemFor(set, plainWording, usual)); c.user(world.intro());
    for (let s = 0; s < 30; s++) {
      const messages = c.request(adviceFor(set, plainWording, memory, game.task));
      const v = readSituation(readView(messages, w.attention)); const truth = readSituation(readView(c.request(), 1000));
      const cons = policy.consider({ messages, tools: actTool, sampling: {} });
      const mass = (f: (cmd: string) => boolean) => cons.filter((x) => f(x.command)).reduce((a, b) => a + b.probability, 0);
      const goal = truth.view.task.goal!; const at = truth.placeType === goal;
      if (truth.goalIsPlace && truth.held === "ready") {
        add(`ready seen=${v.held}`, 1);
        if (v.held === "ready") add(at ? (truth.closed ? "ready atgoal closed: open" : "ready atgoal: move") : "ready: go goal", mass((x) => at ? x.startsWith(truth.closed ? "open" : "move") : x.startsWith("go to " + goal + " ")));
      } else if (truth.goalIsPlace && truth.held === "raw") {
        add(`raw seen=${v.held}`, 1);
        if (v.held === "raw") { const there = truth.placeType === truth.appliance; add(there ? "raw at tool: treat" : "raw: go tool", mass((x) => there ? x.startsWith(truth.view.task.treatment! + " ") : x.startsWith("go to " + truth.appliance))); add("raw: go goal|move", mass((x) => x.startsWith("go to " + goal + " ") || x.startsWith("move"))); }
      } else if (truth.held === "none") {
        const vis = truth.visible.find((o) => truth.view.task.themes.has(typeOf(o)));
        if (vis && !at) add("visible: take", mass((x) => x.startsWith("take " + vis.split(" ")[0])));
        else if (truth.closed) add("closed: open", mass((x) => x.startsWith("open")));
        else {
          add("search: known dull", mass((x) => x.startsWith("go to ") && memory.places.get(x.slice(6))?.contents?.every((o) => !truth.sought.has(typeOf(o))) === true));
          add("search: go new", mass((x) => x.startsWith("go to ") && memory.places.get(x.slice(6))?.contents === undefined));
          const known = [...memory.places].filter(([n, k]) => typeOf(n) !== goal && k.contents?.some((o) => truth.sought.has(typeOf(o))));
          if (known.length) add("search: go to known target", mass((x) => known.some(([n]) => x === "go to " + n)));
          add("search: top4 kinds", mass((x) => x.startsWith("go to ") && [...truth.sought].some((t) => usual.get(t)?.slice(0, 4).includes(typeOf(x.slice(6))))));
          add("search: non-go", mass((x) => !x.startsWith("go to ")));
        }
      }
      let u = random.next(), i = 0; while (i < cons.length - 1 && (u -= cons[i]!.probability) >= 0) i++;
      const cmd = cons[i]!.command; const r = world.step(cmd);
      const call = { id: "c", name: "act", input: { command: cmd } }; c.assistant([call]); c.tool(call, r.observation); memory.record(cmd, r.observation); if (r.done) break;
    }
  }
  console.log(aids.join("+") || "none"); for (const [k, [a, n]] of [...stat].sort()) console.log("  ", k.padEnd(32), (a / n).toFixed(3), n);
}
