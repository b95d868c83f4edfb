import { canonicalJson, messageOf, streamTrace, validatorFor } from "@harnessx/core";
import { critiquesSchema, type Critique } from "../critique/index.ts";
import { checkEvidence, type Claim, type Digest } from "../digest/index.ts";
import type { Candidate } from "../evolve/index.ts";
import { progressAdvice } from "../evolve/templates/progress-advice.ts";
import type { Direction } from "../plan/index.ts";
import type { RolloutRecord } from "../rollout/index.ts";
import { document, listOf, number, record, text } from "../schema.ts";
import { deterministicStages, type ProposeInput, type Stages } from "../stages/index.ts";
import { contractText } from "./contract-text.ts";
import { instructions } from "./instructions.ts";
import { readCandidates } from "./proposal.ts";
import { workOn, type MetaOptions, type MetaReading } from "./work.ts";

const MAX_CLAIMS = 12;
const MAX_DIRECTIONS = 8;
/** Excerpts of runs that a model gets to read, and characters of one. */
const EXCERPTS = 12;
const EXCERPT_CHARS = 8_000;

/**
 * The stages done by a model in the role `meta`, each as a run on our own runtime with a write
 * scope, a leak check and a budget. What a program knows better stays with the program: the
 * figures of the digest, the mandatory direction of the plan, the objections of the critic, which a
 * model may add to and never clear. Stages reject with HX_AEGIS_STAGE_FAILED when the model hands in
 * nothing that fits.
 */
export function createMetaStages(options: MetaOptions): Stages {
  return {
    by: "model",
    async digest(input) {
      const digest = await deterministicStages.digest(input);
      const claims = await workOn<readonly Claim[]>(
        {
          stage: "digest",
          instructions: instructions.digest,
          files: { "digest.json": pretty(digest), ...(await excerpts(input.records)) },
          read: (written) => readClaims(written, input.records),
        },
        options,
      );
      return { ...digest, claims };
    },

    async plan(input) {
      const landscape = await deterministicStages.plan(input);
      const chosen = await workOn<readonly Chosen[]>(
        {
          stage: "plan",
          instructions: instructions.plan,
          files: {
            "digest.json": pretty(input.digest),
            "landscape.json": pretty(landscape),
            "history.json": pretty(input.history),
          },
          read: async (written) => parse(written, "out/directions.json", directionsSchema),
        },
        options,
      );
      const directions = chosen.flatMap(({ dimension, pathology, expectedGain }): Direction[] => {
        const known = landscape.directions.find(
          (one) => one.dimension === dimension && one.pathology === pathology,
        );
        return known
          ? [{ ...known, expectedGain: Math.min(expectedGain, known.expectedGain) }]
          : [];
      });
      const mandatory = landscape.directions.filter((one) => one.mandatory);
      const rest = directions.filter((one) => !one.mandatory);
      return { ...landscape, directions: [...mandatory, ...rest] };
    },

    propose: (input) =>
      workOn<readonly Candidate[]>(
        {
          stage: "propose",
          instructions: instructions.propose,
          files: {
            "digest.json": pretty(input.digest),
            "landscape.json": pretty(input.landscape),
            ...authorFiles(input),
          },
          read: async (written) => readCandidates(written, input.context, input.limit),
        },
        options,
      ),

    async critique(input) {
      const ours = await deterministicStages.critique(input);
      const theirs = await workOn<readonly Critique[]>(
        {
          stage: "critique",
          instructions: instructions.critique,
          files: {
            "digest.json": pretty(input.digest),
            "manifest.json": pretty(input.context.manifest),
            ...Object.fromEntries(input.candidates.flatMap(candidateFiles("candidates/"))),
          },
          read: async (written) => parse(written, "out/critiques.json", critiquesSchema),
        },
        options,
      );
      return ours.map((critique) => joined(critique, theirs));
    },

    async revise(candidate, findings, input) {
      const made = await workOn<readonly Candidate[]>(
        {
          stage: "revise",
          instructions: instructions.revise,
          files: {
            "findings.json": pretty(findings),
            "candidate.json": pretty({ ...candidate, packages: undefined }),
            ...packageFiles("package/", candidate),
            ...authorFiles(input),
          },
          read: async (written) => readCandidates(written, input.context, 1),
        },
        options,
      );
      return made[0];
    },
  };
}

/** A rejection by either binds; a model's silence rejects. */
function joined(ours: Critique, theirs: readonly Critique[]): Critique {
  const own = theirs.find(({ candidate }) => candidate === ours.candidate);
  if (!own) return { ...ours, decision: "reject", findings: [...ours.findings, "no critique"] };
  const findings = [...ours.findings, ...own.findings];
  return { ...ours, findings, decision: ours.decision === "reject" ? "reject" : own.decision };
}

