import { evidenceOf } from "../digest/index.ts";
import type { Candidate } from "../evolve/index.ts";
import type { JournalEvent, ProposedCandidate } from "../journal/index.ts";
import { ofRound, tracesOf, type ArtefactReader, type RoundArtefacts } from "./artefacts.ts";
import { diffOf } from "./edits.ts";
import type { Lineage } from "./lineage.ts";
import type {
  CandidateOutcome,
  CandidateRecord,
  EvidenceRecord,
  FileRecord,
  PackageRecord,
  VerdictRecord,
} from "./types.ts";

/** More of one file is in the artefact. */
const LONGEST_FILE = 64 * 1024;
/** More references of one candidate are not listed. */
const MOST_EVIDENCE = 40;

/** The candidates of one round and what became of each. */
export async function candidatesOf(
  events: readonly JournalEvent[],
  round: number,
  artefacts: RoundArtefacts,
  reader: ArtefactReader,
  verdicts: readonly VerdictRecord[],
  { results }: Lineage,
): Promise<CandidateRecord[]> {
  const own = ofRound(events, round);
  const begun = own[0];
  const variant = begun?.t === "round" ? begun.variant : "";
  const cite = await citations(artefacts, reader);
  const proposals = new Map<string, ProposedCandidate>();
  for (const event of own)
    if (event.t === "proposed") proposals.set(event.candidate.id, event.candidate);
  return [...proposals.values()].map((proposed): CandidateRecord => {
    const { id, parent, operator, scope, manifest } = proposed;
    const key = `${round}-${id}`;
    const about = own.filter((event) => "candidate" in event && event.candidate === id);
    const verified = about.find((event) => event.t === "verified");
    const screened = about.find((event) => event.t === "screened");
    const judged = verdicts.filter(({ candidates }) => candidates.includes(key));
    const { predict, signature } = manifest;
    return {
      key,
      id,
      round,
      parent,
      variant,
      operator,
      scope,
      dims: manifest.dims,
      bucket: manifest.bucket,
      intent: manifest.intent,
      pathology: manifest.pathology,
      mechanism: manifest.mechanism,
      predict: {
        unlock: predict.unlock.length,
        stabilise: predict.stabilise.length,
        atRisk: predict.atRisk.length,
        delta: predict.delta,
        costRatio: predict.costRatio,
      },
      signature: {
        component: signature.component,
        minShareOfFlips: signature.minShareOfFlips,
      },
      evidence: manifest.evidence.slice(0, MOST_EVIDENCE).map(cite),
      diff: diffOf(proposed.edits),
      packages: packagesOf(proposed, artefacts),
      critiques: about.flatMap((event) =>
        event.t === "critique" ? [{ decision: event.decision, findings: event.findings }] : [],
      ),
      ...(verified?.t === "verified"
        ? { verified: { ok: verified.ok, findings: verified.findings } }
        : {}),
      ...(screened?.t === "screened"
        ? {
            screened: {
              taken: screened.taken,
              mean: screened.mean,
              better: screened.better,
            },
          }
        : {}),
      verdicts: judged.map((verdict) => verdict.id),
      outcome: judged.some((one) => results.get(one.id)?.state === "rolled_back")
        ? "rolled_back"
        : outcomeOf(about, judged),
    };
  });
}

const ended = {
  APPLY: "certified",
  FORK: "forked",
  REJECT: "refuted",
  INCONCLUSIVE: "inconclusive",
  PENDING: "pending",
} as const;

function outcomeOf(
  about: readonly JournalEvent[],
  judged: readonly VerdictRecord[],
): CandidateOutcome {
  const last = judged.at(-1);
  if (last) return ended[last.decision];
  const critique = about.findLast((event) => event.t === "critique");
  if (critique?.t === "critique" && critique.decision !== "accept") return "criticised";
  if (about.some((event) => event.t === "verified" && !event.ok)) return "invalid";
  if (about.some((event) => event.t === "screened" && !event.taken)) return "screened_out";
  return "pending";
}

/** Looks references up in the digest, and the trace files on disk. */
async function citations(
  artefacts: RoundArtefacts,
  reader: ArtefactReader,
): Promise<(ref: string) => EvidenceRecord> {
  const quotes = new Map<string, string>();
  for (const { trace, seq, quote } of artefacts.digest ? evidenceOf(artefacts.digest) : [])
    if (!quotes.has(`${trace}#${seq}`)) quotes.set(`${trace}#${seq}`, quote);
  const there = new Map<string, string>();
  for (const [id, path] of tracesOf(artefacts)) if (await reader.has(path)) there.set(id, path);
  return (ref) => {
    const cut = ref.lastIndexOf("#");
    const trace = cut === -1 ? ref : ref.slice(0, cut);
    const seq = Number(ref.slice(cut + 1));
    const quote = quotes.get(ref);
    const path = there.get(trace);
    return {
      ref,
      trace,
      seq: cut !== -1 && Number.isSafeInteger(seq) && seq >= 0 ? seq : 0,
      ...(quote === undefined ? {} : { quote }),
      ...(path === undefined ? {} : { path }),
    };
  };
}

function packagesOf(
  { id, packages }: ProposedCandidate,
  { candidates, verification }: RoundArtefacts,
): PackageRecord[] {
  const whole: Candidate["packages"] = candidates.get(id)?.packages ?? [];
  return packages.map(({ name, version }) => ({
    name,
    version,
    files: Object.entries(whole.find((one) => one.name === name)?.files ?? {})
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, text]): FileRecord => {
        const cut = text.length > LONGEST_FILE;
        return {
          path,
          bytes: Buffer.byteLength(text),
          text: cut ? text.slice(0, LONGEST_FILE) : text,
          cut,
        };
      }),
    checks: verification.get(name)?.checks ?? [],
  }));
}
