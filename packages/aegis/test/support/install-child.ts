import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/*
 * Ships two packages in the workspace argv[2] and goes back to the first, and just before the
 * argv[3]-th change of a file it either kills itself without any warning (argv[4] "kill") or finds
 * the disk full from there on ("full").
 */
const [, , dir, at, mode] = process.argv as unknown as [string, string, string, string, string];
let left = Number(at);
const guard = (
  holder: Record<string, unknown>,
  name: string,
  changes: (args: unknown[]) => boolean = () => true,
): void => {
  const original = holder[name] as (...args: unknown[]) => unknown;
  const isPromise = holder !== (fs as never);
  holder[name] = function (this: unknown, ...args: unknown[]) {
    if (changes(args)) {
      left -= 1;
      if (left === 0 && mode === "kill") process.kill(process.pid, "SIGKILL");
      // Removing still works on a full disk, and so does renaming.
      if (left <= 0 && mode === "full" && !["rm", "rename"].includes(name)) {
        const full = Object.assign(new Error("ENOSPC: no space left on device"), {
          code: "ENOSPC",
          syscall: name,
        });
        if (!isPromise) throw full;
        return Promise.reject(full);
      }
    }
    return original.apply(this, args);
  };
};
const opensForWriting = (args: unknown[]): boolean => args[1] === "w" || args[1] === "a";
for (const name of ["rename", "rm", "mkdir", "mkdtemp"]) guard(fs.promises as never, name);
guard(fs.promises as never, "open", opensForWriting);
guard(fs as never, "openSync", opensForWriting);
for (const name of ["writeSync", "fsyncSync"]) guard(fs as never, name);
const handle = await fs.promises.open(new URL(import.meta.url), "r");
for (const name of ["writeFile", "sync"]) guard(Object.getPrototypeOf(handle), name);
await handle.close();
syncBuiltinESMExports();
const { present, packageOf, ship } = await import("./install-world.ts");
const { JOURNAL, openJournal, recoverInstall, rollback } = await import("../../src/index.ts");
try {
  const journal = openJournal(`${dir}/${JOURNAL}`);
  await recoverInstall(dir, journal);
  await ship(dir, packageOf(1), "verdict-1", { journal });
  await ship(dir, packageOf(2), "verdict-2", { journal });
  await rollback({ dir, journal });
  process.stdout.write(`done ${Number(at) - left} ${(await present(dir)).hash}`);
} catch (thrown) {
  const { code, message } = thrown as { code?: string; message: string };
  process.stdout.write(`failed ${code} ${message}`);
}
