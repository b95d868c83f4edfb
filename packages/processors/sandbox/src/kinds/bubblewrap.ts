import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { CommandSandbox, Slots } from "@harnessx/core/plugin";
import { sandboxError } from "../errors.ts";
import type { SandboxOptions } from "../options.ts";
import { passedEnvironment } from "../process/environment.ts";
import { findProgram } from "../process/find-program.ts";
import { limited } from "../process/limited.ts";
import { runProcess } from "../process/run-process.ts";
import { relativeFolder, requireWorkspace, type SandboxedFolder } from "../workspace.ts";

/** Programs and libraries. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt"] as const;

/** What programs look up in `/etc`; the rest of it, with its keys and passwords, is not there. */
const SETTINGS = [
  "alternatives",
  "ca-certificates",
  "group",
  "hosts",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "nsswitch.conf",
  "passwd",
  "pki",
  "ssl/certs",
  "ssl/openssl.cnf",
] as const;

const PROBE_MS = 10_000;
const HOME = "/tmp/home";

/** What the machine has of it; `problem` says why commands cannot be walled in here. */
export async function probeBubblewrap(
  options: SandboxOptions,
): Promise<{ readonly bwrap: string } | { readonly problem: string }> {
  if (process.platform !== "linux") return { problem: "it needs Linux" };
  const bwrap = await findProgram("bwrap");
  if (bwrap === undefined) return { problem: "the program bwrap is not installed" };
  try {
    const { exitCode, stderr } = await runProcess({
      argv: [bwrap, ...wall(options), "--", "true"],
      cwd: "/",
      env: passedEnvironment(),
      timeoutMs: PROBE_MS,
      maxOutputBytes: 1000,
      signal: AbortSignal.timeout(PROBE_MS),
    });
    return exitCode === 0 ? { bwrap } : { problem: `bwrap says ${stderr.trim()}` };
  } catch (thrown) {
    return { problem: `bwrap does not start: ${(thrown as Error).message}` };
  }
}

/** Namespaces of their own for each command: the workspace and programs, and nothing else of the machine. */
export function bubblewrapSandbox(
  slots: Pick<Slots, "get">,
  options: SandboxOptions,
  programs: { readonly bwrap: string; readonly prlimit: string | undefined },
): CommandSandbox {
  const kind = "bubblewrap";
  return {
    kind,
    async exec(request) {
      const workspace = await requireWorkspace(slots, kind);
      if (workspace.root === "/")
        throw sandboxError("HX_SANDBOX_NO_WORKSPACE", { kind, problem: "it is the whole disk" });
      const cwd = resolve(workspace.root, relativeFolder(workspace, request.cwd ?? ".", kind));
      const argv = limited(request.argv, programs.prlimit, options.limits);
      const bind = workspace.isReadonly ? "--ro-bind" : "--bind";
      return runProcess({
        ...request,
        argv: [
          programs.bwrap,
          ...wall(options),
          bind,
          workspace.root,
          workspace.root,
          "--remount-ro",
          "/",
          "--chdir",
          cwd,
          "--",
          ...argv,
        ],
        // The program itself starts in the working folder, inside.
        cwd: "/",
        // The whole environment is given here, so that none of it shows in the list of processes.
        env: { ...passedEnvironment(), TMPDIR: "/tmp", ...options.env, ...request.env, HOME },
        ...(await identityFor(workspace)),
      });
    },
  };
}

function wall({ bubblewrap: { network, readable } }: SandboxOptions): string[] {
  const readOnly = (path: string): string[] => ["--ro-bind-try", path, path];
  const settings = [...SETTINGS, ...(network ? ["resolv.conf"] : [])];
  return [
    "--unshare-all",
    ...(network ? ["--share-net"] : []),
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    ...SYSTEM.flatMap(readOnly),
    ...settings.flatMap((name) => readOnly(`/etc/${name}`)),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",
    "--dir",
    HOME,
    ...readable.flatMap(readOnly),
  ];
}

/** As root, commands get the rights of whoever owns the workspace. */
async function identityFor({ root }: SandboxedFolder) {
  if (process.getuid?.() !== 0) return {};
  const { uid, gid } = await stat(root);
  return uid === 0 ? {} : { identity: { uid, gid } };
}
