import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { HarnessXError, hxError, messageOf } from "../errors/index.ts";
import { hasBlob, syncFile, syncFolder, writeBlob, writeBlobsDurably } from "./blob-store.ts";
import { type Blob, detach, isLong, needsEscape } from "./blob.ts";
import { createRedactor, type Redactor } from "./redact.ts";
import type { TraceEvent, TraceSink } from "./schema.ts";

/**
 * What survives a power failure: `step` everything up to a moment after the last flush, `run`
 * everything once the trace is closed, `none` what the operating system happened to write. A
 * killed process loses nothing that was flushed in any of them.
 */
export type TraceDurability = "step" | "run" | "none";

export interface TraceFileOptions {
  /** `step` by default. */
  readonly durability?: TraceDurability;
  /** Folder of the blobs; `blobs` beside the trace by default. */
  readonly blobDir?: string;
  /** Continue a trace that is there already. */
  readonly append?: boolean;
  /** Secret values that must not reach the disk; replaced by `[redacted]`. */
  readonly redact?: readonly string[];
}

/**
 * Writes the events of one run to a JSON-Lines file.
 *
 * `write` only serialises; `flush` hands all lines to the operating system in one call and returns
 * at once, with durability `step` while an fdatasync runs behind it. `flush` returns a promise only
 * when a new blob must be on the disk before the line that refers to it. A failure is thrown as
 * `HX_TRACE_WRITE_FAILED` by the next `flush` and by `close`; the file then ends with the last whole
 * line that could be written, and nothing is written any more. The file appears with the first
 * flush; `HX_TRACE_EXISTS` is thrown when there is one already that is not empty.
 */
export function openTraceFile(path: string, options: TraceFileOptions = {}): TraceSink {
  if (!options.append && isTaken(path)) throw hxError("HX_TRACE_EXISTS", { path });
  return new FileSink(path, options);
}

