import { defineHarness, inline, type LoadedHarness } from "../load/harness.ts";
import { scriptedModel } from "../model/scripted.ts";
import type { ProcessorDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import type { PluginMetadata } from "../plugin/metadata.ts";
import type { ModelClient } from "../plugin/model.ts";
import type { Tool } from "../plugin/tool.ts";
import { createAgent } from "../run/agent.ts";
import type { ModelsInput, RunHandle, RunResult } from "../run/types.ts";
import { diffTraces } from "../trace/diff.ts";
import { createMemorySink } from "../trace/memory-sink.ts";
import type { TraceEvent } from "../trace/schema.ts";
import type { Episode } from "./episodes.ts";

/** An episode takes milliseconds; one that waits for its processor must not take the patience of its author. */
const HOOK_TIMEOUT_MS = 2_000;
const EPISODE_TIMEOUT_MS = 10_000;

/** A processor that is to be driven, with everything that its metadata says. */
export interface Subject {
  readonly name: string;
  readonly metadata: PluginMetadata;
  readonly options: JsonObject;
}

/** One run of an episode. */
export interface Drive {
  readonly episode: Episode;
  readonly harness: LoadedHarness;
  readonly result: RunResult;
  readonly events: readonly TraceEvent[];
}

/** A harness that holds the processor alone. `version` makes harnesses differ that otherwise do not. */
export function harnessOf(
  subject: Subject,
  definition: ProcessorDefinition<never>,
  episode: Pick<Episode, "limits">,
  version = "1",
): Promise<LoadedHarness> {
  const {
    api: _api,
    kind: _kind,
    options: _schema,
    dimension = "control",
    ...facts
  } = subject.metadata;
  const processor = inline(
    { ...facts, dimension, name: subject.name, options: subject.options },
    definition as ProcessorDefinition<JsonObject>,
  );
  return defineHarness({
    name: "conformance",
    version,
    slots: { workspace: { root: "." } },
    limits: { hookTimeoutMs: HOOK_TIMEOUT_MS, maxTimeMs: EPISODE_TIMEOUT_MS, ...episode.limits },
    inline: [processor],
  });
}

/** Runs an episode in the real runtime. `onCall` hears of each tool call before it is made. */
export async function drive(
  subject: Subject,
  definition: ProcessorDefinition<never>,
  episode: Episode,
  onCall?: (call: number, run: RunHandle) => void,
): Promise<Drive> {
  const harness = await harnessOf(subject, definition, episode);
  const sink = createMemorySink();
  let runId: string | undefined;
  let calls = 0;
  const heard = (): void => {
    calls += 1;
    if (calls === episode.abortAt) run.abort("The caller has lost patience.");
    onCall?.(calls, run);
  };
  const agent = createAgent({ harness, models: modelsFor(subject, episode) });
  const run = agent.start(episode.task, {
    seed: 7,
    // Subagents have traces of their own.
    trace: (id) => ((runId ??= id) === id ? sink : undefined),
    tools: episode.tools.map((tool) => listening(tool, heard)),
  });
  return { episode, harness, result: await run.result, events: sink.events };
}

/** Drives a processor through a recording without model and tools; returns where it does something else. */
export async function replay(
  subject: Subject,
  definition: ProcessorDefinition<never>,
  { episode, events }: Pick<Drive, "episode" | "events">,
  others: readonly LoadedHarness[] = [],
): Promise<string | undefined> {
  const harness = await harnessOf(subject, definition, episode);
  const agent = createAgent({ harness, models: modelsFor(subject, episode) });
  const { identical, divergence } = await agent.replay(events, {
    tools: episode.tools,
    harnesses: others,
  });
  if (identical) return undefined;
  return describe(divergence?.recorded, divergence?.replayed);
}

/** A model for every role that the processor may use. */
function modelsFor({ metadata }: Subject, { replies }: Episode): ModelsInput {
  const aside = (): ModelClient =>
    scriptedModel(() => ({ text: "A short answer." }), { id: "aside" });
  const roles = metadata.capabilities?.model ?? [];
  return {
    ...Object.fromEntries(roles.map((role) => [role, aside()])),
    // By number of the call, not by the messages in view: a processor may take messages out.
    main: scriptedModel(async (_request, call) => {
      // Lets other runs in between, as a provider would.
      await new Promise((resolve) => setImmediate(resolve));
      return replies[call] ?? { text: "Done." };
    }),
  };
}

function listening(tool: Tool, heard: () => void): Tool {
  return Object.freeze({
    ...tool,
    execute: (input: never, context: Parameters<Tool["execute"]>[1]) => {
      heard();
      return tool.execute(input, context);
    },
  });
}

/** Where two events part, in words. */
function describe(recorded: TraceEvent | undefined, replayed: TraceEvent | undefined): string {
  if (!recorded || !replayed) {
    const there = recorded ?? replayed;
    return `one run has ${there ? `the event ${there.type}` : "an event"} that another has not`;
  }
  const { divergence } = diffTraces([recorded], [replayed]);
  const what = recorded.type === "hook" ? recorded.hook : recorded.type;
  const where = `event ${recorded.seq} (${what}, ${divergence?.path})`;
  return `${where} is ${shown(divergence?.a)} in one run and ${shown(divergence?.b)} in another`;
}

const MAX_SHOWN = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}
