import { fork } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadHarness } from "@harnessx/core";
import { expect } from "vitest";
import { JOURNAL, readJournal } from "../../src/index.ts";

const child = fileURLToPath(new URL("evolve-child.ts", import.meta.url));

/** Runs the child, killing it after so many milliseconds; true when it ended by itself before. */
export async function evolveFor(dir: string, ms: number): Promise<boolean> {
  const running = fork(child, [dir], {
    execArgv: ["--conditions=@harnessx/source", "--import", "tsx"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  running.stderr!.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  let timer: NodeJS.Timeout | undefined;
  running.once("message", () => {
    if (Number.isFinite(ms)) timer = setTimeout(() => running.kill("SIGKILL"), ms);
  });
  const code = await new Promise<number | null>((resolve) => running.once("close", resolve));
  clearTimeout(timer);
  if (code !== null && code !== 0) throw new Error(`the child failed: ${errors}`);
  return code === 0;
}

export const journalOf = (dir: string): Promise<string> => readFile(join(dir, JOURNAL), "utf8");

/** Whether the run that a workspace has recorded has come to its end. */
export async function hasEnded(dir: string): Promise<boolean> {
  const text = await journalOf(dir).catch(() => "");
  return text.split("\n").some((line) => line.startsWith('{"t":"end"'));
}

/** Ids of the rollouts that a workspace has recorded. */
export async function rolloutIds(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, ".harnessx/evolution/rollouts.jsonl"), "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { id: string }).id);
}

/** What must hold at every moment: the chain of the journal, and a harness that loads under its lock. */
export async function expectConsistent(dir: string): Promise<void> {
  const there = await access(join(dir, JOURNAL)).then(
    () => true,
    () => false,
  );
  const events = there ? readJournal(join(dir, JOURNAL)) : [];
  const shipped = events.findLast((event) => event.t === "ship");
  const intended = events.findLast((event) => event.t === "install");
  // Between `install` and `ship` manifest and lock may be on either side: recovery settles it.
  const unsettled = intended !== undefined && (shipped?.seq ?? -1) < intended.seq;
  if (unsettled) return;
  const harness = await loadHarness(join(dir, "harness.json"));
  if (shipped?.t === "ship") expect(harness.hash).toBe(shipped.version);
}
