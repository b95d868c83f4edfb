import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readTrace, repairTrace } from "../../src/trace/index.ts";
import { temporaryFolder } from "./folder.ts";
import { killEvent } from "./kill-events.ts";

const folder = temporaryFolder();
const child = fileURLToPath(new URL("kill-writer.ts", import.meta.url));

/** Starts the writer, kills it some time after its first report and returns the last flushed seq. */
async function killed(path: string, durability: string, delay: number): Promise<number> {
  mkdirSync(dirname(path), { recursive: true });
  const args = ["--conditions=@harnessx/source", "--import", "tsx", child, path, durability];
  const writer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let report = "";
  writer.stdout
    .setEncoding("utf8")
    .on("data", (text: string) => (report = (report + text).slice(-100)));
  const closed = once(writer, "close");
  await Promise.race([once(writer.stdout, "data"), closed]);
  await new Promise((resolve) => setTimeout(resolve, delay));
  writer.kill("SIGKILL");
  await closed;
  const last = report.slice(0, report.lastIndexOf("\n")).split("\n").at(-1);
  return Number(last);
}

describe("kill -9", () => {
  it.each(["step", "run", "none"])(
    "loses nothing that was flushed (%s)",
    { timeout: 60_000 },
    async (durability) => {
      for (let round = 0; round < 3; round++) {
        const path = folder.file();
        const flushed = await killed(path, durability, Math.random() * 60);
        expect(flushed).toBeGreaterThanOrEqual(0);
        expect(existsSync(path)).toBe(true);
        await repairTrace(path);
        const { events, torn } = await readTrace(path);
        expect(torn).toBeUndefined();
        expect(events.length).toBeGreaterThan(flushed);
        expect(events).toEqual(events.map((_, seq) => killEvent(seq)));
      }
    },
  );
});
