import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@harnessx/core/plugin";
import { tauRetailError } from "../errors.ts";
import { list, object, Problem } from "./check.ts";
import { readRecords } from "./read-records.ts";
import { readTasks } from "./read-tasks.ts";
import { readToolTexts } from "./read-tool-texts.ts";
import type { RetailData } from "./task.ts";

/**
 * Reads `db.json`, `policy.md` and the tasks of a folder, and what else it holds: tool descriptions
 * and recorded final records.
 *
 * Throws HX_SUITE_RETAIL_DATA_MISSING for a file that cannot be read and
 * HX_SUITE_RETAIL_DATA_INVALID for one that is not what it should be.
 */
export function loadData(folder: string, tasksFile = "tasks.train.json"): RetailData {
  const read = <Value>(name: string, parse: (value: unknown) => Value): Value => {
    const file = join(folder, name);
    return checked(file, () => parse(json(readText(file))));
  };
  const replay = join("reference", tasksFile.replace(/^tasks/, "gold-replay"));
  const texts = "tools.schema.json";
  const isThere = (name: string): boolean => existsSync(join(folder, name));
  return {
    records: read("db.json", readRecords),
    policy: readText(join(folder, "policy.md")),
    tasks: read(tasksFile, readTasks),
    toolTexts: isThere(texts) ? read(texts, readToolTexts) : new Map(),
    ...(isThere(replay) ? { reference: read(replay, readReference) } : {}),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code = "unreadable" } = cause as { readonly code?: string };
    throw tauRetailError("HX_SUITE_RETAIL_DATA_MISSING", { file, problem: code }, cause);
  }
}

function checked<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { message: problem } = error;
    throw tauRetailError("HX_SUITE_RETAIL_DATA_INVALID", { file, problem }, error);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("it is not JSON");
  }
}

function readReference(value: unknown): ReadonlyMap<string, JsonObject> {
  const tasks = list(object(value, "the file")["tasks"], "tasks").map((task) => {
    const { task_id: id, changed_records: changed } = object(task, "a task");
    return [String(id), object(changed, `changed_records of ${String(id)}`) as JsonObject] as const;
  });
  return new Map(tasks);
}
