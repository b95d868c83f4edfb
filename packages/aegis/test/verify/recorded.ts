import {
  createAgent,
  createMemorySink,
  defineHarness,
  scriptedModel,
  tool,
  type TraceEvent,
} from "@harnessx/core";

/** The id of the recorded task: what a table of train tasks would hold. */
export const TASK = "ab12cd34ef56ab78";

/** What the recorded tool says, and nobody else. */
export const REPLY = "The lantern room is locked from the inside.";

/** A recorded run of a small task, with or without tool calls. */
export async function recordRun(calls = 3): Promise<readonly TraceEvent[]> {
  const sink = createMemorySink();
  const look = tool<{ place: string }>({
    name: "look",
    description: "Looks at a place.",
    inputSchema: {
      type: "object",
      properties: { place: { type: "string" } },
      required: ["place"],
      additionalProperties: false,
    },
    execute: ({ place }) => ({ status: "error", content: `${REPLY} (${place})` }),
  });
  const agent = createAgent({
    harness: await defineHarness({ name: "recorded" }),
    models: {
      main: scriptedModel([
        ...Array.from({ length: calls }, (_, at) => ({
          text: `I look at place ${at}.`,
          calls: [{ name: "look", input: { place: `place ${at}` } }],
        })),
        { text: "It is locked." },
      ]),
    },
  });
  await agent.run(
    {
      id: TASK,
      text: "Find out why the lantern room is dark.",
      metadata: { level: 2, kind: "search" },
    },
    { tools: [look], trace: () => sink, runId: "run-99aa88bb77cc" },
  );
  return sink.events;
}
