/** The runtime for programs that are written with effect. */
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { HarnessXError, hxError, messageOf } from "./errors/index.ts";
import {
  loadHarness as load,
  type LoadedHarness,
  type LoadHarnessOptions,
} from "./load/harness.ts";
import type { Manifest } from "./manifest/types.ts";
import type { Agent, RunOptions, RunResult, StreamItem, TaskInput } from "./run/types.ts";

function asFault(thrown: unknown): HarnessXError {
  return HarnessXError.isInstance(thrown)
    ? thrown
    : hxError("HX_RUN_FAULT", { problem: messageOf(thrown) }, thrown);
}

/**
 * Runs a task; interrupting the effect aborts the run and waits for its end.
 *
 * Fails only for options that can never work; how the run itself ended is in the result.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect";
 * import { createAgent, defineHarness, scriptedModel } from "@harnessx/core";
 * import { run } from "@harnessx/core/effect";
 * const agent = createAgent({ harness: await defineHarness({ name: "demo" }), models: { main: scriptedModel([{ text: "Hi." }]) } });
 * (await Effect.runPromise(run(agent, "Greet me."))).output; // "Hi."
 * ```
 */
export function run(
  agent: Agent,
  task: TaskInput,
  options: Omit<RunOptions, "signal"> = {},
): Effect.Effect<RunResult, HarnessXError> {
  return Effect.suspend(() => {
    let handle: ReturnType<Agent["start"]>;
    try {
      handle = agent.start(task, options);
    } catch (thrown) {
      return Effect.fail(asFault(thrown));
    }
    return Effect.onInterrupt(
      Effect.tryPromise({ try: () => handle.result, catch: asFault }),
      () => {
        handle.abort("The effect was interrupted.");
        return Effect.ignore(Effect.tryPromise(() => handle.result));
      },
    );
  });
}

/** The events and text deltas of a run as a stream; closing the stream aborts the run. */
export function stream(
  agent: Agent,
  task: TaskInput,
  options: RunOptions = {},
): Stream.Stream<StreamItem, HarnessXError> {
  return Stream.suspend(() => {
    try {
      return Stream.fromAsyncIterable(agent.stream(task, options), asFault);
    } catch (thrown) {
      return Stream.fail(asFault(thrown));
    }
  });
}

/** Loads a manifest; see `loadHarness` of `@harnessx/core`. */
export function loadHarness(
  source: string | Manifest,
  options?: LoadHarnessOptions,
): Effect.Effect<LoadedHarness, HarnessXError> {
  return Effect.tryPromise({ try: () => load(source, options), catch: asFault });
}
