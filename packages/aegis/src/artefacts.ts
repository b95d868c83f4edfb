import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "@harnessx/core";
import { candidateSchema } from "./evolve/index.ts";
import { critiquesSchema } from "./critique/index.ts";
import { aegisError } from "./errors.ts";
import { checkArtefact, document, listOf, record } from "./schema.ts";

/** The folder of a round's artefacts. */
export const roundDir = (dir: string, round: number): string =>
  join(dir, ".harnessx/evolution", String(round));

/** JSON Schema of the candidates of a round. */
export const candidatesSchema = document("Candidates", listOf(candidateSchema));

/** JSON Schema of what the critic made of them. */
export const critiqueSchema = document(
  "Critique",
  record({ critiques: critiquesSchema, revised: candidatesSchema }),
);

/** Writes one artefact, checked against its schema; whoever reads it finds all of it or nothing. */
export async function writeArtefact(path: string, value: unknown, schema?: object): Promise<void> {
  const text = JSON.stringify(value, null, 2);
  if (schema) checkArtefact(path, schema, JSON.parse(text));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, `${text}\n`);
  await rename(`${path}.tmp`, path);
}

/** Reads an artefact that a person may have edited. Throws HX_AEGIS_ARTEFACT_INVALID. */
export async function readArtefact<Value>(path: string, schema: object): Promise<Value> {
  let value: Value;
  try {
    value = JSON.parse(await readFile(path, "utf8")) as Value;
  } catch (thrown) {
    const problem = messageOf(thrown);
    throw aegisError("HX_AEGIS_ARTEFACT_INVALID", { artefact: path, problem }, thrown);
  }
  return checkArtefact(path, schema, value);
}
