import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/*
 * Installs the stored package of the workspace argv[2] and kills itself, without any warning, just
 * before its argv[3]-th change of the file system under that workspace.
 */
const [, , dir, at] = process.argv as unknown as [string, string, string, string];
let left = Number(at);
const guard = (
  holder: Record<string, unknown>,
  name: string,
  changes: (args: unknown[]) => boolean = () => true,
): void => {
  const original = holder[name] as (...args: unknown[]) => unknown;
  holder[name] = (...args: unknown[]) => {
    if (changes(args)) {
      left -= 1;
      if (left === 0) process.kill(process.pid, "SIGKILL");
    }
    return original(...args);
  };
};
const opensForWriting = (args: unknown[]): boolean => args[1] === "w" || args[1] === "a";
for (const name of ["rename", "rm"]) guard(fs.promises as never, name);
guard(fs.promises as never, "open", opensForWriting);
guard(fs as never, "openSync", opensForWriting);
for (const name of ["writeSync", "fsyncSync"]) guard(fs as never, name);
syncBuiltinESMExports();
const { installStored } = await import("./installing.ts");
await installStored(dir);
process.stdout.write("installed");
