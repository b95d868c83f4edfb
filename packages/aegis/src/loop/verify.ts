import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { apply, diff, findPackage, inspectPlugin } from "@harnessx/core";
import type { LoadedHarness } from "@harnessx/core";
import type { PluginMetadata } from "@harnessx/core/plugin";
import { readArtefact, roundDir, writeArtefact } from "../artefacts.ts";
import {
  packageDigest,
  STORE,
  storeName,
  usePath,
  type Candidate,
  type GeneratedPackage,
} from "../evolve/index.ts";
import {
  allowing,
  beyondPolicy,
  candidateGrowth,
  grantsOf,
  requestApproval,
  storePackages,
  ungranted,
} from "../install/index.ts";
import type { JournalEvent } from "../journal/index.ts";
import {
  checkChangeManifest,
  leakFindings,
  toolchain,
  verificationSchema,
  verifyPackage,
  type AllowedCapabilities,
  type VerificationReport,
} from "../verify/index.ts";
import { tell, type Session } from "./session.ts";

/** A candidate that may be measured, with the reports on its packages. */
export interface VerifiedCandidate {
  readonly candidate: Candidate;
  readonly reports: readonly VerificationReport[];
}

/** Out of time says nothing about a package: it is looked at again, but not for ever. */
const ATTEMPTS = 3;

/** Verifies candidates and their packages; packages that pass lie in the store. */
export async function verifyAll(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
  candidates: readonly Candidate[],
  traces: readonly string[],
): Promise<VerifiedCandidate[]> {
  const { journal } = session;
  const valid: VerifiedCandidate[] = [];
  for (const candidate of candidates) {
    const reports: VerificationReport[] = [];
    // A run that is driven again has this verdict already, where the report still lies there.
    const known = journal.recorded?.t === "verified" && journal.recorded.candidate === candidate.id;
    const findings = await claimFindings(session, incumbent, candidate);
    const { allow, waiting } = await allowed(session, incumbent, candidate);
    findings.push(...waiting);
    if (findings.length === 0)
      for (const generated of candidate.packages) {
        const report =
          (known ? await knownReport(session, round, generated) : undefined) ??
          (await verify(session, round, generated, allow, traces));
        reports.push(report);
        for (const check of report.checks)
          findings.push(...check.findings.map((finding) => `${check.check}: ${finding}`));
        if (!report.ok && findings.length === 0) findings.push("no verdict in time");
      }
    const ok = findings.length === 0;
    journal.append({ t: "verified", candidate: candidate.id, ok, findings });
    tell(session, round, "verify", `${candidate.operator}: ${findings[0] ?? "passed"}`);
    if (ok) valid.push({ candidate, reports });
  }
  return valid;
}

async function verify(
  { options, journal, heldOut }: Session,
  round: number,
  generated: GeneratedPackage,
  allow: AllowedCapabilities,
  traces: readonly string[],
): Promise<VerificationReport> {
  const { dir, seed } = options;
  const refuted = refutedDigests(journal.events);
  let report: VerificationReport;
  let attempt = 0;
  do {
    ({ report } = await verifyPackage(generated, { dir, seed, traces, allow, heldOut, refuted }));
    attempt += 1;
  } while (report.retry && attempt < ATTEMPTS);
  await writeArtefact(reportPath(dir, round, generated), report, verificationSchema);
  return report;
}

const reportPath = (dir: string, round: number, { name }: GeneratedPackage): string =>
  join(roundDir(dir, round), "verification", `${name}.json`);

/** The report of an earlier verification of the very same package, by the very same rules. */
async function knownReport(
  { options }: Session,
  round: number,
  generated: GeneratedPackage,
): Promise<VerificationReport | undefined> {
  const { dir } = options;
  const path = reportPath(dir, round, generated);
  const report = await readArtefact<VerificationReport>(path, verificationSchema).catch(
    () => undefined,
  );
  if (!report?.ok || report.digest !== packageDigest(generated.files)) return undefined;
  if (report.toolchain !== toolchain()) return undefined;
  const stored = await access(join(dir, usePath(generated), "package.json")).then(
    () => true,
    () => false,
  );
  return stored ? report : undefined;
}

