import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Cause from "effect/Cause";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import { ControlSignal } from "../hooks/control-signal.ts";
import { recordLog } from "./services.ts";
import type { LoadedHarness } from "../load/harness.ts";
import type { RunCore, Steps } from "./core.ts";
import { ProcessorHost } from "./processor-host.ts";
import { ToolRegistry } from "../tools/registry.ts";

/**
 * At a step boundary: moves to the harness that the caller asked for, or that the recording moved to.
 * A harness that cannot be set up leaves the run on its present one.
 */
export function* swapIfAsked(core: RunCore): Steps<void> {
  const recorded = core.recorder.peek();
  if (recorded) {
    if (recorded.type !== "swap") return;
    const harness = core.harnesses.get(recorded.to);
    if (!harness)
      return yield* Effect.fail(hxError("HX_REPLAY_HARNESS_MISSING", { hash: recorded.to }));
    yield* moveTo(core, harness);
    return;
  }
  const request = core.swap;
  if (request) {
    const problem = yield* moveTo(core, request.harness);
    core.swap = undefined;
    if (problem) request.failed(problem);
    else request.done();
    return;
  }
  const followed = followedHarness(core);
  if (followed && followed.hash !== core.harness.hash && followed.hash !== core.rejected) {
    yield* moveTo(core, followed);
  }
}

function followedHarness(core: RunCore): LoadedHarness | undefined {
  try {
    return core.options.follow?.();
  } catch (thrown) {
    recordLog(core, "runtime", `Following failed: ${messageOf(thrown)}`);
    return undefined;
  }
}

/**
 * Sets up the new processors completely before the old ones are disposed of.
 *
 * The `swap` comes first in the trace, so that a replay knows what the setup belongs to; a harness
 * that cannot be set up is followed by its reason and a `swap` back.
 */
function* moveTo(core: RunCore, harness: LoadedHarness): Steps<HarnessXError | undefined> {
  const previous = core.harness;
  const host = new ProcessorHost(core);
  recordSwap(core, previous, harness);
  core.harness = harness;
  core.starting = host;
  const exit = yield* Effect.exit(
    Effect.gen(function* () {
      const tools = yield* Effect.try({
        try: () => new ToolRegistry([...harness.tools, ...(core.options.tools ?? [])]),
        catch: (thrown) => thrown as HarnessXError,
      });
      const pipeline = yield* Effect.gen(() => host.start(harness));
      return { tools, pipeline };
    }),
  );
  core.starting = undefined;
  if (Exit.isFailure(exit)) {
    core.harness = previous;
    yield* host.dispose();
    if (Cause.hasInterrupts(exit.cause) || isControl(exit.cause))
      return yield* Effect.failCause(exit.cause);
    const problem = messageOf(Cause.squash(exit.cause));
    core.rejected = harness.hash;
    recordLog(core, "runtime", `The new harness was rejected: ${problem}`);
    recordSwap(core, harness, previous);
    return hxError("HX_SWAP_REJECTED", { problem }, Cause.squash(exit.cause));
  }
  const old = core.host;
  core.hashes = { proposed: harness.hash, deployed: harness.hash, executed: harness.hash };
  core.tools = exit.value.tools;
  core.pipeline = exit.value.pipeline;
  core.host = host;
  if (old) yield* old.dispose();
  return undefined;
}

/** Whether a replay ended here, or left its recording. */
function isControl(cause: Cause.Cause<unknown>): boolean {
  const thrown = Cause.squash(cause);
  return (
    thrown instanceof ControlSignal ||
    (HarnessXError.isInstance(thrown) && thrown.code === "HX_RESUME_DIVERGED")
  );
}

function recordSwap(core: RunCore, from: LoadedHarness, to: LoadedHarness): void {
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "swap",
    step: core.step,
    from: from.hash,
    to: to.hash,
    manifest: to.canonical,
  });
}
