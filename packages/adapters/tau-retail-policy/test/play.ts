import { createAgent, defineHarness } from "@harnessx/core";
import type { InlineProcessor, RunResult } from "@harnessx/core";
import type { Score, Suite, SuiteTask } from "@harnessx/core/plugin";
import { createTauRetailPolicy, type TauRetailPolicyOptions } from "../src/index.ts";

export interface Played extends Score {
  readonly result: RunResult;
}

/** Plays tasks through the runtime, with the suite's customer. */
export async function play(
  suite: Suite,
  tasks: readonly SuiteTask[],
  options: TauRetailPolicyOptions = {},
  aids: readonly InlineProcessor[] = [],
  seed = 1,
): Promise<Played[]> {
  const harness = await defineHarness({ name: "test", inline: aids });
  const model = createTauRetailPolicy(options);
  const agent = createAgent({ harness, models: { main: model } });
  const played: Played[] = [];
  for (const { id } of tasks) {
    const environment = await suite.open(id, { seed });
    const { oracle, observation, tools } = environment;
    const result = await agent.run(observation, {
      seed,
      tools,
      models: { main: model.bind({ taskId: id, ...(oracle && { oracle }) }) },
      user: ({ output }) => environment.user?.(output),
    });
    played.push({ ...(await environment.score()), result });
    await environment.close();
  }
  return played;
}

export const passedOf = (played: readonly Played[]): number =>
  played.filter(({ passed }) => passed).length;

/** The calls of a run with how they ended. */
export const callsOf = ({ result: { messages } }: Played) => {
  const all = [...messages];
  const status = new Map(
    all.flatMap((message) => (message.role === "tool" ? [[message.callId, message.status]] : [])),
  );
  return all.flatMap((message) =>
    message.role === "assistant"
      ? message.toolCalls.map(({ id, name, input }) => ({ name, input, status: status.get(id) }))
      : [],
  );
};
