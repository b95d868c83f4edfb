import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the data of InterCode-SQL are, on machines that have them. */
export const folder = join(
  process.env["HARNESSX_DATA"] ?? join(root, "../shared/data"),
  "intercode-sql",
);

export const hasData = existsSync(join(folder, "tasks.jsonl"));

/** Ends up in the titles of skipped tests. */
export const why = hasData ? "" : " (skipped: no InterCode-SQL data; set HARNESSX_DATA)";

export interface Episode {
  readonly task: string;
  readonly steps: readonly { readonly action: string }[];
}

export const recorded = (arm: string): Episode[] =>
  readFileSync(join(folder, "recorded", `${arm}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Episode);

/** By arm and task: the reward recorded upstream, and the reward of the reference re-execution. */
export const referenceOutcomes = (): Record<string, Record<string, [number, number]>> =>
  (
    JSON.parse(readFileSync(join(folder, "reference-outcomes.json"), "utf8")) as {
      arms: Record<string, Record<string, [number, number]>>;
    }
  ).arms;

/** The queries of an episode; ReAct wraps them and ends with a turn that is none. */
export const queriesOf = ({ steps }: Episode): string[] =>
  steps
    .map(({ action }) => action)
    .filter((action) => action !== "submit")
    .map((action) => action.replace(/^execute\[([\s\S]*?)\]?$/, (_, query: string) => query));
