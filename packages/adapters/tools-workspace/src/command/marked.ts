import { readdir, readFile } from "node:fs/promises";

/** The environment variable by which a command's processes are found again. */
export const MARK = "HARNESSX_COMMAND";

/** A process that starts others while it is looked for needs another look. */
const MAX_LOOKS = 5;

/**
 * Kills what left the command's process group, as a daemon does, by the mark that it inherited.
 * Only on Linux; a process that cleared its environment is not found.
 */
export async function killMarked(mark: string): Promise<void> {
  if (process.platform !== "linux") return;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const pids = await marked(`${MARK}=${mark}`);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended meanwhile.
      }
    }
  }
}

async function marked(assignment: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return pid !== process.pid && environment.split("\0").includes(assignment);
    }),
  );
  return pids.filter((_, index) => found[index]);
}
