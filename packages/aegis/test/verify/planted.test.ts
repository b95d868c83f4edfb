import { describe, it } from "vitest";
import { benign } from "./benign.ts";
import { hostile } from "./hostile.ts";
import { expectPassed, expectRefused } from "./table.ts";

/* The short form; `planted.slow.test.ts` has the whole. */

describe("planted hostile packages", () => {
  it.each(hostile.filter(({ short }) => short))("$name is refused by $check", expectRefused);
});

describe("benign look-alikes", () => {
  it.each(benign.filter(({ short }) => short))("$name passes", expectPassed);
});
