import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createGate,
  openJournal,
  readJournal,
  replayVerdicts,
  type GateTask,
} from "../../src/index.ts";
import { createRandom } from "../../src/statistics/index.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aegis-journal-"));
  path = join(dir, "deep/journal.jsonl");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const act = (n: number) => ({ t: "human", who: "ann", act: `act ${n}` }) as const;
const corrupt = expect.objectContaining({ code: "HX_AEGIS_JOURNAL_CORRUPT" });

describe("openJournal", () => {
  it("chains what it appends, and finds it again", () => {
    const journal = openJournal(path);
    for (const n of [1, 2, 3]) journal.append(act(n));
    expect(journal.events.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(journal.events[2]!.prev).toBe(journal.events[1]!.hash);
    const again = openJournal(path);
    expect(again.events).toEqual(journal.events);
    again.append(act(4));
    expect(readJournal(path)).toHaveLength(4);
  });

  it("writes the same bytes for the same events", () => {
    for (const n of [1, 2]) openJournal(path).append(act(n));
    const other = join(dir, "other.jsonl");
    for (const n of [1, 2]) openJournal(other).append(act(n));
    expect(readFileSync(other, "utf8")).toBe(readFileSync(path, "utf8"));
  });

  it("cuts a torn last line off and goes on", () => {
    const journal = openJournal(path);
    journal.append(act(1));
    appendFileSync(path, '{"t":"human","who":"ann","act":"ha');
    expect(readJournal(path)).toHaveLength(1);
    const repaired = openJournal(path);
    repaired.append(act(2));
    expect(readJournal(path).map((event) => event.t === "human" && event.act)).toEqual([
      "act 1",
      "act 2",
    ]);
  });

  it.each([
    [
      "a changed entry",
      (lines: string[]) =>
        lines.map((line, at) => (at === 1 ? line.replace("act 2", "act 9") : line)),
    ],
    ["a removed line", (lines: string[]) => lines.filter((_, at) => at !== 1)],
    ["a swapped line", (lines: string[]) => [lines[1]!, lines[0]!, lines[2]!]],
    ["a line that is no JSON", (lines: string[]) => [lines[0]!, "nonsense", lines[2]!]],
  ])("refuses %s", (_name, change) => {
    const journal = openJournal(path);
    for (const n of [1, 2, 3]) journal.append(act(n));
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    writeFileSync(path, `${change(lines).join("\n")}\n`);
    expect(() => readJournal(path)).toThrowError(corrupt);
    expect(() => openJournal(path)).toThrowError(corrupt);
  });
});

describe("replayVerdicts", () => {
  it("reaches every verdict again from the recorded outcomes, and notices a changed one", () => {
    const journal = openJournal(path);
    const tasks: GateTask[] = Array.from({ length: 20 }, (_, n) => ({
      id: `t${n}`,
      cluster: `c${n % 2}`,
    }));
    for (const [index, rate] of [0.9, 0.4].entries()) {
      const id = `verdict-${index + 1}`;
      const context = { confirmIndex: index };
      journal.append({
        t: "certify",
        id,
        variant: "main",
        candidates: [],
        policy: {},
        tasks,
        context,
      });
      const gate = createGate({}, tasks, context);
      const random = createRandom(rate);
      for (;;) {
        const step = gate.next();
        if (step.type === "verdict") {
          journal.append({ t: "verdict", id, verdict: step });
          break;
        }
        const outcomes = step.trials.map((trial) => ({
          ...trial,
          pass: random.next() < (trial.arm === "cand" ? rate : 0.4) ? (1 as const) : (0 as const),
        }));
        journal.append({ t: "trials", id, outcomes });
        gate.observe(outcomes);
      }
    }
    const events = readJournal(path);
    const replayed = replayVerdicts(events);
    expect(replayed.map(({ identical }) => identical)).toEqual([true, true]);
    expect(replayed[0]!.recorded.decision).toBe("APPLY");
    const forged = events.map((event) =>
      event.t === "verdict" && event.id === "verdict-2"
        ? { ...event, verdict: { ...event.verdict, decision: "APPLY" as const } }
        : event,
    );
    expect(replayVerdicts(forged).map(({ identical }) => identical)).toEqual([true, false]);
  });
});
