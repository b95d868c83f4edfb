import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "./session.ts";

/**
 * The trace that an argument means: a path, a run id, the start of one that fits a single run, or
 * `latest`. Throws HX_TRACE_NOT_FOUND.
 */
export async function tracePath(
  session: Session,
  given: string,
  traceDir: string,
): Promise<string> {
  const direct = session.path(given);
  if (await isFile(direct)) return direct;
  const dir = session.path(traceDir);
  const { hxError, listTraces } = await import("@harnessx/core");
  if (given === "latest") {
    const [newest] = await listTraces(dir);
    if (newest) return newest.path;
    throw hxError("HX_TRACE_NOT_FOUND", { path: dir });
  }
  const names = await readdir(dir).catch((): string[] => []);
  const fitting = names.filter(
    (name) => name.endsWith(".jsonl") && name.startsWith(given.replace(/\.jsonl$/, "")),
  );
  if (fitting.includes(`${given}.jsonl`)) return join(dir, `${given}.jsonl`);
  if (fitting.length === 1) return join(dir, fitting[0]!);
  throw hxError("HX_TRACE_NOT_FOUND", { path: direct });
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;
