import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Cause from "effect/Cause";
import { hxError, messageOf } from "../errors/index.ts";
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
    core.swap = undefined;
    const exit: Exit.Exit<void, unknown> = yield* Effect.exit(
      Effect.gen(() => moveTo(core, request.harness)),
    );
    if (Exit.isSuccess(exit)) request.done();
    else
      request.failed(
        hxError(
          "HX_SWAP_REJECTED",
          { problem: messageOf(Cause.squash(exit.cause)) },
          Cause.squash(exit.cause),
        ),
      );
    return;
  }
  const followed = core.options.follow?.();
  if (followed && followed.hash !== core.harness.hash) {
    const exit: Exit.Exit<void, unknown> = yield* Effect.exit(
      Effect.gen(() => moveTo(core, followed)),
    );
    if (Exit.isFailure(exit))
      core.host?.log(
        "runtime",
        `The new harness was rejected: ${messageOf(Cause.squash(exit.cause))}`,
      );
  }
}

/** The new processors are set up completely before the old ones are disposed of. */
function* moveTo(core: RunCore, harness: LoadedHarness): Steps<void> {
  const tools = new ToolRegistry([...harness.tools, ...(core.options.tools ?? [])]);
  const previous = core.harness;
  core.harness = harness;
  const host = new ProcessorHost(core);
  const exit = yield* Effect.exit(Effect.gen(() => host.start(harness)));
  if (Exit.isFailure(exit)) {
    core.harness = previous;
    yield* host.dispose();
    return yield* Effect.failCause(exit.cause);
  }
  const old = core.host;
  core.recorder.emit({
    seq: 0,
    at: 0,
    type: "swap",
    step: core.step,
    from: previous.hash,
    to: harness.hash,
    manifest: harness.canonical,
  });
  core.hashes = { proposed: harness.hash, deployed: harness.hash, executed: harness.hash };
  core.tools = tools;
  core.pipeline = exit.value;
  core.host = host;
  if (old) yield* old.dispose();
}
