import { createHash } from "node:crypto";
import type { Environment, Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import type { Game } from "./game.ts";
import { loadGames } from "./game-file.ts";
import { dealFamilies } from "./generator/families.ts";
import { generateGames } from "./generator/generate.ts";
import { createReferee } from "./referee.ts";
import { nothingHappens } from "./replies.ts";
import { parseTask } from "./task-text.ts";
import { createTools, toolCallOf } from "./tools.ts";
import type { ToolMode } from "./tools.ts";
import { createWorld } from "./world.ts";

/** Changes with every change of the rules by which an episode is played or judged. */
const scoringVersion = 1;

/** Options of the suite; `options.schema.json` says the same to the manifest. */
export interface HouseholdOptions {
  /** Game files, relative to the manifest's folder; none means generated games. */
  readonly games?: readonly (string | { readonly path: string; readonly split?: TaskSplit })[];
  /** What to generate when `games` is empty. */
  readonly generate?: {
    readonly seed?: number;
    readonly train?: number;
    readonly validation?: number;
    readonly sealed?: number;
  };
  /** One tool for each command (default), or one tool `act` for all. */
  readonly tools?: ToolMode;
}

interface Entry {
  readonly task: SuiteTask;
  readonly game: Game;
}

/** Makes the suite; reads or generates all games once. */
export function createSuite(options: HouseholdOptions, root: string): Suite {
  const mode = options.tools ?? "commands";
  const { entries, data } =
    options.games !== undefined && options.games.length > 0
      ? fromFiles(options.games, root)
      : fromGenerator(options.generate ?? {});
  const byId = new Map(entries.map((entry) => [entry.task.id, entry]));
  const tasks = entries.map(({ task }) => task);
  return {
    name: "household",
    verifier: sha256(
      JSON.stringify([scoringVersion, tasks.map(({ id, split }) => `${id} ${split}`).toSorted()]),
    ),
    data,
    tasks: () => tasks,
    open(taskId) {
      const entry = byId.get(taskId);
      if (entry === undefined) throw new RangeError(`no task ${taskId}`);
      return openEnvironment(entry.game, mode);
    },
  };
}

function openEnvironment(game: Game, mode: ToolMode): Environment {
  const world = createWorld(game);
  const commands: string[] = [];
  let over = false;
  return {
    tools: createTools(mode, (command) => {
      // The episode ended with the goal: what follows in the same step must not undo it.
      if (over) return { status: "ok", content: nothingHappens, end: true };
      commands.push(command);
      const { observation, done } = world.step(command);
      over = done;
      return { status: "ok", content: observation, ...(done && { end: true }) };
    }),
    observation: world.intro(),
    oracle: game.walkthrough.map((command) => toolCallOf(mode, command)),
    score() {
      const passed = world.goalReached();
      const referee = createReferee(game);
      for (const command of commands) referee.play(command);
      const audit = referee.verdict();
      return {
        passed,
        score: passed ? 1 : 0,
        reason: `the goal ${passed ? "holds" : "does not hold"} after ${commands.length} commands`,
        ...(audit !== undefined && { audit }),
      };
    },
    close() {
      over = true;
    },
  };
}

function fromGenerator(options: NonNullable<HouseholdOptions["generate"]>): {
  entries: Entry[];
  data: string;
} {
  const { seed = 1, train = 120, validation = 120, sealed = 140 } = options;
  const sizes = [
    ["train", train],
    ["validation", validation],
    ["sealed", sealed],
  ] as const;
  const families = dealFamilies(seed, sizes);
  const entries = sizes.flatMap(([split, count]) =>
    generateGames({ seed, count, split, families: families.get(split) ?? [] }).map((game) =>
      entryOf(game, split),
    ),
  );
  const parts = sizes.map(([split, count]) => `${count} ${split}`).join(", ");
  return { entries: unique(entries).kept, data: `generated with seed ${seed}: ${parts}` };
}

function fromFiles(
  files: NonNullable<HouseholdOptions["games"]>,
  root: string,
): { entries: Entry[]; data: string } {
  const listed = files.map((file) => (typeof file === "string" ? { path: file } : file));
  const all = listed.flatMap(({ path, split = "train" }) =>
    loadGames(path, root).map((game) => entryOf(game, split)),
  );
  const { kept, leftOut } = unique(all);
  const names = listed.map(({ path, split = "train" }) => `${path} (${split})`).join(", ");
  const note =
    leftOut === 0
      ? ""
      : `; ${leftOut} games left out because an earlier file puts their family into another split`;
  return { entries: kept, data: `${names}: ${kept.length} games${note}` };
}

/**
 * Drops repeated games, and games whose family an earlier one has put into another split: a family
 * in two splits would let an agent train on what it is judged by.
 */
function unique(entries: readonly Entry[]): { kept: Entry[]; leftOut: number } {
  const splits = new Map<string, TaskSplit>();
  const ids = new Set<string>();
  let leftOut = 0;
  const kept = entries.filter(({ task }) => {
    const split = splits.get(task.family) ?? task.split;
    splits.set(task.family, split);
    if (split !== task.split) {
      leftOut += 1;
      return false;
    }
    const isNew = !ids.has(task.id);
    ids.add(task.id);
    return isNew;
  });
  return { kept, leftOut };
}

function entryOf(game: Game, split: TaskSplit): Entry {
  const task = {
    id: sha256(canonical(game)),
    text: game.task,
    family: familyOf(game),
    cluster: parseTask(game.task)?.type ?? "other",
    split,
  };
  return { task, game };
}

/** The folder of the game's file names task, object, target and room; the last two parts are the trial. */
const familyOf = (game: Game): string =>
  game.gamefile.split("/").at(-3) ?? `${game.task} ${game.scene}`;

/** What makes two games the same: neither where they were found nor the order of their parts. */
function canonical(game: Game): string {
  const sorted = <Item extends { readonly name: string }>(items: readonly Item[]): Item[] =>
    items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const list = (items: readonly string[] = []): string[] => items.toSorted();
  return JSON.stringify([
    game.taskType,
    game.task,
    game.agentLoc,
    sorted(game.receptacles).map(({ name, loc, flags }) => [name, loc, list(flags)]),
    sorted(game.objects).map((object) => [
      object.name,
      object.loc ?? null,
      list(object.in),
      list(object.inObject),
      list(object.flags),
    ]),
    Object.entries(game.canContain)
      .map(([type, types]) => [type, ...list(types)])
      .toSorted((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1)),
    game.goal,
  ]);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
