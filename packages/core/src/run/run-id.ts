import { randomBytes } from "node:crypto";
import { hxError } from "../errors/index.ts";

/** Random bytes are drawn in blocks: asking the system for six bytes a run would be the dearest part of starting one. */
const BLOCK = 4096;
const WANTED = 6;
let block = Buffer.alloc(0);
let offset = 0;

/** A run id that sorts by time: UTC to the millisecond and twelve random hexadecimal digits. */
export function newRunId(): string {
  if (offset + WANTED > block.length) {
    block = randomBytes(BLOCK);
    offset = 0;
  }
  const random = block.toString("hex", offset, offset + WANTED);
  offset += WANTED;
  return `${new Date().toISOString().replace(/[-:.Z]/g, "")}-${random}`;
}

const SAFE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Run ids become file names: anything else than a plain name is refused. */
export function requireRunId(id: string): string {
  if (!SAFE.test(id)) throw hxError("HX_RUN_ID_INVALID", { id });
  return id;
}
