/**
 * What the tests of generated packages see of Node, as source for the sandbox: `node:test` collects,
 * `node:assert/strict` compares. Equal to Node's for plain data, which a test holds it to.
 */
export const TEST_SHIM = String.raw`
const tests = [];
exports.tests = tests;
exports.test = (name, body) => {
  if (typeof body === "function") tests.push({ name: String(name), body });
  return Promise.resolve();
};
`;

export const ASSERT_SHIM = String.raw`
class AssertionError extends Error {
  constructor(message) {
    super(message);
    this.name = "AssertionError";
  }
}
const show = (value) => {
  if (typeof value === "string") return JSON.stringify(value).slice(0, 200);
  try {
    const text = JSON.stringify(value, (_key, one) =>
      one instanceof Map || one instanceof Set ? [...one] : typeof one === "bigint" ? String(one) : one);
    return (text === undefined ? String(value) : text).slice(0, 200);
  } catch {
    return String(value).slice(0, 200);
  }
};
const fail = (message, given) => {
  throw given instanceof Error ? given : new AssertionError(given === undefined ? message : String(given));
};
const kindOf = (value) => Object.prototype.toString.call(value);
const same = (a, b, seen) => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || kindOf(a) !== kindOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error && (a.message !== b.message || a.name !== b.name)) return false;
  if (a instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) if (!b.has(key) || !same(value, b.get(key), seen)) return false;
    return true;
  }
  if (a instanceof Set) {
    if (a.size !== b.size) return false;
    for (const value of a) if (!b.has(value) && ![...b].some((other) => same(value, other, seen))) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key], seen));
};
const assert = {
  ok: (value, message) => void (value || fail("expected a true value, not " + show(value), message)),
  equal: (actual, expected, message) =>
    void (Object.is(actual, expected) || fail("expected " + show(expected) + ", not " + show(actual), message)),
  notEqual: (actual, expected, message) =>
    void (!Object.is(actual, expected) || fail("expected something else than " + show(actual), message)),
  deepEqual: (actual, expected, message) =>
    void (same(actual, expected, new Map()) || fail("expected " + show(expected) + ", not " + show(actual), message)),
  match: (text, pattern, message) =>
    void ((typeof text === "string" && pattern.test(text)) || fail(show(text) + " does not match " + pattern, message)),
  throws: (body, expected) => {
    let thrown;
    try {
      body();
    } catch (caught) {
      thrown = { caught };
    }
    if (!thrown) fail("expected it to throw");
    const { caught } = thrown;
    if (expected instanceof RegExp) {
      if (!expected.test(String(caught))) fail(show(String(caught)) + " does not match " + expected);
    } else if (typeof expected === "function") {
      const known = expected.prototype !== undefined && caught instanceof expected;
      if (!known && (Error.isPrototypeOf(expected) || expected(caught) !== true)) throw caught;
    } else if (typeof expected === "object" && expected !== null) {
      for (const [key, value] of Object.entries(expected)) {
        const found = caught[key];
        const fits = value instanceof RegExp && typeof found === "string" ? value.test(found) : same(found, value, new Map());
        if (!fits) fail("what was thrown has another " + key);
      }
    }
  },
};
exports.default = assert;
`;
