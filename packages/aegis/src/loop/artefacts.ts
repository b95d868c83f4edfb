import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, HarnessXError, sha256Hex } from "@harnessx/core";
import { roundDir, writeArtefact } from "../artefacts.ts";
import type { JournalEntry } from "../journal/index.ts";
import { checkArtefact } from "../schema.ts";
import { type Session } from "./session.ts";

type StageName = Extract<JournalEntry, { t: "stage" }>["stage"];

/**
 * The result of a stage: made, checked against its schema, written, and recorded by its hash. When a
 * run is driven again, what lies on disk under the recorded hash is taken instead of made again: a
 * model's work is not paid for twice.
 */
export async function stageResult<Value>(
  session: Session,
  round: number,
  stage: StageName,
  file: string,
  schema: object,
  make: () => Promise<Value>,
): Promise<Value> {
  const { journal, options, stages } = session;
  const path = join(roundDir(options.dir, round), file);
  const { recorded } = journal;
  if (recorded?.t === "stage" && recorded.stage === stage && recorded.round === round) {
    const known = await readFile(path, "utf8").then(
      (text) => JSON.parse(text) as Value,
      () => undefined,
    );
    if (known !== undefined && digestOf(known) === recorded.digest) {
      const { round: _round, by, digest } = recorded;
      journal.append({ t: "stage", round, stage, by, digest });
      return checkArtefact(path, schema, known);
    }
  }
  if (recorded?.t === "failed" && recorded.stage === stage && recorded.round === round)
    throw failure(journal, round, stage, recorded.problem);
  let made: Value;
  try {
    made = await make();
  } catch (thrown) {
    if (!HarnessXError.isInstance(thrown) || !HARMLESS.has(thrown.code)) throw thrown;
    throw failure(journal, round, stage, thrown.message);
  }
  // Through JSON once: what later stages see is what a reader of the file sees.
  const value = JSON.parse(JSON.stringify(made)) as Value;
  await writeArtefact(path, value, schema);
  journal.append({ t: "stage", round, stage, by: stages.by, digest: digestOf(value) });
  return value;
}

/** What a model may do wrong: it costs the round and nothing else. */
const HARMLESS = new Set(["HX_AEGIS_STAGE_FAILED", "HX_AEGIS_EVIDENCE_MISSING"]);

/** The round ends here, with nothing changed. */
export class StageFailure extends Error {}

function failure(
  journal: Session["journal"],
  round: number,
  stage: StageName,
  problem: string,
): StageFailure {
  journal.append({ t: "failed", round, stage, problem });
  return new StageFailure(problem);
}

const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));
