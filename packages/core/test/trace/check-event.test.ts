import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEvent } from "../../src/trace/check-event.ts";
import { traceEventSchema, type TraceEvent } from "../../src/trace/index.ts";
import { anyEvent, events } from "./arbitraries.ts";

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: false });
const bySchema = ajv.compile(traceEventSchema);
const inJson = (event: unknown) => JSON.parse(JSON.stringify(event));

/** Places whose content is free: nothing there can be wrong. */
const free =
  /^(manifest|limits|data|structured|details)$|\.(input|metadata|inputSchema|details|outcome)(\.|$)|\.edits\[\d+\]\.(?!op$)|^(task|call)\.(metadata|input)/;

/** Every place of an event, as a setter and its name. */
function places(value: any, path = ""): { path: string; holder: any; key: string | number }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const name = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    return free.test(name) ? [] : [{ path: name, holder: value, key }, ...places(value[key], name)];
  });
}

describe.each(Object.entries(events) as [TraceEvent["type"], fc.Arbitrary<TraceEvent>][])(
  "%s",
  (_type, arbitrary) => {
    it("is accepted by the check and by the schema", () => {
      fc.assert(
        fc.property(arbitrary, (event) => {
          const json = inJson(event);
          expect(checkEvent(json, false)).toBeUndefined();
          expect([bySchema(json), bySchema.errors]).toEqual([true, null]);
        }),
        { numRuns: 40 },
      );
    });

    it("is refused by both with one bad field", () => {
      fc.assert(
        fc.property(arbitrary, fc.nat(), (event, choice) => {
          const json = inJson(event);
          const all = places(json);
          const { holder, key, path } = all[choice % all.length]!;
          // No field of the format takes a list within a list of one symbol.
          holder[key] = [[["bad"]]];
          const problem = checkEvent(json, true);
          expect([path, typeof problem, bySchema(json)]).toEqual([path, "string", false]);
        }),
        { numRuns: 80 },
      );
    });

    it("is refused by both with one field more or one required field less", () => {
      fc.assert(
        fc.property(arbitrary, (event) => {
          const json = inJson(event);
          expect(checkEvent({ ...json, extra: 1 }, true)).toBe("extra is no field of this event");
          expect(bySchema({ ...json, extra: 1 })).toBe(false);
          for (const key of Object.keys(json)) {
            const { [key]: _dropped, ...less } = json;
            const accepted = checkEvent(less, true) === undefined;
            expect([key, accepted]).toEqual([key, bySchema(less)]);
          }
        }),
        { numRuns: 20 },
      );
    });
  },
);

describe("the check", () => {
  it("agrees with the schema on any change", () => {
    const values = fc.constantFrom<unknown>(
      null,
      0,
      -1,
      1.5,
      "",
      "text",
      "user",
      true,
      false,
      [],
      {},
      [0, 1],
      [2, 1, 3],
      [{}],
    );
    fc.assert(
      fc.property(anyEvent, fc.nat(), values, (event, choice, value) => {
        const json = inJson(event);
        const all = places(json);
        const { holder, key, path } = all[choice % all.length]!;
        // The version is the reader's business; the order within a range is beyond the schema.
        if (path === "v" || /^messages\[\d+\]\[/.test(path)) return;
        holder[key] = value;
        const accepted = checkEvent(json, true) === undefined;
        expect([path, value, accepted]).toEqual([path, value, bySchema(json)]);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes references where free text is, and only when they are allowed", () => {
    const $blob = `sha256-${"a".repeat(64)}`;
    const log = (message: unknown) => ({ type: "log", seq: 0, at: 0, by: "x", message });
    const good = log({ $blob, bytes: 3000, head: "" });
    expect(checkEvent(good, true)).toBeUndefined();
    expect(bySchema(good)).toBe(true);
    expect(checkEvent(good, false)).toBe("message is no string");
    for (const bad of [
      { $blob: "sha256-a", bytes: 1, head: "" },
      { $blob, bytes: -1, head: "" },
      { $blob, bytes: 1, head: 1 },
      { $blob, bytes: 1 },
      { $blob, bytes: 1, head: "", more: 1 },
    ]) {
      expect(checkEvent(log(bad), true)).toBe("message is no string");
      expect(bySchema(log(bad))).toBe(false);
    }
    expect(checkEvent({ ...good, type: { $blob, bytes: 1, head: "" } }, true)).toBe(
      "its type is unknown",
    );
  });

  it("refuses ranges that end before they begin, which the schema cannot say", () => {
    const history = { type: "history", seq: 0, at: 0, step: 1, messages: [[3, 2]] };
    expect(checkEvent(history, false)).toBe("messages[0] ends before it begins");
  });
});
