import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEvent,
  createTraceState,
  foldTrace,
  fromRanges,
  type TraceEvent,
  toRanges,
} from "../../src/trace/index.ts";
import { coherentTrace } from "./coherent.ts";
import { startEvent } from "./events.ts";

const call = (id: string) => ({ id, name: "go", input: {} });
const number = (events: unknown[]) =>
  events.map((event, seq) => ({ ...(event as object), seq, at: seq })) as TraceEvent[];
const message = (id: number, role: string, more: object = {}) => ({
  type: "message",
  id,
  role,
  content: [{ type: "text", text: `${id}` }],
  ...more,
});
const response = (toolCalls: unknown[] = []) => ({
  type: "model.response",
  step: 1,
  call: 1,
  model: "m",
  policy: "scripted",
  content: [{ type: "text", text: "hi" }],
  toolCalls,
  finish: "stop",
  usage: { input: 1, output: 2 },
  costUsd: 0.5,
  ms: 1,
});
const result = (id: string, content = "done") => ({
  type: "tool.result",
  step: 1,
  call: id,
  name: "go",
  status: "ok",
  content,
  ms: 1,
});
const zero = {
  steps: 0,
  modelCalls: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  skippedFaults: 0,
};
const fold = (...events: unknown[]) => foldTrace(number([startEvent(), ...events]));
const problem = (...events: unknown[]) => {
  try {
    fold(...events);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

describe("the fold", () => {
  it("equals a model of the live run after every event", () => {
    fc.assert(
      fc.property(coherentTrace, ({ events, after }) => {
        const state = createTraceState();
        for (const [index, event] of events.entries()) {
          applyEvent(state, event);
          expect(state.messages).toEqual(after[index]!.messages);
          expect(state.totals).toEqual(after[index]!.totals);
        }
        expect(state.pending).toEqual([]);
      }),
    );
  });

  it("of a prefix and the rest is the fold of all, also through JSON", () => {
    fc.assert(
      fc.property(coherentTrace, fc.nat(), ({ events }, choice) => {
        const cut = choice % (events.length + 1);
        const state = foldTrace(events.slice(0, cut));
        for (const event of JSON.parse(JSON.stringify(events.slice(cut)))) applyEvent(state, event);
        expect(state).toEqual(foldTrace(events));
      }),
    );
  });

  it("changes no event and shares no history with them", () => {
    fc.assert(
      fc.property(coherentTrace, ({ events }) => {
        const before = structuredClone(events);
        foldTrace(events);
        expect(events).toEqual(before);
      }),
    );
  });

  it("begins empty and takes run, task and harness from the start", () => {
    expect(foldTrace([])).toEqual(createTraceState());
    expect(fold()).toMatchObject({
      run: "r",
      task: { id: "t" },
      harness: "h",
      step: 0,
      messages: [],
    });
    expect(fold({ type: "swap", step: 1, from: "h", to: "h2", manifest: {} }).harness).toBe("h2");
  });

  it("puts one system message first and leaves ephemeral ones out", () => {
    const { messages } = fold(
      message(0, "user"),
      message(1, "system"),
      message(2, "user", { ephemeral: true }),
      message(3, "system"),
    );
    expect(messages.map(({ id, role }) => [id, role])).toEqual([
      [3, "system"],
      [0, "user"],
    ]);
  });

  it("takes content from the event that `of` names, and what the message says itself first", () => {
    const calls = [call("a")];
    const { messages } = fold(
      response(calls),
      message(0, "assistant", { of: 1, content: undefined }),
      message(1, "assistant", { of: 1, toolCalls: [] }),
      result("a"),
      message(2, "tool", { of: 4, content: undefined }),
      message(3, "tool", { of: 4, status: "error" }),
      result("b", ""),
      message(4, "tool", { of: 7, content: undefined }),
    );
    expect(messages).toEqual([
      { id: 0, role: "assistant", content: [{ type: "text", text: "hi" }], toolCalls: calls },
      { id: 1, role: "assistant", content: [{ type: "text", text: "1" }], toolCalls: [] },
      {
        id: 2,
        role: "tool",
        content: [{ type: "text", text: "done" }],
        callId: "a",
        name: "go",
        status: "ok",
      },
      {
        id: 3,
        role: "tool",
        content: [{ type: "text", text: "3" }],
        callId: "a",
        name: "go",
        status: "error",
      },
      { id: 4, role: "tool", content: [], callId: "b", name: "go", status: "ok" },
    ]);
  });

  it("brings back messages that an earlier edit removed", () => {
    const { messages } = fold(
      message(0, "user"),
      message(1, "user"),
      message(2, "user"),
      { type: "history", step: 1, messages: [[2, 2]] },
      {
        type: "history",
        step: 1,
        messages: [
          [1, 2],
          [0, 0],
        ],
      },
    );
    expect(messages.map(({ id }) => id)).toEqual([1, 2, 0]);
  });

  it("knows which calls wait, which have begun and which came from a split", () => {
    const asked = [response([call("a"), call("b")]), message(0, "assistant", { of: 1 })];
    expect(fold(...asked).pending).toEqual([
      { call: call("a"), started: false },
      { call: call("b"), started: false },
    ]);
    const begun = [
      ...asked,
      { type: "tool.call", step: 1, call: call("a1"), from: "a" },
      { type: "tool.call", step: 1, call: call("b") },
    ];
    expect(fold(...begun).pending).toEqual([
      { call: call("a"), started: false },
      { call: call("b"), started: true },
      { call: call("a1"), started: true, from: "a" },
    ]);
    const done = [
      ...begun,
      result("b"),
      result("a1"),
      message(1, "tool", { callId: "a", name: "go", status: "ok" }),
    ];
    expect(fold(...done).pending).toEqual([]);
  });

  it("follows an approval and a resumed end", () => {
    const interrupt = {
      type: "interrupt",
      step: 1,
      call: call("a"),
      processor: "p",
      reason: "ask",
    };
    const parked = [
      interrupt,
      { type: "run.end", exit: "interrupted", output: "", totals: zero, evaluations: [] },
    ];
    expect(fold(...parked)).toMatchObject({
      interrupted: { call: call("a"), processor: "p", reason: "ask" },
      ended: { exit: "interrupted" },
    });
    const decided = fold(...parked, { type: "decision", call: "a", decision: "approve" });
    expect(decided.interrupted).toBeUndefined();
    expect(decided.ended).toBeUndefined();
    expect(
      fold(interrupt, { type: "decision", call: "other", decision: "approve" }).interrupted,
    ).toBeDefined();
    expect(fold(interrupt, result("a")).interrupted).toBeUndefined();
  });

  it("checks totals, with a tolerance for the last digits of money", () => {
    const end = (totals: object) => ({ type: "step.end", step: 1, totals: { ...zero, ...totals } });
    const spent = { steps: 1, modelCalls: 1, inputTokens: 1, outputTokens: 2 };
    const begin = { type: "step.start", step: 1, tokens: 1 };
    expect(problem(begin, response(), end({ ...spent, costUsd: 0.5 + 1e-12 }))).toBeUndefined();
    expect(problem(begin, response(), end({ ...spent, costUsd: 0.51 }))).toContain(
      "totals say costUsd 0.51",
    );
    expect(problem(begin, response(), end({ ...spent, steps: 2, costUsd: 0.5 }))).toContain(
      "steps 2, the events before it 1",
    );
    expect(
      problem({
        type: "run.end",
        exit: "done",
        output: "",
        totals: { ...zero, toolCalls: 1 },
        evaluations: [],
      }),
    ).toContain("toolCalls");
  });

  it("refuses events that refer to nothing", () => {
    expect(problem(startEvent())).toContain("already started");
    expect(problem(message(0, "user"), message(0, "user"))).toContain("message 0 exists already");
    expect(problem(message(0, "assistant", { of: 9 }))).toContain("event 9 is no model.response");
    expect(problem(message(0, "tool"))).toContain("needs a call");
    expect(problem({ type: "history", step: 1, messages: [[0, 0]] })).toContain(
      "more messages than there are",
    );
    expect(problem(message(1, "user"), { type: "history", step: 1, messages: [[0, 0]] })).toContain(
      "no message 0",
    );
    const vast = { type: "history", step: 1, messages: [[0, Number.MAX_SAFE_INTEGER - 1]] };
    expect(problem(message(0, "user"), vast)).toContain("more messages than there are");
  });
});

describe("ranges", () => {
  it("give back any list of ids", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), (ids) => {
        expect(fromRanges(toRanges(ids))).toEqual(ids);
      }),
    );
  });

  it("are as few as can be", () => {
    expect(toRanges([])).toEqual([]);
    expect(toRanges([0, 1, 2, 7, 3, 4])).toEqual([
      [0, 2],
      [7, 7],
      [3, 4],
    ]);
    expect(toRanges(new Set([5, 6]))).toEqual([[5, 6]]);
    fc.assert(
      fc.property(fc.nat(50), fc.nat(1000), (first, more) => {
        const ids = Array.from({ length: more + 1 }, (_, index) => first + index);
        expect(toRanges(ids)).toEqual([[first, first + more]]);
      }),
    );
  });
});
