import type { ChildProcess } from "node:child_process";

const running = new Set<number>();
let watching = false;

/** Ends the groups that are still there when this process ends: they are not in its own group. */
function watchOwnEnd(): void {
  if (watching) return;
  watching = true;
  process.once("exit", () => {
    for (const pid of running) signalGroup(pid, "SIGKILL");
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    // A negative id reaches everything that the server started, not only the server.
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // Nobody left.
  }
}

/** Remembers a process until it is gone. */
export function trackGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  watchOwnEnd();
  running.add(pid);
  child.once("close", () => {
    signalGroup(pid, "SIGKILL");
    running.delete(pid);
  });
}

/** Ends a server: it is told by the end of its input, then asked, then killed with all it started. */
export async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<true>((resolve) => child.once("exit", () => resolve(true)));
  child.stdin?.end();
  if (await within(gone, graceMs)) return signalGroup(pid, "SIGKILL");
  signalGroup(pid, "SIGTERM");
  if (await within(gone, graceMs)) return signalGroup(pid, "SIGKILL");
  signalGroup(pid, "SIGKILL");
  await within(gone, graceMs);
}

async function within(gone: Promise<true>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([gone, late]);
  } finally {
    clearTimeout(timer);
  }
}
