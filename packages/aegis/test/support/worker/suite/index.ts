import { setTimeout as wait } from "node:timers/promises";
import { defineSuite } from "@harnessx/core/plugin";
import { keyWorld, type KeyWorldOptions } from "../../key-world.ts";

/** The key world as a package, as a worker process needs it. */
export default defineSuite<KeyWorldOptions & { readonly slow?: boolean }>(
  ({ slow, ...options }) => {
    const world = keyWorld(options);
    if (!slow) return world;
    return {
      ...world,
      async open(task, given) {
        await wait(60);
        return world.open(task, given);
      },
    };
  },
);
