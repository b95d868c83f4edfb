import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { canonicalJson, messageOf } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { WORKSPACE_LOCK } from "./paths.ts";

/** A workspace that no other process changes. */
export interface HeldWorkspace {
  release(): Promise<void>;
}

/** Who holds a lock. A process is told from a later one with its number by when it began. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly started: string;
}

/**
 * Takes a workspace for this process until `release`: two evolutions, or an evolution and a rollback,
 * never change it at the same time. The lock of a process that is gone is taken over.
 *
 * Throws HX_AEGIS_WORKSPACE_BUSY with the process that has it, also when that is this one;
 * HX_AEGIS_INSTALL_WRITE when the lock cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { acquireWorkspace } from "@harnessx/aegis";
 * const dir = await mkdtemp(join(tmpdir(), "workspace-"));
 * const held = await acquireWorkspace(dir);
 * const second = await acquireWorkspace(dir).catch((error) => error.code);
 * second; // "HX_AEGIS_WORKSPACE_BUSY"
 * await held.release();
 * ```
 */
export async function acquireWorkspace(dir: string): Promise<HeldWorkspace> {
  const path = join(dir, WORKSPACE_LOCK);
  try {
    await mkdir(dirname(path), { recursive: true });
    const own = canonicalJson(ownerOf(process.pid));
    const holder = await take(path, own);
    if (holder)
      throw aegisError("HX_AEGIS_WORKSPACE_BUSY", {
        dir,
        owner: `${holder.pid} on ${holder.host}`,
        pid: holder.pid,
      });
    let held = true;
    return {
      async release() {
        if (held && (await contentOf(path)) === own) await rm(path, { force: true });
        held = false;
      },
    };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).syscall === undefined) throw thrown;
    throw aegisError("HX_AEGIS_INSTALL_WRITE", { path, problem: messageOf(thrown) }, thrown);
  }
}

/** Does some work with a workspace held. Throws like `acquireWorkspace`. */
export async function withWorkspace<Value>(
  dir: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const held = await acquireWorkspace(dir);
  try {
    return await work();
  } finally {
    await held.release();
  }
}

/** Creates the lock file, or returns who has it. */
async function take(path: string, own: string): Promise<Owner | undefined> {
  if (await create(path, own)) return undefined;
  const present = await contentOf(path);
  if (present === undefined) return take(path, own);
  const owner = parseOwner(present);
  if (owner && isAlive(owner)) return owner;
  // Of several who find the same stale lock, one replaces it; the others find a new one.
  const guard = `${path}.takeover`;
  const other = await take(guard, own);
  if (other) return other;
  try {
    if ((await contentOf(path)) === present) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
  return take(path, own);
}

/** Whole or not at all: a lock that is being written has no owner yet. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  try {
    await link(temporary, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

const contentOf = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });

function parseOwner(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    const { host, pid, started } = value ?? {};
    if (typeof host !== "string" || typeof started !== "string") return undefined;
    return Number.isSafeInteger(pid) && pid! > 0 ? { host, pid: pid!, started } : undefined;
  } catch {
    return undefined;
  }
}

const ownerOf = (pid: number): Owner => ({ host: hostname(), pid, started: startOf(pid) ?? "" });

/** Nothing can be said of another machine's processes: they count as alive. */
function isAlive({ host, pid, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startOf(pid);
  return now === undefined || started === "" || now === started;
}

/** When a process began, in whatever form the system tells it. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      // The name in parentheses may hold anything; the 22nd field of the line is the 20th after it.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // Killed, and nobody has asked how it ended: it changes nothing any more.
      return fields[0] === "Z" ? "ended" : `${boot} ${fields[19]}`;
    }
    if (process.platform === "win32") return undefined;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
