import fc from "fast-check";
import type { Message, Totals } from "../../src/plugin/index.ts";
import { toRanges, type TraceEvent } from "../../src/trace/index.ts";

/** A trace that makes sense, and the history and totals that a live run would have after each event. */
export interface CoherentTrace {
  readonly events: TraceEvent[];
  readonly after: { readonly messages: readonly Message[]; readonly totals: Totals }[];
}

type Unstamped = TraceEvent extends infer Event
  ? Event extends TraceEvent
    ? Omit<Event, "seq" | "at">
    : never
  : never;

interface Choice {
  readonly calls: number;
  readonly fault: boolean;
  readonly compact: boolean;
  readonly spawn: boolean;
  readonly text: string;
}

/** Plays runs of the loop by a plain model of it, written apart from the fold that it tests. */
export const coherentTrace: fc.Arbitrary<CoherentTrace> = fc
  .record({
    system: fc.boolean(),
    steps: fc.array(
      fc.record({
        calls: fc.nat(3),
        fault: fc.boolean(),
        compact: fc.boolean(),
        spawn: fc.boolean(),
        text: fc.string({ maxLength: 20 }),
      }),
      { maxLength: 6 },
    ),
    end: fc.boolean(),
  })
  .map(({ system, steps, end }) => play(system, steps, end));

function play(system: boolean, steps: readonly Choice[], end: boolean): CoherentTrace {
  const events: TraceEvent[] = [];
  const after: CoherentTrace["after"] = [];
  let messages: Message[] = [];
  let totals: Totals = {
    steps: 0,
    modelCalls: 0,
    toolCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    skippedFaults: 0,
  };
  let ids = 0;
  const emit = (event: Unstamped): number => {
    const seq = events.length;
    events.push({ ...event, seq, at: 1000 + seq } as TraceEvent);
    after.push({ messages: [...messages], totals });
    return seq;
  };
  const content = (text: string) => (text === "" ? [] : [{ type: "text" as const, text }]);

  emit({
    type: "run.start",
    v: 1,
    run: "r",
    task: { id: "t", text: "do it" },
    harness: { proposed: "h", deployed: "h", executed: "h" },
    manifest: {},
    models: {},
    seed: 1,
    tools: [],
    environment: { node: "20", core: "0" },
  });
  const user = { id: ids++, role: "user" as const, content: content("do it") };
  messages = [user];
  emit({ type: "message", id: user.id, role: "user", content: user.content });
  if (system) {
    const message = { id: ids++, role: "system" as const, content: content("be good") };
    messages = [message, ...messages];
    emit({ type: "message", id: message.id, role: "system", content: message.content });
  }
  for (const [index, choice] of steps.entries()) {
    const step = index + 1;
    totals = { ...totals, steps: totals.steps + 1 };
    emit({ type: "step.start", step, tokens: 1 });
    if (choice.fault) {
      totals = { ...totals, skippedFaults: totals.skippedFaults + 1 };
      emit({
        type: "hook",
        hook: "stepStart",
        step,
        taps: [{ processor: "p", tap: "t", verdict: "skipped-fault", ms: 1 }],
      });
    }
    if (choice.compact && messages.length > 3) {
      const summary = { id: ids++, role: "user" as const, content: content("in short") };
      messages = [...messages, summary];
      emit({ type: "message", id: summary.id, role: "user", content: summary.content });
      messages = [messages[0]!, summary, ...messages.slice(-2, -1)];
      emit({ type: "history", step, messages: toRanges(messages.map((message) => message.id)) });
    }
    emit({
      type: "message",
      id: ids++,
      role: "user",
      content: content("remember"),
      ephemeral: true,
    });
    emit({
      type: "model.request",
      step,
      call: step,
      role: "main",
      messages: toRanges(messages.map((message) => message.id)),
      seed: 1,
    });
    const calls = Array.from({ length: choice.calls }, (_, call) => ({
      id: `c${step}-${call}`,
      name: "go",
      input: { call },
    }));
    const parts = content(choice.text);
    totals = {
      ...totals,
      modelCalls: totals.modelCalls + 1,
      inputTokens: totals.inputTokens + 7,
      outputTokens: totals.outputTokens + 3,
      costUsd: totals.costUsd + 0.1,
    };
    const response = emit({
      type: "model.response",
      step,
      call: step,
      model: "m",
      policy: "scripted",
      content: parts,
      toolCalls: calls,
      finish: "stop",
      usage: { input: 7, output: 3 },
      costUsd: 0.1,
      ms: 1,
    });
    const assistant = { id: ids++, role: "assistant" as const, content: parts, toolCalls: calls };
    messages = [...messages, assistant];
    emit({ type: "message", id: assistant.id, role: "assistant", of: response });
    for (const call of calls) emit({ type: "tool.call", step, call });
    for (const call of calls.toReversed()) {
      if (choice.spawn) {
        emit({ type: "spawn", step, run: "child", by: call.id, task: { id: "s", text: "help" } });
        totals = {
          ...totals,
          modelCalls: totals.modelCalls + 2,
          inputTokens: totals.inputTokens + 5,
        };
        emit({
          type: "spawn.end",
          step,
          run: "child",
          exit: "done",
          output: "",
          totals: {
            steps: 9,
            modelCalls: 2,
            toolCalls: 0,
            inputTokens: 5,
            outputTokens: 0,
            costUsd: 0,
            skippedFaults: 0,
          },
        });
      }
      totals = { ...totals, toolCalls: totals.toolCalls + 1 };
      const result = emit({
        type: "tool.result",
        step,
        call: call.id,
        name: "go",
        status: "ok",
        content: choice.text,
        ms: 1,
      });
      const message = {
        id: ids++,
        role: "tool" as const,
        content: content(choice.text),
        callId: call.id,
        name: "go",
        status: "ok" as const,
      };
      messages = [...messages, message];
      emit({ type: "message", id: message.id, role: "tool", of: result });
    }
    emit({ type: "step.end", step, totals });
  }
  if (end) emit({ type: "run.end", exit: "done", output: "ok", totals, evaluations: [] });
  return { events, after };
}
