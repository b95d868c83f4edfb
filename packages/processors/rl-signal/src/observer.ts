import { callKey, textOf, type StepEndEvent } from "@harnessx/core/plugin";
import { fingerprint } from "./fingerprint.ts";
import { loopOf, repeatOf, type SeenCall } from "./repetition.ts";
import type { RlSignalOptions, Sighting } from "./signal.ts";

/** What is remembered from step to step; survives a swap. */
export type Memory = {
  recent: SeenCall[];
  /** Calls since the last complete round of a cycle. */
  sinceLoop: number;
  /** Tools whose newest calls failed: how often, and since which step. */
  failing: [tool: string, times: number, since: number][];
};

type AnsweredCall = StepEndEvent["calls"][number];

/** Models invent names: no more tools than this are followed, the newest ones. */
const MAX_FAILING = 50;

/** Codes of the runtime for a call that the tool could not take. */
const FORMAT_ERRORS: ReadonlySet<string> = new Set(["HX_TOOL_INPUT_INVALID", "HX_TOOL_UNKNOWN"]);

/** An empty memory. */
export const emptyMemory = (): Memory => ({ recent: [], sinceLoop: 0, failing: [] });

/** What there is to see in one step. */
export function sightingsIn(
  event: Pick<StepEndEvent, "step" | "finish" | "calls">,
  memory: Memory,
  options: RlSignalOptions,
): Sighting[] {
  const sightings: Sighting[] = [];
  if (event.finish === "length") sightings.push({ kind: "truncated" });
  for (const answered of event.calls) {
    // A call that the end of the run cut off says nothing about the agent.
    if (answered.result.status === "cancelled") continue;
    const found = [
      ...repetition(answered, event.step, memory, options),
      ...outcome(answered, event.step, memory),
    ];
    const { id, name } = answered.call;
    for (const sighting of found) sightings.push({ ...sighting, call: id, tool: name });
  }
  return sightings;
}

function repetition(
  { call, result }: AnsweredCall,
  step: number,
  memory: Memory,
  options: RlSignalOptions,
): Sighting[] {
  const { recent } = memory;
  const key = fingerprint(`${callKey(call)} ${result.status} ${textOf(result.content)}`);
  recent.push({ key, step });
  if (recent.length > options.window) recent.shift();
  memory.sinceLoop += 1;
  const loop = loopOf(recent, memory.sinceLoop, options);
  if (loop) {
    memory.sinceLoop = 0;
    const { period: _period, ...sighting } = loop;
    return [sighting];
  }
  const repeat = repeatOf(recent, options.minRepeats);
  return repeat ? [repeat] : [];
}

function outcome({ call, result }: AnsweredCall, step: number, memory: Memory): Sighting[] {
  const index = memory.failing.findIndex(([tool]) => tool === call.name);
  const [before] = index < 0 ? [] : memory.failing.splice(index, 1);
  if (result.status === "ok") {
    if (!before) return [];
    return [{ kind: "recovery", since: before[2], times: before[1] }];
  }
  memory.failing.push([call.name, (before?.[1] ?? 0) + 1, before?.[2] ?? step]);
  if (memory.failing.length > MAX_FAILING) memory.failing.shift();
  const code = result.error?.code;
  const isFormat = call.malformed !== undefined || (code !== undefined && FORMAT_ERRORS.has(code));
  return [
    {
      kind: isFormat ? "format_error" : "tool_error",
      ...(code === undefined ? {} : { code }),
    },
  ];
}