type Chosen = Pick<Direction, "dimension" | "pathology" | "expectedGain"> & {
  readonly reason: string;
};

const directionsSchema = document("Chosen directions", {
  ...listOf(record({ dimension: text, pathology: text, expectedGain: number, reason: text })),
  minItems: 1,
  maxItems: MAX_DIRECTIONS,
});

const claimsSchema = document("Claims", {
  ...listOf(
    record({
      claim: text,
      evidence: {
        ...listOf(record({ trace: text, seq: { type: "integer", minimum: 0 }, quote: text })),
        minItems: 1,
      },
    }),
  ),
  maxItems: MAX_CLAIMS,
});

/** Claims of which every quotation stands where it is said to. */
async function readClaims(
  written: ReadonlyMap<string, string>,
  records: readonly RolloutRecord[],
): Promise<MetaReading<readonly Claim[]>> {
  const reading = parse<readonly Claim[]>(written, "out/claims.json", claimsSchema);
  if (!reading.ok) return reading;
  const files = new Map(records.map(({ id, trace }) => [id.slice(0, 32), trace]));
  const problems: string[] = [];
  for (const { claim, evidence } of reading.value) {
    const lost = evidence.find(({ trace }) => files.get(trace) === undefined);
    if (lost) {
      problems.push(`"${claim}": there is no trace ${lost.trace}`);
      continue;
    }
    await checkEvidence(evidence, (trace) => streamTrace(files.get(trace)!)).catch(
      (thrown: unknown) => problems.push(messageOf(thrown)),
    );
  }
  return problems.length === 0 ? reading : { ok: false, problems };
}

function parse<Value>(
  written: ReadonlyMap<string, string>,
  path: string,
  schema: object,
): MetaReading<Value> {
  const source = written.get(path);
  if (source === undefined) return { ok: false, problems: [`${path} is missing`] };
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (thrown) {
    return { ok: false, problems: [`${path} is not JSON: ${messageOf(thrown)}`] };
  }
  const problem = validatorFor(schema)(value);
  return problem
    ? { ok: false, problems: [`${path}: ${problem}`] }
    : { ok: true, value: value as Value };
}

/** Runs as lines that name trace, event and text: failing ones first, and some that passed. */
async function excerpts(records: readonly RolloutRecord[]): Promise<Record<string, string>> {
  const withTrace = records.filter(({ trace }) => trace !== undefined);
  const failing = withTrace.filter(({ passed }) => !passed).slice(0, (EXCERPTS * 2) / 3);
  const passing = withTrace.filter(({ passed }) => passed).slice(0, EXCERPTS - failing.length);
  const files: Record<string, string> = {};
  for (const one of [...failing, ...passing]) {
    const lines: string[] = [];
    for await (const event of streamTrace(one.trace!)) {
      if (
        !["run.start", "model.response", "tool.call", "tool.result", "run.end"].includes(event.type)
      )
        continue;
      lines.push(canonicalJson(JSON.parse(JSON.stringify(event))).slice(0, 600));
    }
    const outcome = one.passed ? "passed" : "failed";
    files[`runs/${outcome}-${one.id.slice(0, 32)}.jsonl`] = lines
      .join("\n")
      .slice(0, EXCERPT_CHARS);
  }
  return files;
}

/** What somebody who writes a package needs to see. */
function authorFiles({ context }: ProposeInput): Record<string, string> {
  const example = progressAdvice(
    { tolerated: 2, beyond: { failing: 0.6, passing: 0.1 }, tools: ["look"], evidence: [] },
    [],
    "0.1.0",
  );
  return {
    "manifest.json": pretty(context.manifest),
    "contract.d.ts": contractText(),
    ...Object.fromEntries(
      Object.entries(example.files).map(([path, source]) => [`example/${path}`, source]),
    ),
  };
}

const candidateFiles =
  (prefix: string) =>
  (candidate: Candidate): [string, string][] => [
    [`${prefix}${candidate.id}.json`, pretty({ ...candidate, packages: undefined })],
    ...Object.entries(packageFiles(`${prefix}${candidate.id}/`, candidate)),
  ];

function packageFiles(prefix: string, { packages }: Candidate): Record<string, string> {
  return Object.fromEntries(
    packages.flatMap(({ name, files }) =>
      Object.entries(files).map(([path, source]) => [`${prefix}${name}/${path}`, source]),
    ),
  );
}

const pretty = (value: Digest | object | readonly unknown[]): string =>
  JSON.stringify(value, null, 1);
