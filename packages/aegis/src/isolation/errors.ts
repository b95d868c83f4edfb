import { defineErrors } from "@harnessx/core";

/** What can go wrong at the border of a sandbox. An error that plugin code throws is not among them: the runtime codes it as in any other tier. */
export const isolationErrorTable = {
  HX_ISOLATION_UNAVAILABLE: {
    tag: "IsolationError",
    message: "The isolation tier {tier} does not hold on this machine: {problem}.",
    hint: "Nothing falls back to a weaker tier; repair the machine or do not load the plugin.",
  },
  HX_ISOLATION_LOAD_FAILED: {
    tag: "IsolationError",
    message: "The plugin {processor} cannot be loaded into its sandbox: {problem}.",
    hint: "A sandboxed plugin imports its own files and @harnessx/core/plugin, and exports a processor or tools.",
  },
  HX_ISOLATION_OUT_OF_FUEL: {
    tag: "IsolationError",
    message: "The plugin {processor} used up its fuel in {where}.",
    hint: "Fuel counts executed code, not time: the same input always ends here. Look for a loop.",
  },
  HX_ISOLATION_OUT_OF_MEMORY: {
    tag: "IsolationError",
    message: "The plugin {processor} used up its memory in {where}.",
    hint: "Keep less state, or raise the limit memoryBytes.",
  },
  HX_ISOLATION_OUT_OF_TIME: {
    tag: "IsolationError",
    message: "The plugin {processor} was stopped in {where} after {ms} ms.",
    hint: "Time says nothing about the plugin by itself: try again before judging it.",
  },
  HX_ISOLATION_BAD_DATA: {
    tag: "IsolationError",
    message: "The plugin {processor} sent data from {where} that is refused: {problem}.",
    hint: "What leaves a sandbox is plain JSON of limited size that fits its schema.",
  },
  HX_ISOLATION_STUCK: {
    tag: "IsolationError",
    message: "The plugin {processor} returned a promise from {where} that nothing will settle.",
    hint: "There are no timers; await only what run.model, run.spawn, http and spawn return.",
  },
  HX_ISOLATION_STOPPED: {
    tag: "IsolationError",
    message: "The sandbox of {processor} is closed: {problem}.",
    hint: "A sandbox that broke a limit is thrown away; start the run again.",
  },
} as const;

/** Makes an error of an isolation tier. */
export const isolationError = defineErrors(isolationErrorTable);
