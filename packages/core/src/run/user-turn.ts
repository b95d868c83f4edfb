import * as Effect from "effect/Effect";
import { hxError, messageOf } from "../errors/index.ts";
import { LazySignal, runHasEnded } from "../model/lazy-signal.ts";
import type { MessageEvent } from "../trace/schema.ts";
import type { RunCore, Steps } from "./core.ts";
import { toParts } from "./history.ts";

/**
 * Lets the user speak after an answer. Returns whether the conversation goes on.
 *
 * A user message in this place of a recording is what the user said then.
 */
export function* takeUserTurn(core: RunCore, output: string): Steps<boolean> {
  const { recorder, options } = core;
  const recorded = recorder.peek();
  if (recorded) {
    if (!isUserTurn(recorded)) return false;
    const { id, content } = recorder.accept() as MessageEvent;
    core.messageId();
    core.history.append(Object.freeze({ id, role: "user", content: content ?? [] }));
    return true;
  }
  const { user } = options;
  if (!user) return false;
  recorder.requireLive("the user");
  const said = yield* ask(core, user, output);
  if (said === undefined) return false;
  const message = { id: core.messageId(), role: "user" as const, content: toParts(said) };
  core.history.append(Object.freeze(message));
  recorder.emit({ seq: 0, at: 0, type: "message", ...message });
  return true;
}

const isUserTurn = (event: { readonly type: string }): boolean => {
  const { type, role, ephemeral } = event as Partial<MessageEvent>;
  return type === "message" && role === "user" && ephemeral === undefined;
};

function* ask(
  core: RunCore,
  user: NonNullable<RunCore["options"]["user"]>,
  output: string,
): Steps<string | undefined> {
  const signal = new LazySignal();
  const { step } = core;
  const turn = {
    output,
    step,
    totals: core.ledger.totals(),
    get signal() {
      return signal.signal;
    },
  };
  const asking = Effect.tryPromise({
    try: async () => user(turn),
    catch: (thrown) => hxError("HX_USER_FAILED", { problem: messageOf(thrown) }, thrown),
  });
  const said = yield* Effect.onInterrupt(asking, () =>
    Effect.sync(() => signal.abort(runHasEnded)),
  );
  if (said === undefined || typeof said === "string") return said;
  return yield* Effect.fail(hxError("HX_USER_FAILED", { problem: `it returned a ${typeof said}` }));
}
