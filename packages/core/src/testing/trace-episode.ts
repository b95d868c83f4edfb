import type { ScriptedReply } from "../model/scripted.ts";
import { textOf } from "../plugin/message.ts";
import type { Tool } from "../plugin/tool.ts";
import { readTrace } from "../trace/read.ts";
import type { ToolResultEvent, TraceEvent } from "../trace/schema.ts";
import { deepFreeze, type Episode } from "./episodes.ts";

/** A recorded run as an episode: its model says what was recorded, its tools return what was recorded. */
export async function episodeOf(
  trace: string | readonly TraceEvent[],
  name: string,
): Promise<Episode> {
  const events = typeof trace === "string" ? (await readTrace(trace)).events : trace;
  const start = events.find((event) => event.type === "run.start");
  if (!start) throw new Error(`${name} has no run.start event`);
  const own = new Set(
    events.flatMap((e) => (e.type === "model.request" && e.by !== undefined ? [e.call] : [])),
  );
  const replies = events.flatMap((event): ScriptedReply[] => {
    if (event.type !== "model.response" || own.has(event.call)) return [];
    const { content, toolCalls, finish, usage } = event;
    const thinking = content.flatMap((part) => (part.type === "thinking" ? [part.text] : []));
    return [
      {
        text: textOf(content),
        ...(thinking.length > 0 ? { thinking: thinking.join("\n") } : {}),
        calls: toolCalls,
        finish,
        usage,
      },
    ];
  });
  const results = new Map(
    events.flatMap((e) => (e.type === "tool.result" ? [[e.call, e] as const] : [])),
  );
  const { id: _id, ...task } = start.task;
  return deepFreeze({
    name,
    task,
    replies,
    tools: start.tools.map((spec): Tool => ({
      ...spec,
      execute: (_input, { callId }) => resultOf(results.get(callId)),
    })),
    limits: { maxSteps: Math.max(50, replies.length + 10) },
  });
}

function resultOf(event: ToolResultEvent | undefined): ReturnType<Tool["execute"]> {
  if (!event) return { status: "error", content: "The recorded run made no such call." };
  const { status, content, structured, error, end } = event;
  return {
    status,
    content,
    ...(structured === undefined ? {} : { structured }),
    ...(error ? { error } : {}),
    ...(end ? { end } : {}),
  };
}
