import { open, readFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TraceEvent } from "@harnessx/core";

const POLL_MS = 100;
const CHUNK = 256 * 1024;

/**
 * Yields the events of a growing trace as they are written, until the run ends or the signal aborts.
 * Each byte is read once, however long the run gets. Waits for a file that does not exist yet.
 */
export async function* followTrace(path: string, signal: AbortSignal): AsyncGenerator<TraceEvent> {
  const blobs = join(dirname(path), "blobs");
  let file: FileHandle | undefined;
  let rest = Buffer.alloc(0);
  let offset = 0;
  try {
    for (;;) {
      file ??= await open(path, "r").catch(ifMissing);
      let ended = false;
      for (;;) {
        const { chunk, size } = file ? await readChunk(file, offset) : { chunk: EMPTY, size: 0 };
        if (size === 0) break;
        offset += size;
        const text = Buffer.concat([rest, chunk]);
        const end = text.lastIndexOf(10) + 1;
        rest = text.subarray(end);
        for (const line of text.toString("utf8", 0, end).split("\n")) {
          if (line === "") continue;
          const event = (await inlined(JSON.parse(line), blobs)) as TraceEvent;
          ended = event.type === "run.end";
          yield event;
        }
      }
      if (ended || signal.aborted) return;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await file?.close();
  }
}

const EMPTY = Buffer.alloc(0);

async function readChunk(
  file: FileHandle,
  offset: number,
): Promise<{ readonly chunk: Buffer; readonly size: number }> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  const { bytesRead } = await file.read(chunk, 0, CHUNK, offset);
  return { chunk: chunk.subarray(0, bytesRead), size: bytesRead };
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
  return undefined;
}

/** Puts long texts back in place; one whose blob is not there shows by its beginning. */
async function inlined(value: unknown, blobs: string): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => inlined(item, blobs)));
  const { $blob, head } = value as { readonly $blob?: unknown; readonly head?: unknown };
  if (typeof $blob === "string" && typeof head === "string") {
    return readFile(join(blobs, $blob), "utf8").catch(() => `${head}…`);
  }
  const entries = Object.entries(value).map(
    async ([key, item]) =>
      [key.replace(/^\$(\$+blob)$/, "$1"), await inlined(item, blobs)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
