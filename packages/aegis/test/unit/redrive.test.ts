import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openJournal, redrive } from "../../src/index.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aegis-redrive-"));
  path = join(dir, "journal.jsonl");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const retire = (n: number) => ({ t: "retire", variant: `variant-${n}`, why: "full" }) as const;
const human = { t: "human", who: "ann", act: "looked" } as const;

it("repeats what is recorded without writing, shows no more than was repeated, then grows", () => {
  const before = openJournal(path);
  for (const n of [1, 2, 3]) before.append(retire(n));
  const bytes = readFileSync(path, "utf8");
  const again = redrive(openJournal(path), 1);
  expect(again.events).toHaveLength(1);
  expect(again.recorded).toMatchObject(retire(2));
  again.append(retire(2));
  expect(again.events).toHaveLength(2);
  expect(again.append(retire(3))).toEqual(before.events[2]);
  expect(readFileSync(path, "utf8")).toBe(bytes);
  expect(again.recorded).toBeUndefined();
  again.append(retire(4));
  expect(openJournal(path).events).toEqual(again.events);
  expect(again.events).toHaveLength(4);
});

it("passes over what a person entered in between", () => {
  const before = openJournal(path);
  before.append(human);
  before.append(retire(1));
  before.append(human);
  const again = redrive(openJournal(path), 0);
  again.append(retire(1));
  expect(again.events.map(({ t }) => t)).toEqual(["human", "retire", "human"]);
});

it("refuses to go on differently, and then has changed nothing", () => {
  openJournal(path).append(retire(1));
  const bytes = readFileSync(path, "utf8");
  const again = redrive(openJournal(path), 0);
  expect(() => again.append(retire(2))).toThrow(
    expect.objectContaining({ code: "HX_AEGIS_JOURNAL_DIVERGED" }),
  );
  again.append(retire(1));
  expect(readFileSync(path, "utf8")).toBe(bytes);
});
