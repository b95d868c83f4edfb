import { expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import { BoundedLines, type BoundedLine } from "../src/bounds/bounded-lines.ts";
import { CLIPPED_KEY, messageOfLine } from "../src/bounds/cut-messages.ts";

const LIMIT = 2048;
const bounds = { maxTextBytes: LIMIT, maxMessageBytes: 1024 * 1024 };
const filler = "f".repeat(140_000);

function linesOf(bytes: Buffer, chunk: number): BoundedLine[] {
  const lines = new BoundedLines(bounds);
  const found: BoundedLine[] = [];
  for (let at = 0; at < bytes.length; at += chunk)
    found.push(...lines.push(bytes.subarray(at, at + chunk)));
  return found;
}

property.prop(
  [
    fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 70_000 }),
    fc.boolean(),
  ],
  { numRuns: 60 },
)(
  "however a line is cut and comes, it stays JSON, and short texts stay whole",
  (texts, times, chunk, ascii) => {
    const long = texts.map((text) => text.repeat(times));
    const plain = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { filler, long, texts } });
    const escaped = ascii
      ? plain.replace(
          /[^\x20-\x7e]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        )
      : plain;
    const [line] = linesOf(Buffer.from(`${escaped}\n`), chunk);
    const message = messageOfLine(line!);
    const result = message!.result as {
      long: string[];
      texts: string[];
      _meta: Record<string, number>;
    };
    expect(result._meta[CLIPPED_KEY]).toBe(line!.clipped);
    expect(result.texts).toEqual(texts);
    result.long.forEach((text, index) => {
      const [kept] = text.split(" [… ");
      expect(long[index]!.startsWith(kept!)).toBe(true);
      expect(Buffer.byteLength(kept!)).toBeLessThanOrEqual(LIMIT);
    });
  },
);

test("a line over the limit becomes an error for the request that it answers", () => {
  const many = Array.from({ length: 200_000 }, () => "abcdef");
  for (const answer of [
    { jsonrpc: "2.0", id: 5, result: { many } },
    { result: { many }, jsonrpc: "2.0", id: "five" },
  ]) {
    const lines = linesOf(
      Buffer.from(`${JSON.stringify(answer)}\n{"jsonrpc":"2.0","id":6,"result":{}}\n`),
      9999,
    );
    expect(lines[0]!.text).toBeUndefined();
    expect(messageOfLine(lines[0]!)).toMatchObject({
      id: answer.id,
      error: { message: expect.stringContaining("bytes") },
    });
    expect(messageOfLine(lines[1]!)).toEqual({ jsonrpc: "2.0", id: 6, result: {} });
  }
});

test("what is no message is none", () => {
  for (const text of ["", "hello", "[]", "null", '"x"', "{}", '{"id":1}', "{"])
    expect(messageOfLine({ text, clipped: 0, bytes: text.length, ends: "" })).toBeUndefined();
});