/** What a candidate says of itself and is not so, and what it must not know. */
async function claimFindings(
  { options, heldOut }: Session,
  incumbent: LoadedHarness,
  candidate: Candidate,
): Promise<string[]> {
  const applied = apply(candidate.edits, incumbent.manifest);
  if (!applied.ok)
    return applied.conflicts.map(({ path, problem }) => `manifest: ${path} ${problem}`);
  const metadata = await metadataOf(options.dir, incumbent, candidate);
  const mayRaise = candidate.edits.flatMap((edit) =>
    edit.op === "set" && edit.path[0] === "limits" && edit.path[1] ? [edit.path[1]] : [],
  );
  const claims = checkChangeManifest(candidate, diff(incumbent.manifest, applied.manifest), {
    metadataOf: (use) => metadata.get(use),
    // The critic has seen to it that a raised limit is declared and priced.
    mayRaise,
  });
  const { packages: _packages, ...said } = candidate;
  return [
    ...claims.map((claim) => `manifest: ${claim}`),
    ...leakFindings(heldOut, {
      candidate: JSON.stringify({ ...said, manifest: withoutTasks(said) }),
    }),
  ];
}

/** Predictions name train tasks by their ids, which is what they are for. */
const withoutTasks = ({ manifest }: Pick<Candidate, "manifest">): object => ({
  ...manifest,
  predict: {},
  evidence: [],
});

/** Metadata of the packages that a candidate names and does not bring. */
async function metadataOf(
  dir: string,
  { processors, toolGroups }: LoadedHarness,
  { edits }: Candidate,
): Promise<ReadonlyMap<string, PluginMetadata>> {
  const known = new Map<string, PluginMetadata>();
  for (const { id, use, metadata } of [...processors, ...toolGroups]) {
    known.set(id, metadata);
    known.set(use, metadata);
  }
  for (const edit of edits) {
    const entry = edit.op === "insert" ? edit.entry : edit.op === "replace" ? edit.to : undefined;
    if (!entry || !("use" in entry) || known.has(entry.use)) continue;
    const found = await findPackage(entry.use, dir).catch(() => undefined);
    const plugin = found && (await inspectPlugin(found.dir).catch(() => undefined));
    if (plugin) known.set(entry.use, plugin.metadata);
  }
  return known;
}

/** What a candidate may reach: by policy, or because a person granted it. What it waits for is asked for. */
async function allowed(
  { options }: Session,
  incumbent: LoadedHarness,
  candidate: Candidate,
): Promise<{ readonly allow: AllowedCapabilities; readonly waiting: readonly string[] }> {
  const { dir, allow = {}, keys } = options;
  const growth = beyondPolicy(candidateGrowth(candidate, grantsOf(incumbent)), allow);
  const missing = await ungranted(dir, candidate.id, growth, keys);
  if (missing.length === 0) return { allow: allowing(allow, growth), waiting: [] };
  const { id, manifest } = candidate;
  await requestApproval(dir, { candidate: id, growth: missing, why: manifest.mechanism });
  const names = missing.map(({ capability }) => capability).join(", ");
  return {
    allow,
    waiting: [`approval: it asks for ${names}; a person can grant it: hx plugin approve ${id}`],
  };
}

/** Digests of packages of which the gate has refused a candidate that brought nothing else. */
function refutedDigests(events: readonly JournalEvent[]): string[] {
  const refused = new Set(
    events.flatMap((event) => {
      if (event.t !== "verdict" || event.verdict.decision !== "REJECT") return [];
      const begun = events.find((other) => other.t === "certify" && other.id === event.id);
      return begun?.t === "certify" && begun.candidates.length === 1 ? begun.candidates : [];
    }),
  );
  return events.flatMap((event) =>
    event.t === "proposed" && refused.has(event.candidate.id)
      ? event.candidate.packages.map(({ digest }) => digest)
      : [],
  );
}

/** Takes packages out of the store that these candidates put there and nothing uses. */
export async function removeUnused(
  { options, journal }: Session,
  candidates: readonly Candidate[],
  harnesses: readonly LoadedHarness[],
): Promise<void> {
  // Earlier generations can be gone back to: what they name stays, too.
  const kept = journal.events.flatMap((event) =>
    event.t === "install" ? event.intent.packages : [],
  );
  const used = new Set([...kept, ...harnesses.flatMap(({ manifest }) => storePackages(manifest))]);
  const store = join(options.dir, STORE);
  const there = new Set(await readdir(store).catch(() => []));
  for (const generated of candidates.flatMap(({ packages }) => packages)) {
    const name = storeName(generated);
    if (there.has(name) && !used.has(usePath(generated).slice(2)))
      await rm(join(store, name), { recursive: true, force: true });
  }
}
