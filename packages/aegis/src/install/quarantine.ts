import { mkdir, readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadHarness, messageOf } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { Journal, JournalEvent } from "../journal/index.ts";
import {
  verifyWorkspace,
  type CheckedEntry,
  type VerifyWorkspaceOptions,
  type WorkspaceReport,
} from "./check.ts";
import { syncFolder, writeDurably } from "./durable.ts";
import { listGenerations } from "./generations.ts";
import { recoverInstall } from "./intent.ts";
import { presentVersion, shipsBehind } from "./lineage.ts";
import { QUARANTINE } from "./paths.ts";
import { rollback, type RollbackPlan, type RollbackRequest } from "./rollback.ts";
import { withoutCode } from "./store.ts";

/** Why an entry may not run. */
export const reasonOf = ({ checks }: CheckedEntry): string =>
  checks
    .filter(({ ok }) => !ok)
    .map(({ check, text }) => `${check}: ${text}`)
    .join("; ");

/**
 * Lets a workspace be used only when every entry from the plugin store may run: to be called before
 * anything of it does.
 *
 * A package that is not what the gate left is moved to `.harnessx/quarantine`, with the reason beside
 * it and in the journal; a lock that says something else, or a key that nobody here trusts, only
 * stops the start. The manifest stays as it is. Throws HX_AEGIS_WORKSPACE_DAMAGED.
 */
export async function requireWorkspace(
  dir: string,
  journal: Journal,
  options: VerifyWorkspaceOptions = {},
): Promise<WorkspaceReport> {
  const report = await verifyWorkspace(dir, options);
  if (report.ok) return report;
  await quarantine(dir, journal, report);
  const bad = report.entries.filter(({ ok }) => !ok);
  const problem = bad.map((entry) => `${entry.id}: ${reasonOf(entry)}`).join("; ");
  throw aegisError("HX_AEGIS_WORKSPACE_DAMAGED", { dir, problem, entries: bad });
}

/** Moves damaged packages out of the store. May be cut off anywhere and done again. */
export async function quarantine(
  dir: string,
  journal: Journal,
  { entries }: WorkspaceReport,
): Promise<readonly CheckedEntry[]> {
  const damaged = entries.filter((entry) => entry.damaged);
  for (const entry of damaged) {
    const why = reasonOf(entry);
    if (!isKnown(journal.events, entry.id))
      journal.append({ t: "quarantine", entry: entry.id, why });
    const place = join(dir, QUARANTINE, await freeName(dir, basename(entry.path)));
    const moved = [];
    for (const from of [entry.path, entry.attestation])
      if (from !== undefined && (await move(join(dir, from), join(place, basename(from)))))
        moved.push(from);
    if (moved.length === 0) continue;
    const reason = { v: 1, entry: entry.id, why, moved, checks: entry.checks };
    await writeDurably(join(place, "reason.json"), `${JSON.stringify(reason, null, 2)}\n`);
  }
  return damaged;
}

/** Whether the journal says it since the last time that the harness changed. */
function isKnown(events: readonly JournalEvent[], entry: string): boolean {
  const last = events.findLast(
    (event) =>
      event.t === "ship" ||
      event.t === "rollback" ||
      (event.t === "quarantine" && event.entry === entry),
  );
  return last?.t === "quarantine";
}

async function freeName(dir: string, name: string): Promise<string> {
  const taken = new Set(await readdir(join(dir, QUARANTINE)).catch(() => []));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
  return free;
}

async function move(from: string, to: string): Promise<boolean> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return false;
    const problem = messageOf(thrown);
    throw aegisError("HX_AEGIS_INSTALL_WRITE", { path: to, problem }, thrown);
  }
  await syncFolder(dirname(from));
  await syncFolder(dirname(to));
  return true;
}

/**
 * Brings a workspace back to the last generation of which everything holds: the present one when only
 * manifest or lock were changed, else the nearest of those it came from. What is damaged goes into
 * quarantine first. Returns nothing when there was nothing to mend.
 *
 * Throws HX_AEGIS_ROLLBACK_IMPOSSIBLE with the reason of each generation when none holds.
 */
export async function repairWorkspace({
  dir,
  journal,
  open = withoutCode,
  keys,
}: Omit<RollbackRequest, "to" | "why">): Promise<RollbackPlan | undefined> {
  await recoverInstall(dir, journal, open, keys);
  const report = await verifyWorkspace(dir, keys === undefined ? {} : { keys }).catch(
    () => undefined,
  );
  const present = await loadHarness(join(dir, "harness.json"), { open }).catch(() => undefined);
  if (report?.ok && present) return undefined;
  if (report) await quarantine(dir, journal, report);
  const problems: string[] = [];
  for (const generation of await waysBack(dir, journal.events, present?.hash)) {
    try {
      return await rollback({
        dir,
        to: generation,
        journal,
        why: `repair: back to generation ${generation}`,
        open,
        ...(keys === undefined ? {} : { keys }),
      });
    } catch (thrown) {
      problems.push(`generation ${generation}: ${messageOf(thrown)}`);
    }
  }
  const problem = problems.join("; ") || "there are no generations";
  throw aegisError("HX_AEGIS_ROLLBACK_IMPOSSIBLE", { dir, problem });
}

/** Numbers of the generations to try: the version that stands, then those it came from. */
async function waysBack(
  dir: string,
  events: readonly JournalEvent[],
  present: string | undefined,
): Promise<number[]> {
  const known = present !== undefined && shipsBehind(events, present).length > 0;
  const version = known ? present : presentVersion(events);
  const generations = await listGenerations(dir);
  if (version === undefined) return generations.map(({ generation }) => generation).toReversed();
  const versions = [
    version,
    ...shipsBehind(events, version).flatMap(({ parents }) => parents.slice(0, 1)),
  ];
  return versions.flatMap((each) => {
    const hash12 = each.replace(/^sha256-/, "").slice(0, 12);
    return generations.findLast((one) => one.hash12 === hash12)?.generation ?? [];
  });
}
