import { execFile } from "node:child_process";
import { access, realpath } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** A command line that starts Node inside the wall. */
export interface WalledCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** An unprivileged identity for the whole of it, when the host is root. */
  readonly identity: { readonly uid: number; readonly gid: number } | undefined;
}

const NOBODY = 65_534;
const execute = promisify(execFile);

/** Where the staged files are inside. */
export const INSIDE = "/app";
/** The descriptor on which bubblewrap reads the seccomp filter. */
export const FILTER_FD = 4;

/** The host's identity for staged files and processes. */
export const identity = (): WalledCommand["identity"] =>
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;

async function find(program: string): Promise<string> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, program);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new Error(`${program} is not installed`);
}

/** The files that Node's own program needs: shared libraries and the loader. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execute(await find("ldd"), [program]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1]!);
}

/**
 * Prepares the wall: bubblewrap with an empty read-only root, every namespace of its own, no
 * environment, resource limits, and Node with its permission model and without a compiler.
 *
 * Throws when the machine lacks something.
 */
export async function walledCommand(staged: string, memoryMb: number): Promise<WalledCommand> {
  if (process.platform !== "linux") throw new Error("it needs Linux");
  const [bwrap, prlimit, node] = await Promise.all([
    find("bwrap"),
    find("prlimit"),
    realpath(process.execPath),
  ]);
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const bind = (path: string): string[] => ["--ro-bind", path, path];
  const args = [
    `--data=${memoryMb * 2 ** 20}`,
    "--cpu=60",
    "--core=0",
    "--fsize=0",
    "--nofile=64",
    bwrap,
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
    ...(await librariesOf(node)).flatMap(bind),
    "--ro-bind",
    node,
    "/node",
    "--ro-bind",
    staged,
    INSIDE,
    "--chdir",
    INSIDE,
    "--remount-ro",
    "/",
    "--seccomp",
    String(FILTER_FD),
    "/node",
    permission,
    `--allow-fs-read=${INSIDE}/*`,
    "--experimental-vm-modules",
    "--no-warnings",
    "--jitless",
    "--disable-proto=throw",
    "--max-old-space-size=64",
    "--stack-size=500",
    `${INSIDE}/child.cjs`,
  ];
  return { program: prlimit, args, identity: identity() };
}
