import {
  createAgent,
  createMemorySink,
  defineHarness,
  defineProcessor,
  inline,
  scriptedModel,
  tool,
  type Agent,
  type Dimension,
  type HookName,
  type InlineProcessor,
  type Manifest,
  type ModelClient,
  type ProcessorSetup,
  type RunOptions,
  type RunResult,
  type Script,
  type ScriptedReply,
  type TaskInput,
  type TraceEvent,
} from "@harnessx/core";

/** An inline processor in one line. */
export function processor(
  name: string,
  hooks: readonly HookName[],
  setup: ProcessorSetup<Record<string, never>>,
  more: Omit<Partial<Parameters<typeof inline>[0]>, "options"> = {},
): InlineProcessor {
  return inline(
    { name, dimension: "control" as Dimension, hooks, ...more },
    defineProcessor(setup),
  ) as InlineProcessor;
}

/** A call of the echo tool. */
export const echo = (text: string): ScriptedReply => ({
  calls: [{ name: "echo", input: { text } }],
});
export const say = (text: string): ScriptedReply => ({ text });

const echoSchema = {
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
  additionalProperties: false,
} as const;

export const echoTool = tool<{ text: string }>({
  name: "echo",
  description: "Says it back.",
  inputSchema: echoSchema,
  execute: async ({ text }) => text,
});

export interface Setup {
  readonly script?: Script;
  readonly model?: ModelClient;
  readonly processors?: readonly InlineProcessor[];
  readonly manifest?: Partial<Manifest>;
}

export async function agentOf({
  script = [say("ok")],
  model,
  processors = [],
  manifest = {},
}: Setup): Promise<Agent> {
  const harness = await defineHarness({ name: "test", ...manifest, inline: processors });
  return createAgent({ harness, models: { main: model ?? scriptedModel(script) } });
}

export interface Traced {
  readonly result: RunResult;
  readonly events: readonly TraceEvent[];
}

/** Runs with the echo tool and returns the trace beside the result. */
export async function traced(
  agent: Agent,
  task: TaskInput = "go",
  options: RunOptions = {},
): Promise<Traced> {
  const sink = createMemorySink();
  const { runId = "run" } = options;
  // Subagents ask for sinks of their own.
  const trace = (id: string) => (id === runId ? sink : undefined);
  const result = await agent.run(task, { tools: [echoTool], ...options, runId, trace });
  return { result, events: sink.events };
}

export function ofType<Type extends TraceEvent["type"]>(
  events: readonly TraceEvent[],
  type: Type,
): Extract<TraceEvent, { type: Type }>[] {
  return events.filter(
    (event): event is Extract<TraceEvent, { type: Type }> => event.type === type,
  );
}
