import nodeAssert from "node:assert/strict";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { ASSERT_SHIM, TEST_SHIM } from "../../src/verify/test-shims.ts";

/** A shim as the sandbox loads it; here in this process, to be compared with Node's own. */
function load<Exports>(source: string): Exports {
  const exports = {} as Exports;
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- our own source, as the runner wraps it
  (new Function("exports", source) as (exports: Exports) => void)(exports);
  return exports;
}

type Assert = Pick<
  typeof nodeAssert,
  "ok" | "equal" | "notEqual" | "deepEqual" | "match" | "throws"
>;
const { default: shim } = load<{ default: Assert }>(ASSERT_SHIM);

const passes = (call: () => void): boolean => {
  try {
    call();
    return true;
  } catch {
    return false;
  }
};
const same = (use: (assert: Assert) => void): void =>
  expect(passes(() => use(shim))).toBe(passes(() => use(nodeAssert)));

const scalar = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, ""),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom("a", "b"),
);
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 2 }).map((list) => new Set(list)),
    fc
      .array(fc.tuple(fc.constantFrom("a", "b"), tie("value")), { maxLength: 2 })
      .map((list) => new Map(list)),
  ),
})).value;

describe("the shim of node:assert/strict", () => {
  test.prop([data, data])("compares data as Node does", (a, b) => {
    same((assert) => assert.deepEqual(a, b));
    same((assert) => assert.deepEqual(a, a));
    same((assert) => assert.equal(a, b));
    same((assert) => assert.notEqual(a, b));
    same((assert) => assert.ok(a));
  });

  it("judges what is thrown and what matches as Node does", () => {
    const bodies = [
      () => undefined,
      () => {
        throw new TypeError("broken");
      },
    ];
    const expected = [
      undefined,
      /broken/,
      /other/,
      TypeError,
      RangeError,
      { message: "broken" },
      { message: "x" },
      { message: /^b/ },
    ];
    for (const body of bodies)
      for (const one of expected) same((assert) => assert.throws(body, one as never));
    same((assert) => assert.match("some text", /text/));
    same((assert) => assert.match("some text", /^text/));
  });
});

describe("the shim of node:test", () => {
  it("collects tests in their order and runs none", () => {
    const { test: add, tests } = load<{
      test(name: string, body: () => void): Promise<void>;
      tests: { name: string }[];
    }>(TEST_SHIM);
    void add("one", () => expect.unreachable());
    void add("two", () => expect.unreachable());
    expect(tests.map(({ name }) => name)).toEqual(["one", "two"]);
  });
});
