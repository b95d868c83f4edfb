import { createHash } from "node:crypto";
import type { JsonObject, Score } from "@harnessx/core/plugin";
import type { GoldCall, RetailTask } from "./data/task.ts";
import { canonical, Database, type ChangedRecords } from "./database.ts";
import type { Records } from "./data/records.ts";
import { callTool } from "./tools/index.ts";

/** A hash of all that differs from the data: equal exactly when two final databases are. */
export const stateHash = (changes: ChangedRecords): string =>
  createHash("sha256").update(canonical(changes)).digest("hex");

/** The database after the calls of a solution; calls that fail count as they do in an episode. */
export function replay(records: Records, gold: readonly GoldCall[]): Database {
  const database = new Database(records);
  for (const { name, arguments: input } of gold) callTool(database, name, input);
  return database;
}

/** The strings that no message holds, compared as upstream: without case, and without commas in the message. */
export const unsaid = (
  outputs: readonly string[],
  messages: readonly string[],
): readonly string[] => {
  const plain = messages.map((message) => message.toLowerCase().replaceAll(",", ""));
  return outputs.filter((output) => !plain.some((one) => one.includes(output.toLowerCase())));
};

/**
 * Judges an episode: the final database equals that of the solution, and every required string was
 * said. `reference` are the records that another implementation of the tools changed.
 */
export function judge(
  { outputs }: RetailTask,
  goldHash: string,
  database: Database,
  messages: readonly string[],
  reference: JsonObject | undefined,
): Score {
  const changes = database.changes();
  const sameState = stateHash(changes) === goldHash;
  const missing = unsaid(outputs, messages);
  const passed = sameState && missing.length === 0;
  return {
    passed,
    score: Number(passed),
    reason: [
      sameState ? "the database is as it should be" : "the database is not as it should be",
      ...(missing.length === 0 ? [] : [`not said: ${missing.join("; ")}`]),
    ].join("; "),
    ...(reference && { audit: audit(changes, reference, outputs, messages) }),
  };
}

/** Against records that the tools of this package had no part in. */
function audit(
  changes: ChangedRecords,
  reference: JsonObject,
  outputs: readonly string[],
  messages: readonly string[],
): boolean {
  const said = messages.join("\n").replaceAll(",", "").toLowerCase();
  return (
    canonical(changes) === canonical(reference) &&
    outputs.every((output) => said.includes(output.toLowerCase()))
  );
}
