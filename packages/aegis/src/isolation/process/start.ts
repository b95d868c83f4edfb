import { GUEST_SOURCE } from "../guest-source.ts";
import { LOAD_MS, type Sandbox, type SandboxCode } from "../sandbox.ts";
import { SandboxThread } from "../thread.ts";
import type { IsolationLimits } from "../types.ts";
import { walledCommand } from "./command.ts";
import { RELAY_SOURCE } from "./relay-source.ts";
import { seccompFilter } from "./seccomp.ts";
import { stage, unstage } from "./stage.ts";

const LINE_BYTES = 4 * 2 ** 20;
/** Memory of a process for data: its heap, its buffers, and Node itself. */
const MEMORY_MB = 256;
/** The thread between host and process ends a late call; when it does not, the host ends the thread. */
const GRACE_MS = 5_000;

/** Machines that are walled processes, one for each. */
export async function startProcesses(code: SandboxCode, limits: IsolationLimits): Promise<Sandbox> {
  const filter = seccompFilter(process.arch);
  if (!filter) throw new Error(`there is no filter for ${process.arch}`);
  const staged = await stage(code.dir);
  const ended = (): void => unstage(staged);
  try {
    const data = {
      command: await walledCommand(staged, MEMORY_MB),
      filter,
      code: {
        guest: GUEST_SOURCE,
        files: [...code.files],
        entry: code.entry,
        kind: code.kind,
      },
      limits,
      loadMs: LOAD_MS,
      lineBytes: LINE_BYTES,
    };
    const program = { source: RELAY_SOURCE, data, hasTimers: true, ended };
    return await SandboxThread.start(program, { deadlineMs: limits.deadlineMs + GRACE_MS });
  } catch (thrown) {
    ended();
    throw thrown;
  }
}
