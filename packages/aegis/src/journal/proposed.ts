import { packageDigest, type Candidate } from "../evolve/index.ts";
import type { ProposedCandidate } from "./entries.ts";

/** A candidate as the journal keeps it. */
export const proposedOf = (candidate: Candidate): ProposedCandidate => ({
  ...candidate,
  packages: candidate.packages.map(({ name, version, files }) => ({
    name,
    version,
    digest: packageDigest(files),
  })),
});
