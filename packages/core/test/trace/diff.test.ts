import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffTraces, sameEvent, sameJson, type TraceEvent } from "../../src/trace/index.ts";
import { anyEvent, anyTrace, json } from "./arbitraries.ts";
import { logEvent, startEvent } from "./events.ts";

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** The same event as another execution would write it. */
function again(event: TraceEvent): TraceEvent {
  const other: any = copy(event);
  other.at += 7;
  if ("ms" in other) other.ms += 1;
  if ("run" in other) other.run += "2";
  if (other.type === "run.start") other.parent = { run: "someone" };
  if (other.type === "hook") for (const tap of other.taps) tap.ms += 1;
  return other;
}

/** Reverses the order of keys everywhere. */
function turned(value: any): any {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, turned(item)]),
  );
}

/** A definition of sameEvent that is slow and obvious. */
function plain(event: TraceEvent): string {
  const { at: _at, ms: _ms, run: _run, parent: _parent, ...rest } = copy(event) as any;
  if (rest.type === "hook") rest.taps = rest.taps.map(({ ms: _tapMs, ...tap }: any) => tap);
  const sorted = (value: any): any => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(sorted);
    return [
      "object",
      ...Object.keys(value)
        .sort()
        .map((key) => [key, sorted(value[key])]),
    ];
  };
  return JSON.stringify(sorted(rest));
}

describe("sameEvent", () => {
  it("ignores what differs between executions, and the order of keys", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(sameEvent(event, event)).toBe(true);
        expect(sameEvent(event, turned(again(event)))).toBe(true);
        expect(sameEvent(turned(again(event)), event)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("decides as the plain definition does", () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), json, (event, choice, value) => {
        const other: any = copy(event);
        const objects: any[] = [other];
        for (let i = 0; i < objects.length; i++) {
          for (const item of Object.values(objects[i]))
            if (typeof item === "object" && item) objects.push(item);
        }
        const target = objects[choice % objects.length];
        // A list of taps holds records: the format has nothing else there.
        if (target === other.taps) return;
        const keys = Object.keys(target).filter((key) => key !== "taps");
        if (keys.length === 0) return;
        target[keys[choice % keys.length]!] = value;
        expect(sameEvent(event, other)).toBe(plain(event) === plain(other));
        expect(sameEvent(other, event)).toBe(sameEvent(event, other));
      }),
      { numRuns: 1000 },
    );
  });

  it("looks into payloads that have volatile names", () => {
    const log = (data: any) => logEvent(1, "", data);
    expect(sameEvent(log({ at: 1 }), log({ at: 2 }))).toBe(false);
    expect(sameEvent(log({ ms: 1 }), log({ ms: 2 }))).toBe(false);
    expect(sameEvent(log({ a: { run: 1 } }), log({ a: { run: 2 } }))).toBe(false);
  });

  it("takes an event in memory and its copy from a file for the same", () => {
    class Money {
      toJSON() {
        return "5";
      }
    }
    const data: any = {
      gone: undefined,
      when: new Date(0),
      list: [undefined, Number.NaN],
      infinite: Infinity,
      price: new Money(),
    };
    expect(sameEvent(logEvent(1, "", data), copy(logEvent(1, "", data)))).toBe(true);
    expect(sameEvent(copy(logEvent(1, "", data)), logEvent(1, "", data))).toBe(true);
    expect(sameJson(new Date(0), new Date(1))).toBe(false);
    expect(sameJson({ a: undefined }, { a: null })).toBe(false);
    expect(sameJson({}, [])).toBe(false);
    expect(sameJson(JSON.parse('{"__proto__":1}'), {})).toBe(false);
    expect(sameJson({ toString: 1 }, { valueOf: 1 })).toBe(false);
  });
});

describe("diffTraces", () => {
  it("finds nothing between two executions of the same behaviour", () => {
    fc.assert(
      fc.property(anyTrace, (events) => {
        const diff = diffTraces(events, events.map(again));
        expect(diff).toMatchObject({ same: true, common: events.length });
        expect(diff.divergence).toBeUndefined();
      }),
    );
  });

  it("agrees with sameEvent about the first divergence", () => {
    fc.assert(
      fc.property(anyTrace, anyTrace, (a, b) => {
        const diff = diffTraces(a, b);
        const shorter = Math.min(a.length, b.length);
        let common = 0;
        while (common < shorter && sameEvent(a[common]!, b[common]!)) common++;
        expect(diff.common).toBe(common);
        expect(diff.divergence?.seq).toBe(diff.same ? undefined : common);
      }),
    );
  });

  it("names the field, both values and the surroundings", () => {
    const a = [
      startEvent(),
      ...Array.from({ length: 9 }, (_, index) => logEvent(index + 1, "", { list: [{ n: index }] })),
    ];
    const b = copy(a);
    (b[5] as any).data.list[0].n = "other";
    expect(diffTraces(a, b).divergence).toEqual({
      seq: 5,
      path: "data.list[0].n",
      a: 4,
      b: "other",
      before: a.slice(2, 5),
      fromA: a.slice(5, 8),
      fromB: b.slice(5, 8),
    });
    (b[5] as any).type = "error";
    expect(diffTraces(a, b).divergence).toMatchObject({ path: "type", a: "log", b: "error" });
  });

  it("tells a trace that ends early, and what each came to", () => {
    const totals = {
      steps: 2,
      modelCalls: 0,
      toolCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      skippedFaults: 0,
    };
    const a: TraceEvent[] = [
      startEvent(),
      { type: "run.end", seq: 1, at: 1, exit: "done", output: "", totals, evaluations: [] },
    ];
    const diff = diffTraces(a, a.slice(0, 1));
    expect(diff).toMatchObject({
      same: false,
      common: 1,
      a: { events: 2, exit: "done", totals },
      b: { events: 1 },
    });
    expect(diff.divergence).toMatchObject({ seq: 1, path: "", a: a[1], b: undefined, fromB: [] });
  });

  it("ignores the fields it is told to, also in taps", () => {
    const hook = (ms: number, tap: string): TraceEvent => ({
      type: "hook",
      seq: 0,
      at: ms,
      hook: "stepStart",
      step: 1,
      taps: [{ processor: "p", tap, verdict: "pass", ms }],
    });
    expect(diffTraces([hook(1, "a")], [hook(2, "a")]).same).toBe(true);
    expect(diffTraces([hook(1, "a")], [hook(1, "b")]).divergence).toMatchObject({
      path: "taps[0].tap",
    });
    expect(diffTraces([hook(1, "a")], [hook(1, "b")], { ignore: ["tap"] }).same).toBe(true);
    expect(diffTraces([hook(1, "a")], [hook(2, "a")], { ignore: ["at"] }).divergence).toMatchObject(
      { path: "taps[0].ms", a: 1, b: 2 },
    );
  });
});
