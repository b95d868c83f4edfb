import { join } from "node:path";
import type { LoadedHarness } from "@harnessx/core";
import { candidatesSchema, critiqueSchema, roundDir, writeArtefact } from "../artefacts.ts";
import type { Critique } from "../critique/index.ts";
import type { Digest } from "../digest/index.ts";
import { candidateSchema, type Candidate, type EvolveContext } from "../evolve/index.ts";
import { rolledBackOperators } from "../install/index.ts";
import { attemptsOf, proposedOf, type JournalEvent } from "../journal/index.ts";
import { landscapeSchema } from "../plan/index.ts";
import type { ProposeInput } from "../stages/index.ts";
import { stageResult } from "./artefacts.ts";
import { tell, type Session } from "./session.ts";
import type { EvolveOptions } from "./types.ts";

/** Candidates of a round, and those of them that the critic lets through. */
export interface Proposed {
  readonly all: readonly Candidate[];
  readonly accepted: readonly Candidate[];
}

interface CritiqueArtefact {
  readonly critiques: readonly Critique[];
  /** Candidates that took the place of some that were sent back. */
  readonly revised: readonly Candidate[];
}

/** Plans, proposes and criticises; every step leaves its artefact. */
export async function makeCandidates(
  session: Session,
  round: number,
  incumbent: LoadedHarness,
  digest: Digest,
): Promise<Proposed> {
  const { options, journal, stages } = session;
  const history = attemptsOf(journal.events);
  const context = contextOf(session, round, incumbent, journal.events);
  const landscape = await stageResult(
    session,
    round,
    "plan",
    "landscape.json",
    landscapeSchema,
    async () => stages.plan({ digest, context, history }),
  );
  const directions = landscape.directions.slice(0, 3);
  tell(
    session,
    round,
    "plan",
    directions.map(({ dimension, pathology }) => `${dimension} against ${pathology}`).join(", "),
  );
  const input: ProposeInput = {
    digest,
    landscape,
    context,
    history,
    limit: options.candidates ?? 6,
  };
  const proposed = await stageResult(
    session,
    round,
    "propose",
    "candidates.json",
    candidatesSchema,
    async () => stages.propose(input),
  );
  for (const candidate of proposed) await keep(session, round, candidate);
  tell(session, round, "evolve", proposed.map(({ operator }) => operator).join(", ") || "none");
  return criticise(session, round, input, proposed);
}

async function criticise(
  session: Session,
  round: number,
  input: ProposeInput,
  proposed: readonly Candidate[],
): Promise<Proposed> {
  const { stages } = session;
  const { critiques, revised } = await stageResult(
    session,
    round,
    "critique",
    "critique.json",
    critiqueSchema,
    async (): Promise<CritiqueArtefact> => {
      const first = await stages.critique({ ...input, candidates: proposed });
      const better: Candidate[] = [];
      for (const { candidate: id, decision, findings } of first) {
        const own = proposed.find((candidate) => candidate.id === id);
        if (decision !== "revise" || !own || !stages.revise) continue;
        const next = await stages.revise(own, findings, input);
        if (next && !proposed.some((candidate) => candidate.id === next.id)) better.push(next);
      }
      const second =
        better.length === 0 ? [] : await stages.critique({ ...input, candidates: better });
      return { critiques: [...first, ...second], revised: better };
    },
  );
  for (const candidate of revised) await keep(session, round, candidate);
  const all = [...proposed, ...revised];
  for (const { candidate, decision, findings } of critiques)
    session.journal.append({ t: "critique", round, candidate, decision, findings });
  // Nobody's silence is a consent: a candidate without a critique is not accepted.
  const accepted = all.filter(({ id }) =>
    critiques.some(({ candidate, decision }) => candidate === id && decision === "accept"),
  );
  const refused = all.filter((candidate) => !accepted.includes(candidate));
  for (const { id, operator } of refused) {
    const reason = critiques.find(({ candidate }) => candidate === id)?.findings[0];
    tell(session, round, "critique", `${operator}: ${reason ?? "no critique"}`);
  }
  return { all, accepted };
}

async function keep(
  { options, journal }: Session,
  round: number,
  candidate: Candidate,
): Promise<void> {
  const path = join(roundDir(options.dir, round), "candidates", `${candidate.id}.json`);
  await writeArtefact(path, candidate, candidateSchema);
  journal.append({ t: "proposed", round, candidate: proposedOf(candidate) });
}

/** What stages may know of the harness and its history. */
export function contextOf(
  { options }: { readonly options: Pick<EvolveOptions, "catalogue"> },
  round: number,
  incumbent: LoadedHarness,
  events: readonly JournalEvent[],
): EvolveContext {
  // What shipped or was refuted does not come back as it is; what was only screened out may, with new parameters.
  const exclude = attemptsOf(events)
    .filter(({ outcome }) => outcome === "certified" || outcome === "refuted")
    .map(({ operator }) => operator);
  return {
    round,
    parent: incumbent.hash,
    manifest: incumbent.manifest,
    options: Object.fromEntries(
      [...incumbent.processors, ...incumbent.toolGroups].map((one) => [one.id, one.options]),
    ),
    catalogue: options.catalogue ?? [],
    facts: Object.fromEntries(
      incumbent.processors.map(({ id, metadata: { dimension, group, hooks } }) => [
        id,
        {
          ...(dimension && { dimension }),
          ...(group !== undefined && { group }),
          ...(hooks && { hooks }),
        },
      ]),
    ),
    exclude: new Set([...exclude, ...rolledBackOperators(events)]),
  };
}
