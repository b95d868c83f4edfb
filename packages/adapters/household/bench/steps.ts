import { createWorld, generateGames } from "../src/index.ts";

/**
 * Commands per second of one core, over a mix as agents give it: gold commands, looks around,
 * examinations and about one in six that does not apply. Resets are included.
 *
 * @param seconds How long to measure after a tenth of it for warming up.
 */
export async function stepsPerSecond(seconds = 1): Promise<number> {
  const episodes = generateGames({ seed: 1, count: 120 }).map((game) => ({
    world: createWorld(game),
    commands: [
      "look",
      `go to ${game.receptacles[0]?.name}`,
      `examine ${game.receptacles[0]?.name}`,
      ...game.walkthrough,
      "inventory",
      `take ${game.objects[0]?.name} from ${game.receptacles[0]?.name}`,
      "sing",
    ],
  }));
  const play = (until: number): number => {
    let steps = 0;
    while (performance.now() < until) {
      for (const { world, commands } of episodes) {
        world.reset();
        for (const command of commands) world.step(command);
        steps += commands.length;
      }
    }
    return steps;
  };
  play(performance.now() + seconds * 100);
  const start = performance.now();
  const steps = play(start + seconds * 1000);
  return (steps * 1000) / (performance.now() - start);
}
