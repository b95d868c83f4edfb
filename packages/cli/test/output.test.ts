import { afterEach, expect, test, vi } from "vitest";
import { parseSettings } from "../src/options.ts";
import { progress } from "../src/output/progress.ts";
import { styleFor, widthOf } from "../src/output/style.ts";
import { table } from "../src/output/table.ts";
import { block, duration, headAndTail, money, oneLine, points, wrap } from "../src/output/text.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("options are read as their schema says", () => {
  const schema = {
    properties: {
      list: { type: "array", items: { anyOf: [{ type: "string" }, { type: "object" }] } },
      numbers: { type: "array", items: { type: "integer" } },
      count: { type: "integer" },
      flag: { type: "boolean" },
      text: { type: "string" },
      mode: { enum: ["a", "b"] },
      either: { type: ["string", "null"] },
      many: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
      object: { type: "object" },
    },
  };
  const settings = [
    "list=a.jsonl,b.jsonl",
    'list={"path":"c"}',
    "numbers=1,2",
    "count=3",
    "flag=true",
    "text=3",
    "mode=a",
    "either=null",
    "many=one",
    'object={"x":1}',
    "unknown=7",
  ];
  expect(
    parseSettings(
      settings.filter((one) => one !== 'list={"path":"c"}'),
      schema,
    ),
  ).toEqual({
    list: ["a.jsonl", "b.jsonl"],
    numbers: [1, 2],
    count: 3,
    flag: true,
    text: "3",
    mode: "a",
    either: null,
    many: "one",
    object: { x: 1 },
    unknown: 7,
  });
  expect(parseSettings(['list=[{"path":"c","split":"train"}]', "many=a,b"], schema)).toEqual({
    list: [{ path: "c", split: "train" }],
    many: ["a", "b"],
  });
  expect(parseSettings(["list=a", "list=b"], schema)).toEqual({ list: ["a", "b"] });
  expect(parseSettings(["count=many", "text=a=b"], schema)).toEqual({ count: "many", text: "a=b" });
});

test("texts are cut and wrapped to the width", () => {
  expect(oneLine("a  b\nc", 10)).toBe("a b c");
  expect(oneLine("abcdefghij", 5)).toBe("abcd…");
  expect(wrap("one two three four five six", 20)).toEqual(["one two three four", "five six"]);
  expect(wrap("x".repeat(45), 20).map((line) => line.length)).toEqual([20, 20, 5]);
  expect(block("a\nb\nc\nd", "  ", 40, 2)).toBe("  a\n  b\n  … 2 more lines");
  expect(headAndTail("a\nb\nc\nd\ne\nf", "", 40, 4)).toBe("a\nb\n… 2 more lines …\ne\nf");
});

test("numbers are short", () => {
  expect([duration(640), duration(12_345), duration(245_000)]).toEqual([
    "640 ms",
    "12.3 s",
    "4 min 05 s",
  ]);
  expect([money(0), money(0.0123), money(4.5)]).toEqual(["$0", "$0.0123", "$4.50"]);
  expect([points(0.12), points(-0.005)]).toEqual(["+12.0", "-0.5"]);
});

test("tables align, and the widest flexible column gives way", () => {
  const columns = [
    { title: "a", flexible: true },
    { title: "b", flexible: true },
    { title: "n", align: "right" as const },
  ];
  const rows = [
    ["x".repeat(30), "y".repeat(12), "7"],
    ["x", "y", "1,000"],
  ];
  const text = table(columns, rows, 40);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBe(40);
  expect(text).toContain("y".repeat(12));
  expect(text).toContain("…");
  expect(text.split("\n").every((line) => line.endsWith("n") || /\d$/.test(line))).toBe(true);
});

test("colour takes no width", () => {
  const style = styleFor({ write: () => true, isTTY: true }, {});
  expect(style.red("abc")).toContain("\u001b[31m");
  expect(widthOf(style.red("abc"))).toBe(3);
});

test("progress moves on a terminal, and is a line now and then elsewhere", () => {
  vi.useFakeTimers();
  const written = { terminal: "", log: "" };
  const bar = progress(
    { isTTY: true, columns: 60, write: (text) => (written.terminal += text) },
    "bench",
  );
  const log = progress({ write: (text) => (written.log += text) }, "bench");
  for (let done = 1; done <= 100; done += 1) {
    vi.advanceTimersByTime(200);
    bar.update(done, 100);
    log.update(done, 100);
  }
  bar.end();
  log.end();
  const frames = written.terminal.split("\r\u001b[2K").filter((frame) => frame !== "");
  expect(frames.length).toBe(100);
  expect(frames[49]).toMatch(/^bench {2}█{10}░{10} {2}50\/100 {2}5\.0\/s {2}10\.0 s left$/);
  expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(60);
  expect(written.log.trimEnd().split("\n")).toHaveLength(4);
  expect(written.log).toMatch(/^bench {2}25\/100 {2}5\.0\/s {2}15\.0 s left\n/);
});
