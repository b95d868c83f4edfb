import { assertType, describe, expectTypeOf, test } from "vitest";
import * as Effect from "effect/Effect";
import {
  abort,
  askApproval,
  defineProcessor,
  intercept,
  replace,
  retry,
  split,
  tool,
  type Run,
  type TaskStartEvent,
  type ToolMessage,
  type UserMessage,
} from "@harnessx/core/plugin";

declare const run: Run;

describe("what a hook forbids does not compile", () => {
  test("stepEnd is read-only", () => {
    run.hooks.stepEnd.tap("t", () => undefined);
    // @ts-expect-error stepEnd allows no verdict
    run.hooks.stepEnd.tap("t", (event) => replace(event));
    // @ts-expect-error stepEnd allows no verdict
    run.hooks.stepEnd.tap("t", () => abort("no"));
  });

  test("only beforeTool splits and asks", () => {
    run.hooks.beforeTool.tap("t", (event) => split([event.withInput({})]));
    run.hooks.beforeTool.tap("t", () => askApproval("why"));
    // @ts-expect-error a result cannot be split
    run.hooks.afterTool.tap("t", (event) => split([event]));
    // @ts-expect-error only a tool call is approved
    run.hooks.beforeModel.tap("t", () => askApproval("why"));
  });

  test("only afterModel retries", () => {
    run.hooks.afterModel.tap("t", () => retry("again"));
    // @ts-expect-error nothing to retry yet
    run.hooks.beforeModel.tap("t", () => retry("again"));
  });

  test("an outcome fits its hook", () => {
    run.hooks.taskStart.tap("t", () => intercept({ output: "answer" }));
    run.hooks.beforeModel.tap("t", () => intercept({ text: "canned" }));
    run.hooks.beforeTool.tap("t", () => intercept({ status: "refused", content: "no" }));
    // @ts-expect-error a task is answered by a text
    run.hooks.taskStart.tap("t", () => intercept({ output: 5 }));
    // @ts-expect-error a tool result needs a known status
    run.hooks.beforeTool.tap("t", () => intercept({ status: "fine", content: "no" }));
    // @ts-expect-error stepStart has no action to intercept
    run.hooks.stepStart.tap("t", () => intercept({}));
  });

  test("an event of one hook does not replace another's", () => {
    const other = undefined as unknown as TaskStartEvent;
    // @ts-expect-error another hook's event
    run.hooks.beforeModel.tap("t", () => replace(other));
  });

  test("events are read-only", () => {
    run.hooks.beforeModel.tap("t", (event) => {
      // @ts-expect-error read-only
      event.step = 3;
      // @ts-expect-error read-only
      event.request.role = "x";
      // @ts-expect-error read-only list
      event.request.tools.push({});
    });
  });
});

describe("a tap may be sync, async or an Effect", () => {
  test("all three", () => {
    run.hooks.beforeModel.tap("t", (event) => replace(event.appendUser("x")));
    run.hooks.beforeModel.tap("t", async (event) => replace(event.appendUser("x")));
    run.hooks.beforeModel.tap("t", (event) => Effect.succeed(replace(event.appendUser("x"))));
    // @ts-expect-error an Effect of the wrong verdict
    run.hooks.stepEnd.tap("t", () => Effect.succeed(retry()));
  });
});

describe("options and tools are typed", () => {
  test("options reach setup", () => {
    defineProcessor<{ window: number }>((_run, options) => {
      expectTypeOf(options.window).toBeNumber();
      // @ts-expect-error options are read-only
      options.window = 1;
    });
  });

  test("a tool's input is what it says", () => {
    tool<{ path: string }>({
      name: "t",
      description: "",
      inputSchema: {},
      execute: ({ path }) => (expectTypeOf(path).toBeString(), path),
    });
  });

  test("messages narrow by role", () => {
    assertType<ToolMessage["callId"]>("c1");
    // @ts-expect-error a user message has no call
    assertType<UserMessage["callId"]>("c1");
  });
});
