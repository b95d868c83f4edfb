import { evolve } from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "./key-world.ts";

/** Evolves the workspace given as the first argument, to be killed at any moment. */
const dir = process.argv[2]!;
process.send?.("started");
await evolve({
  dir,
  suite: keyWorld({ tasks: 96 }),
  models: { main: forgetfulModel() },
  rounds: 1,
  seed: 1,
  sealedTasks: "all",
});
