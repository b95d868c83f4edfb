import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadHarness } from "../load/harness.ts";
import type { Limits } from "../manifest/types.ts";
import { scriptedModel, type Script } from "../model/scripted.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { ModelClient, ModelRequest } from "../plugin/model.ts";
import type { Tool } from "../plugin/tool.ts";
import { createAgent } from "../run/agent.ts";
import type { RunResult, TaskInput } from "../run/types.ts";
import { createMemorySink } from "../trace/memory-sink.ts";
import type { TraceEvent } from "../trace/schema.ts";

/** What to run a processor with. */
export interface RunProcessorInput {
  /** What the model says. */
  readonly script: Script;
  readonly options?: JsonObject;
  readonly task?: TaskInput;
  readonly tools?: readonly Tool[];
  readonly limits?: Limits;
  /** Slots of the manifest, such as `{ "workspace": { "root": "." } }`. */
  readonly slots?: JsonObject;
  /** Models of other roles than `main`. */
  readonly models?: Readonly<Record<string, ModelClient>>;
  readonly seed?: number;
}

/** What came of it. */
export interface ProcessorRun {
  readonly result: RunResult;
  /** The run's trace, without those of its subagents. */
  readonly events: readonly TraceEvent[];
  /** What the model was sent, call by call. */
  readonly requests: readonly ModelRequest[];
}

/**
 * Runs one task with the processor package in `dir` and nothing else: real runtime, scripted model.
 */
export async function runProcessor(
  dir: string | URL,
  input: RunProcessorInput,
): Promise<ProcessorRun> {
  const folder = resolve(typeof dir === "string" ? dir : fileURLToPath(dir));
  const { options, limits, slots, seed, tools = [], models = {} } = input;
  const harness = await loadHarness(
    {
      name: "test",
      version: "1",
      processors: [
        { id: "subject", use: `./${basename(folder)}`, ...(options ? { options } : {}) },
      ],
      ...(limits ? { limits } : {}),
      ...(slots ? { slots } : {}),
    },
    { root: dirname(folder), lock: false },
  );
  const requests: ModelRequest[] = [];
  const scripted = scriptedModel(input.script);
  const main: ModelClient = {
    id: scripted.id,
    policy: scripted.policy,
    generate: (request, context) => {
      requests.push(request);
      return scripted.generate(request, context);
    },
  };
  const sink = createMemorySink();
  let runId: string | undefined;
  const result = await createAgent({ harness, models: { ...models, main } }).run(
    input.task ?? "Do it.",
    {
      tools,
      // Subagents have traces of their own.
      trace: (id) => ((runId ??= id) === id ? sink : undefined),
      ...(seed === undefined ? {} : { seed }),
    },
  );
  return { result, events: sink.events, requests };
}
