/**
 * How fast the household world is, and how fast whole episodes are with the tiny policy.
 *
 *   npm run bench:household [-- --out results.json]
 */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createWorld, generateGames } from "@harnessx/adapter-household";
import { bench } from "@harnessx/aegis";
import { loadHarness, loadPlugin, resolveOptions, seededRandom } from "@harnessx/core";
import type { ModelDefinition, SuiteDefinition } from "@harnessx/core/plugin";

const SECONDS = 2;
const root = process.cwd();

/** Steps a second of random but sensible commands over twelve games. */
function stepsPerSecond(): number {
  const random = seededRandom("bench");
  const games = generateGames({ seed: 1, count: 12 }).map((game) => {
    const places = game.receptacles.map((receptacle) => receptacle.name);
    const commands = places.flatMap((place) => [
      `go to ${place}`,
      `open ${place}`,
      `examine ${place}`,
    ]);
    for (const object of game.objects)
      commands.push(`take ${object.name} from ${object.in?.[0] ?? places[0]}`);
    return { world: createWorld(game), commands: [...commands, "look", "inventory"] };
  });
  let steps = 0;
  const began = performance.now();
  while (performance.now() - began < SECONDS * 1_000) {
    for (const { world, commands } of games) {
      world.reset();
      for (let step = 0; step < 40; step += 1)
        world.step(commands[Math.floor(random() * commands.length)]!);
      steps += 40;
    }
  }
  return steps / ((performance.now() - began) / 1_000);
}

async function episodesPerSecond(
  processors: readonly string[],
): Promise<{ perSecond: number; steps: number; passRate: number }> {
  const suitePlugin = await loadPlugin("@harnessx/adapter-household", root);
  const suite = await (suitePlugin.definition as SuiteDefinition).create(
    resolveOptions(suitePlugin, "suite"),
    { root },
  );
  const modelPlugin = await loadPlugin("@harnessx/adapter-tiny-policy", root);
  const model = await (modelPlugin.definition as ModelDefinition).create(
    resolveOptions(modelPlugin, "model"),
  );
  const harness = await loadHarness(
    {
      name: "bench",
      version: "1",
      processors: processors.map((name) => ({ id: name, use: `@harnessx/processor-${name}` })),
    },
    { root },
  );
  const run = () =>
    bench({
      suite,
      arms: [{ name: "base", harness }],
      models: { main: model },
      split: "validation",
      reps: 2,
      seed: 1,
    });
  await run();
  const report = await run();
  const arm = report.arms[0]!;
  // Every bench also measures its arm against itself: twice the episodes of the report.
  return {
    perSecond: (2 * arm.trials) / (report.ms / 1_000),
    steps: arm.meanSteps,
    passRate: arm.passRate,
  };
}

const results = {
  machine: { node: process.version, cpu: cpus()[0]?.model ?? "unknown" },
  worldStepsPerSecond: Math.round(Math.max(stepsPerSecond(), stepsPerSecond())),
  baseHarness: await episodesPerSecond([]),
  withNotesAndLoopGuard: await episodesPerSecond(["notes", "loop-guard"]),
};
const text = `${JSON.stringify(results, null, 2)}\n`;
const out = process.argv.indexOf("--out");
if (out > 0) writeFileSync(process.argv[out + 1]!, text);
process.stdout.write(text);
