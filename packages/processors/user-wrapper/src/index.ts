import { defineProcessor, replace } from "@harnessx/core/plugin";
import type { UserWrapperOptions } from "./options.ts";
import { wrap, wrapperOf } from "./wrapper.ts";

export type { UserWrapperOptions } from "./options.ts";

/** Wraps the user's message as the model sees it; the history keeps it as it was written. */
export default defineProcessor<UserWrapperOptions>((run, options) => {
  const wrapper = wrapperOf(options);
  /** Id of the message to wrap; -1 when this instance came too late to see it arrive. */
  const turn = run.cell<number>("turn", -1);

  // What a user says arrives at the end of the history. A user message anywhere else was put there
  // by a processor, such as a summary, and is not wrapped.
  run.hooks.stepStart.tap("notice", ({ history }) => {
    const last = history.at(-1);
    if (last?.role === "user" && (turn.value < 0 || options.turns === "all")) turn.value = last.id;
  });

  run.hooks.beforeModel.tap("wrap", (event) => {
    // What another processor has added to the request is not meant by `withLastUser`.
    const base = run.state.messages.lastUser();
    if (!base) return undefined;
    if (turn.value >= 0 && base.id !== turn.value) return undefined;
    let isWhole = true;
    const wrapped = event.withLastUser((text) => {
      // Inserted in the middle of a task: only the task itself is known to be the user's.
      if (turn.value < 0 && text !== run.task.text) isWhole = false;
      return wrap(wrapper, text);
    });
    return isWhole ? replace(wrapped) : undefined;
  });
});
