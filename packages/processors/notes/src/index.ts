import {
  describeCall,
  defineProcessor,
  replace,
  textOf,
  type Message,
  type MessageList,
  type ToolCall,
} from "@harnessx/core/plugin";
import { emptyState, Memory } from "./memory.ts";
import type { NotesOptions } from "./options.ts";
import { createReader } from "./reading.ts";
import { relevanceOf } from "./relevance.ts";
import { renderNotes } from "./render.ts";

export type { NoteKind, NotePattern, NoteSections, NotesOptions, NoteWording } from "./options.ts";

/** Remembers what was seen where and what was tried, and shows it before each model call. */
export default defineProcessor<NotesOptions>((run, options) => {
  const reader = createReader(options);
  const cell = run.cell("notes", emptyState());
  const state = cell.value;
  const memory = new Memory(state, options.maxFailures);
  const isRelevant = relevanceOf(reader.taskOf(run.task.text));
  let notes: string | undefined;

  // All knowledge comes from the history, so a swap that inserts this processor into a task in
  // progress finds what has happened before, and a replay finds the same.
  run.hooks.stepStart.tap("read", (event) => {
    if (state.readUpTo < 0) memory.answered("", reader.read("task", run.task.text));
    for (const { call, reply, isOk } of newReplies(event.history, state.readUpTo)) {
      const action = describeCall(call);
      if (!isOk || reader.isFailure(reply)) memory.failed(action);
      else
        memory.answered(action, [...reader.read("call", action), ...reader.read("reply", reply)]);
    }
    state.readUpTo = event.history.at(-1)?.id ?? state.readUpTo;
    notes = renderNotes(state, options, isRelevant);
  });

  run.hooks.beforeModel.tap("show", (event) =>
    notes === undefined ? undefined : replace(event.appendUser(notes)),
  );
});

interface Reply {
  readonly call: ToolCall;
  readonly reply: string;
  readonly isOk: boolean;
}

/** The tool results behind message `readUpTo`, each with its call; looks at new messages only. */
function newReplies(history: MessageList, readUpTo: number): Reply[] {
  let start = history.length;
  // Ids grow with time, except that a summary stands before messages that are older than itself.
  while (start > 0 && history.at(start - 1)!.id > readUpTo) start -= 1;
  const calls = new Map<string, ToolCall>();
  const replies: Reply[] = [];
  for (let index = start; index < history.length; index += 1) {
    const message: Message = history.at(index)!;
    if (message.role === "assistant")
      for (const call of message.toolCalls) calls.set(call.id, call);
    if (message.role !== "tool") continue;
    const call = calls.get(message.callId);
    if (call) replies.push({ call, reply: textOf(message), isOk: message.status === "ok" });
  }
  return replies;
}
