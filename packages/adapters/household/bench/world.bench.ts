import { bench, describe } from "vitest";
import household, { createWorld, generateGames } from "../src/index.ts";
import type { Game } from "../src/index.ts";

const game = generateGames({ seed: 1, count: 1 })[0] as Game;

describe("world", () => {
  const world = createWorld(game);
  bench("one episode of gold commands, with reset", () => {
    world.reset();
    for (const command of game.walkthrough) world.step(command);
  });
  bench("a command that does not apply", () => {
    world.step("take mug 99 from cabinet 99");
  });
  bench("save and restore", () => {
    world.restore(world.save());
  });
});

describe("suite", async () => {
  const suite = await household.create(
    { generate: { train: 12, validation: 0, sealed: 0 } },
    { root: "." },
  );
  const [task] = await suite.tasks();
  bench("open an episode", () => {
    void suite.open(task?.id ?? "", { seed: 0 });
  });
});
