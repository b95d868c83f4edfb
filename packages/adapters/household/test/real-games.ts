import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { loadGames } from "../src/index.ts";
import type { Game } from "../src/index.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where upstream's games are, on machines that have them. */
const folder = join(process.env["HARNESSX_DATA"] ?? join(root, "../shared/data"), "alfworld");

export const hasRealGames = existsSync(join(folder, "games"));

/** Ends up in the titles of skipped tests. */
export const why = hasRealGames ? "" : " (skipped: no ALFWorld games; set HARNESSX_DATA)";

const files = ["evolve_train", "evolve_val", "valid_train", "valid_seen"];

export const realFiles = files.map((name) => join(folder, "games", `${name}.jsonl`));

let cached: readonly Game[] | undefined;

export const realGames = (): readonly Game[] =>
  (cached ??= realFiles.flatMap((file) => loadGames(file)));

export interface RawSample {
  readonly gamefile: string;
  readonly pddl_problem: string;
}

export const rawSamples = (): RawSample[] =>
  ["look_at_obj_in_light", "pick_and_place_simple", "pick_heat_then_place_in_recep"].map(
    (name) =>
      JSON.parse(readFileSync(join(folder, "raw-samples", `${name}.json`), "utf8")) as RawSample,
  );
