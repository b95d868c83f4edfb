import {
  defineProcessor,
  describeCall,
  textOf,
  type ExitReason,
  type MessageList,
  type StepEndEvent,
} from "@harnessx/core/plugin";
import { writeWhole } from "./file.ts";
import type { CheckpointOptions } from "./options.ts";

export type { CheckpointOptions } from "./options.ts";

/** One checkpoint, as `checkpoint.schema.json` describes it. */
interface Moment {
  readonly step: number;
  readonly output: string;
  readonly calls: readonly string[];
  readonly exit?: ExitReason;
}

/** What survives a swap. */
type Kept = { names: string[] };

/** Writes where the task stands to a folder, every few steps and at its end. */
export default defineProcessor<CheckpointOptions>((run, options) => {
  const kept = run.cell<Kept>("kept", { names: [] });

  run.hooks.stepEnd.tap("write", (event) => {
    if (event.step % options.every !== 0) return undefined;
    const { step } = event;
    const output = newestText(run.state.messages);
    return write({ step, output, calls: callsOf(event) }, `${run.id}.${numbered(step)}.json`);
  });

  run.hooks.taskEnd.tap("write the last", async ({ exit, output }) => {
    if (!options.atEnd) return;
    await write({ step: run.state.step, output, calls: [], exit }, `${run.id}.end.json`);
  });

  const write = async (moment: Moment, name: string): Promise<void> => {
    const { messages, totals } = run.state;
    const { step, calls, exit } = moment;
    const text = JSON.stringify({
      v: 1,
      run: run.id,
      task: run.task.id,
      step,
      at: run.clock.now(),
      totals,
      messages: messages.length,
      tokens: messages.tokens,
      output: clip(moment.output, options.maxOutputChars),
      calls,
      ...(exit === undefined ? {} : { exit }),
    });
    const { names } = kept.value;
    const isNew = !names.includes(name);
    const obsolete = isNew ? names.slice(0, Math.max(0, names.length + 1 - options.keep)) : [];
    const written = await run.recorded("checkpoint: written", () =>
      writeWhole(options.folder, name, `${text}\n`, obsolete),
    );
    // What could not be written is not there to be removed, and what it replaces stays.
    if ("problem" in written || !isNew) return;
    names.splice(0, obsolete.length);
    names.push(name);
  };
});

/** The text of the newest answer: it stands before the results of its calls. */
function newestText(history: MessageList): string {
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const message = history.at(index)!;
    if (message.role === "assistant") return textOf(message);
    if (message.role !== "tool") return "";
  }
  return "";
}

const MAX_CALLS = 20;

function callsOf({ calls }: StepEndEvent): string[] {
  return calls
    .slice(0, MAX_CALLS)
    .map(({ call, result }) => `${describeCall(call)}: ${result.status}`);
}

/** Sorts by name as it does by number. */
function numbered(step: number): string {
  return String(step).padStart(6, "0");
}

function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? text.slice(0, maxChars) : text;
}
