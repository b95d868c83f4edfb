import { hxError } from "../errors/index.ts";
import type { Capabilities } from "../plugin/metadata.ts";
import { parseLock } from "./parse.ts";
import type { Lock, LockEntry } from "./types.ts";

/** What a loader found on disk for one entry. */
export interface LockedFacts {
  readonly use: string;
  readonly version: string;
  readonly integrity: string;
  /** What the package declares; absent where that is not known. */
  readonly capabilities?: Capabilities;
}

/**
 * A lock without entries.
 *
 * @example
 * ```ts
 * import { emptyLock } from "@harnessx/core";
 * Object.keys(emptyLock.entries).length; // 0
 * ```
 */
export const emptyLock: Lock = Object.freeze({ lockVersion: 1, entries: Object.freeze({}) });

/**
 * Compares what is on disk with what the lock recorded; an empty list means that they match.
 *
 * A lock may grant less than a package declares (the rest is then refused when it is used), but a
 * grant that the package does not declare is a problem: it was made for other code.
 *
 * @example
 * ```ts
 * import { emptyLock, lockEntryMatches } from "@harnessx/core";
 * const found = { use: "loop-guard", version: "1.0.0", integrity: `sha256-${"0".repeat(64)}` };
 * lockEntryMatches(emptyLock, "loops", found); // ["the lock has no such entry"]
 * ```
 */
export function lockEntryMatches(lock: Lock, id: string, actual: LockedFacts): readonly string[] {
  const locked = Object.hasOwn(lock.entries, id) ? lock.entries[id] : undefined;
  if (locked === undefined) return ["the lock has no such entry"];
  const problems: string[] = [];
  for (const field of ["use", "version", "integrity"] as const) {
    if (locked[field] === actual[field]) continue;
    problems.push(`${field} is locked as ${locked[field]}, found ${actual[field]}`);
  }
  if (actual.capabilities !== undefined) {
    const declared = new Set(grants(actual.capabilities));
    const undeclared = grants(locked.capabilities).filter((one) => !declared.has(one));
    if (undeclared.length > 0) {
      const list = undeclared.join(", ");
      problems.push(`capabilities are locked as ${list}, which the package does not declare`);
    }
  }
  return problems;
}

/**
 * Passes if the lock matches what is on disk.
 *
 * @throws HX_LOCK_MISMATCH with all problems in its details.
 *
 * @example
 * ```ts
 * import { emptyLock, HarnessXError, requireLockEntry } from "@harnessx/core";
 * const found = { use: "loop-guard", version: "1.0.0", integrity: `sha256-${"0".repeat(64)}` };
 * try {
 *   requireLockEntry(emptyLock, "loops", found);
 * } catch (error) {
 *   HarnessXError.isInstance(error) && error.code; // "HX_LOCK_MISMATCH"
 * }
 * ```
 */
export function requireLockEntry(lock: Lock, id: string, actual: LockedFacts): void {
  const problems = lockEntryMatches(lock, id, actual);
  if (problems.length === 0) return;
  const problem = problems.join("; ");
  throw hxError("HX_LOCK_MISMATCH", { entry: id, problem, problems });
}

/**
 * The lock with one entry added or replaced.
 *
 * @throws HX_LOCK_INVALID if the id or the entry is not valid.
 *
 * @example
 * ```ts
 * import { emptyLock, withLockEntry } from "@harnessx/core";
 * const lock = withLockEntry(emptyLock, "loops", {
 *   use: "loop-guard",
 *   version: "1.0.0",
 *   integrity: `sha256-${"0".repeat(64)}`,
 *   capabilities: {},
 *   decidedBy: "human",
 * });
 * Object.keys(lock.entries); // ["loops"]
 * ```
 */
export function withLockEntry(lock: Lock, id: string, entry: LockEntry): Lock {
  return lockOf([...others(lock, id), [id, entry]]);
}

/**
 * The lock without one entry; a lock that has none of that id stays as it is.
 *
 * @throws HX_LOCK_INVALID if the lock was not valid.
 *
 * @example
 * ```ts
 * import { emptyLock, withoutLockEntry } from "@harnessx/core";
 * withoutLockEntry(emptyLock, "loops").entries; // {}
 * ```
 */
export function withoutLockEntry(lock: Lock, id: string): Lock {
  return lockOf(others(lock, id));
}

const others = (lock: Lock, id: string): [string, LockEntry][] =>
  Object.entries(lock.entries).filter(([key]) => key !== id);

function lockOf(entries: readonly (readonly [string, LockEntry])[]): Lock {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return parseLock({ lockVersion: 1, entries: Object.fromEntries(sorted) });
}

/** Capabilities as a flat list, such as `net:example.org` and `fs.read:./data`. */
function grants(capabilities: Capabilities): readonly string[] {
  const { net, fs, env, model, spawn, processes } = capabilities;
  const lists = { net, "fs.read": fs?.read, "fs.write": fs?.write, env, model };
  return [
    ...Object.entries(lists).flatMap(([kind, list]) => (list ?? []).map((one) => `${kind}:${one}`)),
    ...(spawn === true ? ["spawn"] : []),
    ...(processes === true ? ["processes"] : []),
  ];
}
