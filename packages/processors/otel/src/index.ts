import { defineProcessor } from "@harnessx/core/plugin";
import { Emitter } from "./emitter.ts";
import type { OtelOptions } from "./options.ts";

export type { OtelOptions } from "./options.ts";

const LIVE = "otel: live";

/** Emits OpenTelemetry spans and metrics of a run through the SDK that the app has set up. */
export default defineProcessor<OtelOptions>(async (run, options) => {
  const emitter = new Emitter(run, options);

  /** A replay takes the answer from its recording and does not ask: then nothing is emitted. */
  const begin = async (): Promise<void> => {
    let isLive = options.replays;
    await run.recorded(LIVE, () => {
      isLive = true;
      return true;
    });
    if (isLive) emitter.open();
  };

  run.hooks.stepStart.tap("begin", () => {
    emitter.beginStep();
    return begin();
  });
  run.hooks.beforeModel.tap("begin chat", (event) => emitter.beginChat(event));
  run.hooks.afterModel.tap("end chat", (event) => emitter.endChat(event));
  run.hooks.beforeTool.tap("begin tool", (event) => emitter.beginTool(event));
  run.hooks.afterTool.tap("end tool", (event) => emitter.endTool(event));
  run.hooks.taskEnd.tap("report", (event) => emitter.report(event));
  run.onDispose(() => emitter.close());

  // Asked again in every step: a run that is resumed becomes live in the middle.
  await begin();
});
