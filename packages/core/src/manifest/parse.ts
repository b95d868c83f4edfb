import { hxError } from "../errors/index.ts";
import type { Lock, LockEntry, Manifest, ProcessorEntry, ToolsEntry } from "./types.ts";
import { checkLock, checkManifest } from "./validate.ts";

/**
 * Checks a value against the manifest schema and returns a deeply frozen copy of it.
 *
 * The argument itself is neither changed nor frozen. `details.problems` of the error lists all that
 * is wrong (at most 20 places), the message names the first.
 *
 * @throws HX_MANIFEST_INVALID with the JSON pointer of the field, for anything that is no manifest.
 * @throws HX_MANIFEST_DUPLICATE_ID if two entries share an id, across both sections.
 *
 * @example
 * ```ts
 * import { parseManifest } from "@harnessx/core";
 * const manifest = parseManifest({
 *   name: "shopper",
 *   version: "3",
 *   processors: [{ id: "loops", use: "@harnessx/processor-loop-guard" }],
 * });
 * manifest.processors?.[0]?.id; // "loops"
 * ```
 */
export function parseManifest(value: unknown): Manifest {
  const checked = checkManifest(value);
  if (checked.ok) return checked.value;
  const { problems } = checked;
  const first = problems[0]!;
  throw first.kind === "duplicate-id"
    ? hxError("HX_MANIFEST_DUPLICATE_ID", { id: first.id, path: first.path, problems })
    : hxError("HX_MANIFEST_INVALID", { path: first.path, problem: first.problem, problems });
}

/**
 * Checks a value against the lock schema and returns a deeply frozen copy of it.
 *
 * @throws HX_LOCK_INVALID with the JSON pointer of the field.
 *
 * @example
 * ```ts
 * import { parseLock } from "@harnessx/core";
 * parseLock({ lockVersion: 1, entries: {} }).lockVersion; // 1
 * ```
 */
export function parseLock(value: unknown): Lock {
  const checked = checkLock(value);
  if (checked.ok) return checked.value;
  const { problems } = checked;
  const first = problems[0]!;
  throw hxError("HX_LOCK_INVALID", { path: first.path, problem: first.problem, problems });
}

/**
 * Writes a manifest as indented JSON text that ends with a line break.
 *
 * Known keys come in a fixed order, the keys of `options` and `slots` in the order they have:
 * an edit by a program changes only the lines it is about. Parsing the text gives the same manifest.
 *
 * @example
 * ```ts
 * import { parseManifest, serializeManifest } from "@harnessx/core";
 * serializeManifest(parseManifest({ version: "3", name: "shopper" }));
 * // '{\n  "name": "shopper",\n  "version": "3"\n}\n'
 * ```
 */
export function serializeManifest(manifest: Manifest): string {
  return pretty(
    pick(
      {
        ...manifest,
        processors: manifest.processors?.map((entry) => pick(entry, PROCESSOR_KEYS)),
        tools: manifest.tools?.map((entry) => pick(entry, TOOLS_KEYS)),
      },
      MANIFEST_KEYS,
    ),
  );
}

/**
 * Writes a lock as indented JSON text, entries sorted by id.
 *
 * @example
 * ```ts
 * import { serializeLock } from "@harnessx/core";
 * JSON.parse(serializeLock({ lockVersion: 1, entries: {} })); // { lockVersion: 1, entries: {} }
 * ```
 */
export function serializeLock(lock: Lock): string {
  const entries = Object.keys(lock.entries)
    .sort()
    .map((id) => [id, pick(lock.entries[id]!, LOCK_ENTRY_KEYS)] as const);
  return pretty({ lockVersion: lock.lockVersion, entries: Object.fromEntries(entries) });
}

type KeysOf<T> = T extends unknown ? keyof T : never;

const MANIFEST_KEYS = [
  "$schema",
  "name",
  "version",
  "processors",
  "tools",
  "slots",
  "limits",
] as const satisfies readonly KeysOf<Manifest>[];
const PROCESSOR_KEYS = [
  "id",
  "use",
  "options",
  "stage",
  "before",
  "after",
  "onError",
] as const satisfies readonly KeysOf<ProcessorEntry>[];
const TOOLS_KEYS = ["id", "use", "mcp", "options"] as const satisfies readonly KeysOf<ToolsEntry>[];
const LOCK_ENTRY_KEYS = [
  "use",
  "version",
  "integrity",
  "capabilities",
  "decidedBy",
] as const satisfies readonly KeysOf<LockEntry>[];

function pick(value: object, keys: readonly string[]): object {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) result[key] = item;
  }
  return result;
}

const pretty = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
