import type { CommandRequest } from "@harnessx/core/plugin";
import type { ResourceLimits } from "../options.ts";

const MB = 2 ** 20;

/** The same command under resource limits, by util-linux's `prlimit`; unchanged without one. */
export function limited(
  argv: CommandRequest["argv"],
  prlimit: string | undefined,
  limits: ResourceLimits,
): CommandRequest["argv"] {
  const { memoryMb, cpuSeconds, fileMb, openFiles, processes } = limits;
  const flags = [
    ["data", memoryMb * MB],
    ["cpu", cpuSeconds],
    ["fsize", fileMb * MB],
    ["nofile", openFiles],
    ["nproc", processes],
  ].filter(([, limit]) => limit !== 0);
  if (prlimit === undefined || flags.length === 0) return argv;
  return [prlimit, "--core=0", ...flags.map(([name, limit]) => `--${name}=${limit}`), ...argv];
}
