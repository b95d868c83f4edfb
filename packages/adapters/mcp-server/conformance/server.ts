// The server that the official conformance suite plays with: our own, with a harness and a few things beside it.
import { fileURLToPath } from "node:url";
import { createAgent, loadHarness, scriptedModel } from "@harnessx/core";
import { serveMcp } from "../src/index.ts";
import { registerFixturePrompts } from "./fixtures/prompts.ts";
import { registerFixtureResources } from "./fixtures/resources.ts";
import { registerRounds, state } from "./fixtures/rounds.ts";
import { registerFixtureTools } from "./fixtures/tools.ts";

const harness = await loadHarness(fileURLToPath(new URL("harness/harness.json", import.meta.url)));
const agent = createAgent({ harness, models: { main: scriptedModel(() => ({ text: "Done." })) } });

const serving = await serveMcp({
  agent,
  // The suite knows no token.
  transport: { http: { token: false, port: Number(process.env["PORT"] ?? 0) } },
  expose: "both",
  keepTraces: 4,
  extend: {
    server: {
      capabilities: {
        logging: {},
        prompts: { listChanged: false },
        resources: { subscribe: true, listChanged: false },
      },
      requestState: { verify: state.verify },
    },
    register(server, { era }) {
      registerFixtureTools(server);
      registerRounds(server);
      registerFixtureResources(server, era);
      registerFixturePrompts(server);
    },
  },
});
process.stdout.write(`${serving.url}\n`);
