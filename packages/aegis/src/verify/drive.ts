import {
  createAgent,
  defineHarness,
  scriptedModel,
  type RunResult,
  type Tool,
} from "@harnessx/core";
import type { Episode } from "@harnessx/core/testing";
import type { Subject } from "./subject.ts";
import { Notes, watched, type Setup } from "./watch.ts";

/** The names under which a task is run. */
export interface RunNames {
  readonly task: string;
  readonly run: string;
}

/** One run of an episode through a candidate. */
export interface Driven {
  readonly notes: Notes;
  readonly result: RunResult;
}

const START = 1_700_000_000_000;
const TICK = 250;
const TIMEOUT_MS = 20_000;

/** Runs an episode in the real runtime, with a clock that ticks by events, so that twice is the same. */
export async function drive(
  { name, inspected, options }: Subject,
  setup: Setup,
  episode: Episode,
  names: RunNames,
): Promise<Driven> {
  const notes = new Notes();
  const now = (): number => START + TICK * notes.events;
  const harness = await defineHarness({
    name: "verification",
    slots: { workspace: { root: "." } },
    limits: { hookTimeoutMs: TIMEOUT_MS, ...episode.limits },
    inline: [
      {
        name,
        metadata: inspected.metadata,
        options,
        definition: { harnessx: "processor", setup: watched(setup, notes, now) },
      },
    ],
  });
  const { replies } = episode;
  const roles = inspected.metadata.capabilities?.model ?? [];
  const aside = scriptedModel(() => ({ text: "A short answer." }), { id: "aside" });
  const agent = createAgent({
    harness,
    models: {
      ...Object.fromEntries(roles.map((role) => [role, aside])),
      main: scriptedModel((_request, call) => replies[call] ?? { text: "Done." }),
    },
  });
  const result = await agent.run(
    { ...episode.task, id: names.task },
    { seed: 7, runId: names.run, trace: false, tools: episode.tools as Tool[] },
  );
  return { notes, result };
}
