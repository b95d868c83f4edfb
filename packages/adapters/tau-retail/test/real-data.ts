import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Json, JsonObject } from "@harnessx/core/plugin";
import { hasStandardData, standardFolder } from "../src/index.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the data of tau retail are, on machines that have them. */
export const folder = standardFolder(root);
export const hasData = hasStandardData(root);

/** Ends up in the titles of skipped tests. */
export const why = hasData ? "" : " (skipped: no data of tau retail; set HARNESSX_DATA)";

/** A call as upstream's tools were recorded: results longer than 1,500 characters only by their length. */
export interface RecordedCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly ok: boolean;
  readonly result?: Json;
  readonly resultChars?: number;
  readonly error?: string;
}

export interface RecordedTask {
  readonly task_id: string;
  readonly gold_actions: readonly RecordedCall[];
  readonly changed_records: JsonObject;
}

/** What upstream's Python tools did with the gold calls of each task. */
export const recordedTasks = (): readonly RecordedTask[] =>
  (
    JSON.parse(readFileSync(join(folder, "reference", "gold-replay.train.json"), "utf8")) as {
      tasks: readonly RecordedTask[];
    }
  ).tasks;
