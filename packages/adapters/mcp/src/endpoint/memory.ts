import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Json, JsonObject } from "@harnessx/core/plugin";

/** A small JSON file of one endpoint, such as what was found out about it. */
export interface EndpointFile<Value extends JsonObject> {
  read(): Promise<Partial<Value>>;
  /** Changes some fields; the others stay. */
  merge(change: Partial<Value>): Promise<void>;
}

/**
 * A file under `<root>/.harnessx/mcp`, readable by its owner alone and replaced as a whole.
 *
 * It only saves time: where it cannot be read or written, it is as if it were empty.
 */
export function endpointFile<Value extends JsonObject>(
  root: string,
  digest: string,
  what: string,
): EndpointFile<Value> {
  const file = join(root, ".harnessx", "mcp", `${digest.slice(0, 24)}.${what}.json`);
  let known: Partial<Value> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const read = async (): Promise<Partial<Value>> => {
    if (known) return known;
    const parsed = await readFile(file, "utf8").then(parse, () => undefined);
    return (known ??= (parsed ?? {}) as Partial<Value>);
  };
  return {
    read,
    async merge(change) {
      const merged = { ...(await read()), ...known, ...change };
      known = merged;
      writing = writing.then(() => replaceFile(file, merged as Json));
      await writing;
    },
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function replaceFile(file: string, value: Json): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(beside, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 });
    await rename(beside, file);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}
