import { isUtf8 } from "node:buffer";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hxError } from "../errors/index.ts";
import { type Blob, blobName, type BlobRef } from "./blob.ts";

let temporaries = 0;

/** Unique on this machine, so that two runs may write the same blob at once. */
function temporaryPath(dir: string, name: string): string {
  return join(dir, `.${name}.${process.pid}.${(temporaries++).toString(36)}`);
}

/** True when the blob is there with its full length. */
export function hasBlob(dir: string, blob: Blob): boolean {
  return statSync(join(dir, blob.name), { throwIfNoEntry: false })?.size === blob.bytes.length;
}

/** Writes a blob so that a killed process leaves it whole or not at all. */
export function writeBlob(dir: string, blob: Blob): void {
  mkdirSync(dir, { recursive: true });
  const temporary = temporaryPath(dir, blob.name);
  try {
    writeFileSync(temporary, blob.bytes, { flag: "wx" });
    renameSync(temporary, join(dir, blob.name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Writes blobs so that a power failure leaves each whole or not at all; resolves when they are stable. */
export async function writeBlobsDurably(dir: string, blobs: readonly Blob[]): Promise<void> {
  mkdirSync(dir, { recursive: true });
  await Promise.all(
    blobs.map(async (blob) => {
      const temporary = temporaryPath(dir, blob.name);
      try {
        const file = await open(temporary, "wx");
        try {
          await file.writeFile(blob.bytes);
          await file.datasync();
        } finally {
          await file.close();
        }
        await rename(temporary, join(dir, blob.name));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    }),
  );
  await syncFolder(dir);
}

/** Makes names in a folder stable. A platform that cannot open folders does so by itself. */
export async function syncFolder(dir: string): Promise<void> {
  let folder;
  try {
    folder = await open(dir, "r");
  } catch {
    return;
  }
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a file that was written earlier stable. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Kept text of blobs, in bytes: a trace that repeats a long prompt reads and hashes it once. */
const CACHE_LIMIT = 16 * 1024 * 1024;

/** Reads and verifies the blobs of one trace. */
export function createBlobReader(tracePath: string, dir: string): (ref: BlobRef) => string {
  const cache = new Map<string, { text: string; bytes: number }>();
  let cached = 0;
  return (ref) => {
    const known = cache.get(ref.$blob);
    if (known?.bytes === ref.bytes) return known.text;
    const text = readBlob(tracePath, dir, ref);
    if (ref.bytes <= CACHE_LIMIT) {
      if (cached + ref.bytes > CACHE_LIMIT) {
        cache.clear();
        cached = 0;
      }
      cache.set(ref.$blob, { text, bytes: ref.bytes });
      cached += ref.bytes;
    }
    return text;
  };
}

function readBlob(path: string, dir: string, ref: BlobRef): string {
  const file = join(dir, ref.$blob);
  const details = { blob: ref.$blob, path };
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw hxError("HX_TRACE_BLOB_MISSING", details);
  // The size comes first: a damaged or planted file is not read into memory.
  if (size !== ref.bytes) throw hxError("HX_TRACE_BLOB_CORRUPT", details);
  const bytes = readFileSync(file);
  if (blobName(bytes) !== ref.$blob || !isUtf8(bytes))
    throw hxError("HX_TRACE_BLOB_CORRUPT", details);
  return bytes.toString();
}
