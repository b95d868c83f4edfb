import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  foldTrace,
  readTrace,
  repairTrace,
  seededRandom,
  textOf,
  type TraceEvent,
} from "@harnessx/core";

const STEPS = 30;
const script = fileURLToPath(new URL("fixtures/long-run.ts", import.meta.url));

/** Runs the fixture to its end, or kills it without warning `killAfter` milliseconds after it began to work. */
function launch(dir: string, killAfter: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--conditions=@harnessx/source", "--import", "tsx", script, dir, String(STEPS)],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, NODE_OPTIONS: "" },
      },
    );
    child.stdout.once("data", () => {
      if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", () => resolve());
  });
}

/** What is on record: repaired as a resume would, so that a torn line counts as not written. */
async function recorded(dir: string): Promise<readonly TraceEvent[]> {
  const path = join(dir, "run.jsonl");
  if (!existsSync(path)) return [];
  await repairTrace(path);
  return (await readTrace(path)).events;
}

/** How a run ended and every message of it. */
function finalState(events: readonly TraceEvent[]): string {
  const end = events.at(-1);
  if (end?.type !== "run.end") throw new Error("The run has not ended.");
  const { exit, output, totals } = end;
  const messages = foldTrace(events).messages.map(({ id, role, content }) => [
    id,
    role,
    textOf(content),
  ]);
  return JSON.stringify({ exit, output, totals, messages });
}

export interface KillReport {
  /** Kills that hit a run in progress. */
  readonly kills: number;
  /** Calls whose result was on record at a kill and that ran again. */
  readonly repeated: readonly string[];
  /** Runs whose end differs from the undisturbed run's. */
  readonly different: readonly number[];
}

/** Kills runs at random moments until `kills` kills have hit one, and resumes each to its end. */
export async function killAndResume(kills: number, seed: number): Promise<KillReport> {
  const undisturbed = await mkdtemp(join(tmpdir(), "hx-kill-"));
  await launch(undisturbed, undefined);
  const expected = finalState(await recorded(undisturbed));
  const random = seededRandom(`kill ${seed}`);
  const repeated: string[] = [];
  const different: number[] = [];
  let hit = 0;
  let runs = 0;
  const worker = async (): Promise<void> => {
    while (hit < kills) {
      const number = (runs += 1);
      const dir = await mkdtemp(join(tmpdir(), "hx-kill-"));
      /** How often each call had run when its result was first seen on record. */
      const timesRun = new Map<string, number>();
      let events: readonly TraceEvent[] = [];
      for (let life = 0; events.at(-1)?.type !== "run.end"; life += 1) {
        if (life === 10) throw new Error("The run does not end although nobody kills it.");
        // A run dies up to four times before it may live.
        await launch(dir, life < 4 && hit < kills ? random() * 120 : undefined);
        events = await recorded(dir);
        if (events.at(-1)?.type === "run.end") break;
        hit += 1;
        const marks = await marksOf(dir);
        for (const event of events) {
          if (event.type !== "tool.result") continue;
          const key = `run/${event.call}`;
          if (!timesRun.has(key)) timesRun.set(key, marks.filter((mark) => mark === key).length);
        }
      }
      const marks = await marksOf(dir);
      for (const [key, times] of timesRun)
        if (marks.filter((mark) => mark === key).length > times) repeated.push(`${number}: ${key}`);
      if (finalState(events) !== expected) different.push(number);
    }
  };
  await Promise.all([worker(), worker()]);
  return { kills: hit, repeated, different };
}

async function marksOf(dir: string): Promise<string[]> {
  return (await readFile(join(dir, "marks.log"), "utf8").catch(() => ""))
    .split("\n")
    .filter(Boolean);
}
