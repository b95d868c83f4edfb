import { defineProcessor, replace } from "@harnessx/core/plugin";
import { windowStart } from "./window.ts";

/** Options of the sliding-window processor. */
export interface SlidingWindowOptions {
  /** Most messages in the window; 0 for no limit. */
  readonly maxMessages: number;
  /** Most tokens of the whole history, as the runtime estimates them; 0 for no limit. */
  readonly maxTokens: number;
  /** Share of a limit that a cut takes out, so that not every step changes what a provider has cached. */
  readonly slack: number;
}

/** Takes the oldest messages out of a conversation that has grown beyond its window. */
export default defineProcessor<SlidingWindowOptions>((run, options) => {
  /** Id of the message that holds the task; -1 while it is not known. */
  const task = run.cell<number>("task", -1);

  run.hooks.stepStart.tap("slide", (event) => {
    const { history, step } = event;
    // In the first step the task is the newest message, whatever conversation came before it.
    if (task.value < 0 && step === 1) task.value = history.lastUser()?.id ?? -1;
    // Another processor has edited the history in this step: wait for the next.
    if (event.edits.some(({ op }) => op === "evict" || op === "summarize")) return undefined;
    const isPinned = pinning(task.value);
    const start = windowStart(history, isPinned, options);
    if (start === undefined) return undefined;
    return replace(
      event.evict((message, index) => index >= start || isPinned(message.id, message.role)),
    );
  });

  /** The system prompt and the task; the first user message where the task's is not known. */
  function pinning(taskId: number): (id: number, role: string) => boolean {
    const id = taskId >= 0 ? taskId : firstUser();
    return (other, role) => role === "system" || other === id;
  }

  function firstUser(): number {
    const { messages } = run.state;
    let index = 0;
    while (index < messages.length && messages.at(index)!.role !== "user") index += 1;
    task.value = messages.at(index)?.id ?? -1;
    return task.value;
  }
});
