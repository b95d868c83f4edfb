import { apply, canonicalJson, invert, sha256Hex, validatorFor } from "@harnessx/core";
import type { ManifestEdit } from "@harnessx/core";
import {
  candidateSchema,
  packageDigest,
  usePath,
  type Candidate,
  type ChangeManifest,
  type EvolveContext,
  type GeneratedPackage,
} from "../evolve/index.ts";
import type { MetaReading } from "./work.ts";

/** What a model writes as `out/<name>/candidate.json`; the rest of a candidate is computed. */
interface Draft {
  readonly edits?: readonly ManifestEdit[];
  /** Folders below `out/<name>/` that hold a package. */
  readonly packages?: readonly string[];
  readonly manifest?: Omit<ChangeManifest, "rollback">;
}

/** How a draft names a package of its own in an edit. */
const PLACEHOLDER = "generated:";

/** Candidates from what a model wrote; nothing of it is believed that can be computed. */
export function readCandidates(
  written: ReadonlyMap<string, string>,
  context: EvolveContext,
  limit: number,
): MetaReading<Candidate[]> {
  const names = new Set(
    [...written.keys()].flatMap((path) => /^out\/([^/]+)\/candidate\.json$/.exec(path)?.[1] ?? []),
  );
  const problems: string[] = [];
  const candidates: Candidate[] = [];
  for (const name of [...names].toSorted()) {
    const made = readCandidate(name, written, context);
    if (made.ok) candidates.push(made.value);
    else problems.push(...made.problems.map((problem) => `${name}: ${problem}`));
  }
  if (names.size > limit) problems.push(`there are ${names.size} candidates, more than ${limit}`);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: candidates };
}

function readCandidate(
  name: string,
  written: ReadonlyMap<string, string>,
  context: EvolveContext,
): MetaReading<Candidate> {
  const fail = (...problems: string[]): MetaReading<Candidate> => ({ ok: false, problems });
  let draft: Draft;
  try {
    draft = JSON.parse(written.get(`out/${name}/candidate.json`)!) as Draft;
  } catch {
    return fail("candidate.json is not JSON");
  }
  const packages: GeneratedPackage[] = [];
  for (const folder of Array.isArray(draft.packages) ? draft.packages : []) {
    const made = readPackage(`out/${name}/${String(folder)}/`, written);
    if (!made)
      return fail(`the package ${String(folder)} has no package.json with name and version`);
    packages.push(made);
  }
  const own = new Map(packages.map((one) => [`${PLACEHOLDER}${one.name}`, usePath(one)]));
  let text = JSON.stringify(draft.edits ?? []);
  for (const [placeholder, use] of own)
    text = text.replaceAll(JSON.stringify(placeholder), JSON.stringify(use));
  const edits = JSON.parse(text) as ManifestEdit[];
  const applied = apply(edits, context.manifest);
  if (!applied.ok)
    return fail(...applied.conflicts.map(({ path, problem }) => `${path}: ${problem}`));
  const content = {
    edits,
    packages: packages.map((one) => [one.name, one.version, packageDigest(one.files)]),
  };
  const candidate = {
    v: 1 as const,
    id: sha256Hex(canonicalJson(JSON.parse(JSON.stringify(content)))).slice(0, 16),
    parent: context.parent,
    operator: `model:${name}`,
    scope: "all" as const,
    edits,
    packages,
    manifest: {
      ...draft.manifest,
      rollback: {
        to: context.parent,
        sideEffects: "none" as const,
        undo: invert(edits).map((edit) => canonicalJson(edit)),
      },
    },
  };
  const problem = validatorFor(candidateSchema)(candidate);
  return problem ? fail(problem) : { ok: true, value: candidate as Candidate };
}

function readPackage(
  prefix: string,
  written: ReadonlyMap<string, string>,
): GeneratedPackage | undefined {
  const files = Object.fromEntries(
    [...written]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, text]) => [path.slice(prefix.length), text]),
  );
  try {
    const { name, version } = JSON.parse(files["package.json"]!) as Record<string, unknown>;
    return typeof name === "string" && typeof version === "string"
      ? { name, version, files }
      : undefined;
  } catch {
    return undefined;
  }
}
