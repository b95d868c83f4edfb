import { join } from "node:path";
import { candidatesSchema, critiqueSchema, readArtefact, roundDir } from "../artefacts.ts";
import type { Critique } from "../critique/index.ts";
import { digestSchema, type Digest } from "../digest/index.ts";
import type { Candidate } from "../evolve/index.ts";
import { landscapeSchema, type Landscape } from "../plan/index.ts";
import type { Stages } from "./types.ts";

/**
 * Stages that take what lies on disk from an earlier round, which a person may have edited. With
 * `ids` (or beginnings of ids), only these candidates are taken. Reading throws HX_AEGIS_ARTEFACT_INVALID.
 */
export function artefactStages(dir: string, round: number, ids?: readonly string[]): Stages {
  const folder = roundDir(dir, round);
  const wanted = (id: string): boolean =>
    ids === undefined || ids.some((start) => id.startsWith(start));
  return {
    by: "human",
    digest: () => readArtefact<Digest>(join(folder, "digest.json"), digestSchema),
    plan: () => readArtefact<Landscape>(join(folder, "landscape.json"), landscapeSchema),
    async propose({ context }) {
      const path = join(folder, "candidates.json");
      const candidates = await readArtefact<readonly Candidate[]>(path, candidatesSchema);
      // They were made for an earlier harness; whether their edits still fit is found out when they are applied.
      return candidates
        .filter(({ id }) => wanted(id))
        .map((candidate) => ({ ...candidate, parent: context.parent }));
    },
    async critique({ candidates }) {
      const path = join(folder, "critique.json");
      const { critiques } = await readArtefact<{ readonly critiques: readonly Critique[] }>(
        path,
        critiqueSchema,
      );
      const ours = new Set(candidates.map(({ id }) => id));
      return critiques.filter(({ candidate }) => ours.has(candidate));
    },
  };
}
