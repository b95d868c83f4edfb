import { constants, isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hxError } from "../errors/index.ts";
import type { JsonObject } from "../plugin/json.ts";
import { createBlobReader } from "./blob-store.ts";
import { attach, type BlobRef } from "./blob.ts";
import { checkEvent } from "./check-event.ts";
import { isRecord } from "./check.ts";
import { TRACE_VERSION, type TraceEvent } from "./schema.ts";
import { upgrades, type Upgrades } from "./upgrade.ts";

/** A last line without its end: what a crash in the middle of a write leaves. */
export interface TornLine {
  /** From 1. */
  readonly line: number;
  readonly bytes: number;
}

export interface DecodeOptions {
  /** Whether references to blobs are replaced by the text they stand for. */
  readonly blobs?: "inline" | "keep";
  readonly blobDir?: string;
  /** For tests: how older versions become this one. */
  readonly upgrades?: Upgrades;
}

const NEWLINE = 0x0a;
const CHUNK = 1024 * 1024;

/** Turns the bytes of one trace into events and refuses everything that no writer of ours makes. */
export class TraceDecoder {
  readonly #path: string;
  readonly #keep: boolean;
  readonly #load: (ref: BlobRef) => string;
  readonly #upgrades: Upgrades;
  #version = TRACE_VERSION;
  #line = 0;
  #rest: Buffer[] = [];

  constructor(path: string, options: DecodeOptions) {
    this.#path = path;
    this.#keep = options.blobs === "keep";
    this.#load = createBlobReader(path, options.blobDir ?? join(dirname(path), "blobs"));
    this.#upgrades = options.upgrades ?? upgrades;
  }

  /** Takes the next bytes, which it copies where it must keep them, and returns the events that they complete. */
  push(chunk: Buffer): TraceEvent[] {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    let block = chunk.subarray(0, end);
    if (end > 0 && this.#rest.length > 0) {
      block = Buffer.concat([...this.#rest, block]);
      this.#rest = [];
    }
    // Kept as a list: joining the pieces of a very long line once per chunk would be quadratic.
    if (end < chunk.length) this.#rest.push(Buffer.from(chunk.subarray(end)));
    return end > 0 ? this.#decode(block) : [];
  }

  /** The line that the end of the file cut off. */
  end(): TornLine | undefined {
    const bytes = this.#rest.reduce((sum, piece) => sum + piece.length, 0);
    return bytes === 0 ? undefined : { line: this.#line + 1, bytes };
  }

  #decode(block: Buffer): TraceEvent[] {
    if (!isUtf8(block)) this.#refuseBytes(block);
    if (block.length > constants.MAX_STRING_LENGTH)
      this.#refuseAt(this.#line + 1, "it is too long");
    const text = block.toString();
    const refs = text.includes('$blob"');
    const events: TraceEvent[] = [];
    const lines = text.split("\n");
    // What follows the last line end: the block has whole lines only.
    lines.pop();
    // Splitting at once, not searching from line to line: that took 6 times as long in most processes (Node 20).
    for (const line of lines) {
      this.#line++;
      events.push(this.#event(line, refs && line.includes('$blob"')));
    }
    return events;
  }

  #event(line: string, refs: boolean): TraceEvent {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#refuse("it is no JSON");
    }
    if (this.#line === 1) this.#readVersion(value);
    if (this.#version < TRACE_VERSION) value = this.#upgrade(value);
    const problem = checkEvent(value, refs);
    if (problem !== undefined) this.#refuse(problem);
    const event = value as TraceEvent;
    if (event.seq !== this.#line - 1) {
      this.#refuse(`its seq is ${event.seq} where ${this.#line - 1} follows`);
    }
    if ((event.type === "run.start") !== (this.#line === 1)) {
      this.#refuse("run.start is the first event of a trace and no other one");
    }
    return refs && !this.#keep ? this.#attach(event) : event;
  }

  /** Comes before every other check: a newer event may have any shape. */
  #readVersion(value: unknown): void {
    const version = isRecord(value) ? value.v : undefined;
    if (!Number.isSafeInteger(version))
      this.#refuse("it does not begin with a run.start that has a version");
    this.#version = version as number;
    if (this.#version <= TRACE_VERSION) return;
    throw hxError("HX_TRACE_VERSION", { path: this.#path, version, supported: TRACE_VERSION });
  }

  #upgrade(value: unknown): unknown {
    if (!isRecord(value)) this.#refuse("it is no object");
    let event = value as JsonObject;
    for (let version = this.#version; version < TRACE_VERSION; version++) {
      const upgrade = this.#upgrades[version];
      if (upgrade === undefined) {
        throw hxError("HX_TRACE_VERSION", { path: this.#path, version, supported: TRACE_VERSION });
      }
      event = upgrade(event);
    }
    return event;
  }

  #attach(event: TraceEvent): TraceEvent {
    try {
      return attach(event, this.#load, () =>
        this.#refuse("it has a malformed blob reference"),
      ) as TraceEvent;
    } catch (error) {
      if (error instanceof RangeError) this.#refuse("it is nested too deeply");
      throw error;
    }
  }

  #refuseBytes(block: Buffer): never {
    for (let start = 0; start < block.length; this.#line++) {
      const end = block.indexOf(NEWLINE, start) + 1;
      if (!isUtf8(block.subarray(start, end))) break;
      start = end;
    }
    this.#line++;
    this.#refuse("it is no UTF-8");
  }

  #refuse(problem: string): never {
    this.#refuseAt(this.#line, problem);
  }

  #refuseAt(line: number, problem: string): never {
    throw hxError("HX_TRACE_CORRUPT", { path: this.#path, line, problem });
  }
}

/** The events of a file, as many at a time as a read completes; returns the torn line. */
export async function* decodeFile(
  path: string,
  options: DecodeOptions,
): AsyncGenerator<TraceEvent[], TornLine | undefined> {
  const decoder = new TraceDecoder(path, options);
  const file = await openTrace(path);
  try {
    const { size } = await file.stat();
    const chunk = Buffer.allocUnsafe(Math.min(size + 1, CHUNK));
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) return decoder.end();
      const events = decoder.push(chunk.subarray(0, bytesRead));
      if (events.length > 0) yield events;
    }
  } finally {
    await file.close();
  }
}

/** Opens a trace that must be there. */
export async function openTrace(
  path: string,
  flags = "r",
): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw hxError("HX_TRACE_NOT_FOUND", { path }, error);
  }
}