/** An empty file is what a crash between creating and writing leaves: it holds nothing that could be lost. */
function isTaken(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

class FileSink implements TraceSink {
  readonly #path: string;
  readonly #append: boolean;
  readonly #durability: TraceDurability;
  readonly #blobDir: string;
  readonly #redactor: Redactor | undefined;
  readonly #known = new Set<string>();
  #text = "";
  #blobs: Blob[] = [];
  #fd: number | undefined;
  /** Bytes of whole lines in the file. */
  #size = 0;
  #failure: HarnessXError | undefined;
  #closed = false;
  #flushing: Promise<void> | undefined;
  #unsynced = false;
  #created = false;
  #syncing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, options: TraceFileOptions) {
    this.#path = path;
    this.#append = options.append ?? false;
    this.#durability = options.durability ?? "step";
    this.#blobDir = options.blobDir ?? join(dirname(path), "blobs");
    this.#redactor = createRedactor(options.redact);
  }

  write(event: TraceEvent): void {
    try {
      let source: unknown = event;
      let line = JSON.stringify(source);
      if (this.#redactor?.hits(line)) {
        source = this.#redactor.clean(source);
        line = JSON.stringify(source);
      }
      if (isLong(line) || needsEscape(line)) {
        line = JSON.stringify(detach(source, (blob) => void this.#blobs.push(blob)));
      }
      this.#text += `${line}\n`;
    } catch (error) {
      // A value without JSON form, such as a cycle: reported where every other failure is.
      this.#fail(error);
    }
  }

  flush(): void | Promise<void> {
    if (this.#flushing !== undefined) return this.#flushing.then(() => this.flush());
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#text === "") return;
    if (this.#closed) throw this.#fail(new Error("it was closed before the last event"));
    const text = this.#text;
    this.#text = "";
    try {
      const blobs = this.#takeBlobs();
      if (blobs.length > 0 && this.#durability === "step") {
        this.#flushing = this.#flushBlobs(blobs, text).finally(() => (this.#flushing = undefined));
        return this.#flushing;
      }
      for (const blob of blobs) writeBlob(this.#blobDir, blob);
      this.#writeLines(text);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  close(): void | Promise<void> {
    if (this.#closing !== undefined || this.#closed) return this.#closing;
    if (this.#durability !== "none") return (this.#closing = this.#closeSynced());
    try {
      void this.flush();
    } finally {
      this.#release();
    }
  }

  /** Blobs that neither this run has written nor another one. */
  #takeBlobs(): Blob[] {
    if (this.#blobs.length === 0) return this.#blobs;
    const blobs = this.#blobs.filter((blob) => {
      if (this.#known.has(blob.name)) return false;
      this.#known.add(blob.name);
      return !hasBlob(this.#blobDir, blob);
    });
    this.#blobs = [];
    return blobs;
  }

  async #flushBlobs(blobs: readonly Blob[], text: string): Promise<void> {
    try {
      await writeBlobsDurably(this.#blobDir, blobs);
      this.#writeLines(text);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #writeLines(text: string): void {
    const fd = (this.#fd ??= this.#open());
    const bytes = Buffer.from(text);
    let done = 0;
    try {
      while (done < bytes.length) {
        const count = writeSync(fd, bytes, done);
        if (count === 0) throw new Error("the device takes no more bytes");
        done += count;
      }
    } catch (error) {
      if (done > 0) cutBack(fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
    this.#unsynced = true;
    if (this.#durability === "step") this.#syncing ??= this.#sync();
  }

  #open(): number {
    const flags = this.#append ? "a+" : "ax";
    let fd: number;
    try {
      fd = openSync(this.#path, flags);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") {
        if (isTaken(this.#path)) throw hxError("HX_TRACE_EXISTS", { path: this.#path }, error);
        fd = openSync(this.#path, "a+");
      } else {
        if (code !== "ENOENT") throw error;
        // Tried second: a run in a folder that exists, which is nearly all of them, saves the call.
        mkdirSync(dirname(this.#path), { recursive: true });
        fd = openSync(this.#path, flags);
      }
    }
    this.#size = fstatSync(fd).size;
    this.#created = this.#size === 0;
    if (this.#size > 0) refuseTorn(fd, this.#size, this.#path);
    return fd;
  }

  /** One fdatasync at a time; what was written meanwhile gets the next one. */
  async #sync(): Promise<void> {
    try {
      while (this.#unsynced && this.#fd !== undefined) {
        this.#unsynced = false;
        await dataSync(this.#fd);
        if (!this.#created) continue;
        this.#created = false;
        await syncFolder(dirname(this.#path));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#syncing = undefined;
    }
  }

  async #closeSynced(): Promise<void> {
    try {
      await this.flush();
      if (this.#durability === "run" && this.#known.size > 0) {
        for (const name of this.#known) await syncFile(join(this.#blobDir, name));
        await syncFolder(this.#blobDir);
      }
      await (this.#syncing ?? this.#sync());
      if (this.#failure !== undefined) throw this.#failure;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#closed = true;
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Keeps the first failure: after it the file must not grow, or it would have a gap. */
  #fail(error: unknown): HarnessXError {
    this.#text = "";
    this.#blobs = [];
    this.#failure ??= HarnessXError.isInstance(error)
      ? error
      : hxError("HX_TRACE_WRITE_FAILED", { path: this.#path, problem: messageOf(error) }, error);
    return this.#failure;
  }
}

function dataSync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()));
  });
}

/** Removes half a line. Where this fails too, the line is torn and repaired on the next read. */
function cutBack(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // The failure that led here is reported; it says more than this one.
  }
}

function refuseTorn(fd: number, size: number, path: string): void {
  const last = Buffer.alloc(1);
  if (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a) return;
  throw hxError("HX_TRACE_CORRUPT", {
    path,
    line: "the end",
    problem: "the last line is torn and must be repaired before more is written",
  });
}
