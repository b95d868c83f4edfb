import { workspaceError } from "../errors.ts";
import { openFile, type Opened } from "./open.ts";
import type { Place } from "./place.ts";

/** The bytes of a file of the workspace; HX_WORKSPACE_TOO_LARGE beyond `limit` bytes. */
export async function contentOf(
  place: Place,
  path: string,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly file: Omit<Opened, "handle"> }> {
  const { handle, ...file } = await openFile(place, path);
  try {
    const { size } = file.stats;
    if (size > limit) throw workspaceError("HX_WORKSPACE_TOO_LARGE", { path, bytes: size, limit });
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return { bytes: bytes.subarray(0, filled), file };
  } finally {
    await handle.close();
  }
}

/** Binary files have a NUL soon. */
const PROBED_BYTES = 8192;

/** Whether the bytes look like text. */
export const looksLikeText = (bytes: Buffer): boolean =>
  !bytes.subarray(0, PROBED_BYTES).includes(0);

/** The text of bytes in UTF-8; `strict` refuses other encodings rather than damaging them. */
export function textOfBytes(bytes: Buffer, path: string, strict: boolean): string {
  const fail = (cause?: unknown): never => {
    throw workspaceError("HX_WORKSPACE_NOT_TEXT", { path, bytes: bytes.length }, cause);
  };
  if (!looksLikeText(bytes)) fail();
  try {
    return new TextDecoder("utf-8", { fatal: strict, ignoreBOM: true }).decode(bytes);
  } catch (thrown) {
    return fail(thrown);
  }
}
