import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { foldTrace, readTrace, repairTrace, seededRandom, textOf, type TraceEvent } from "@harnessx/core";

const STEPS = 30;
const script = fileURLToPath(new URL("fixtures/long-run.ts", import.meta.url));

/** Runs the fixture; kills it without warning `killAfter` milliseconds after it began to work. Returns its last line. */
function launch(dir: string, killAfter: number | undefined): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@harnessx/source", "--import", "tsx", script, dir, String(STEPS)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (killAfter !== undefined && output.startsWith("ready")) setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = output.trim().split("\n");
      resolve(code === 0 ? lines.at(-1) : undefined);
    });
  });
}

interface Finished {
  readonly summary: unknown;
  readonly messages: readonly unknown[];
}

async function finished(dir: string, line: string): Promise<Finished> {
  const { events } = await readTrace(join(dir, "run.jsonl"));
  const { messages } = foldTrace(events);
  return { summary: JSON.parse(line), messages: messages.map(({ id, role, content }) => [id, role, textOf(content)]) };
}

export interface KillReport {
  readonly kills: number;
  /** Results that were on record at a kill and whose call ran again. */
  readonly repeated: readonly string[];
  /** Seeds of runs whose end differs from the undisturbed run's. */
  readonly different: readonly number[];
}

/** Kills runs at random moments until `kills` kills have hit one, and resumes each to its end. */
export async function killAndResume(kills: number, seed: number): Promise<KillReport> {
  const undisturbed = await mkdtemp(join(tmpdir(), "hx-kill-"));
  const expected = await finished(undisturbed, (await launch(undisturbed, undefined))!);
  const random = seededRandom(`kill ${seed}`);
  const repeated: string[] = [];
  const different: number[] = [];
  let hit = 0;
  let round = 0;
  const worker = async (): Promise<void> => {
    while (hit < kills) {
      const number = (round += 1);
      const dir = await mkdtemp(join(tmpdir(), "hx-kill-"));
      const path = join(dir, "run.jsonl");
      const recorded = new Map<string, number>();
      let line: string | undefined;
      for (let life = 0; line === undefined; life += 1) {
        // A run dies up to four times before it may live.
        line = await launch(dir, life < 4 && hit < kills ? random() * 120 : undefined);
        if (line !== undefined) break;
        hit += 1;
        if (!existsSync(path)) continue;
        await repairTrace(path);
        const events: readonly TraceEvent[] = (await readTrace(path)).events;
        const marks = await marksOf(dir);
        for (const event of events) {
          if (event.type !== "tool.result") continue;
          const key = `run/${event.call}`;
          recorded.set(key, recorded.get(key) ?? marks.filter((mark) => mark === key).length);
        }
      }
      const marks = await marksOf(dir);
      for (const [key, times] of recorded) if (marks.filter((mark) => mark === key).length > times) repeated.push(`${number}: ${key}`);
      if (JSON.stringify(await finished(dir, line)) !== JSON.stringify(expected)) different.push(number);
    }
  };
  await Promise.all([worker(), worker()]);
  return { kills: hit, repeated, different };
}

async function marksOf(dir: string): Promise<string[]> {
  return (await readFile(join(dir, "marks.log"), "utf8").catch(() => "")).split("\n").filter(Boolean);
}
