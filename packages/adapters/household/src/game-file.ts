import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { compile } from "./compile.ts";
import { householdError } from "./errors.ts";
import { objectFlags, taskTypes } from "./game.ts";
import type { Game, GameObject, GameReceptacle } from "./game.ts";
import { taskPrefix } from "./task-text.ts";
import { isCommand } from "./tools.ts";

/** Most receptacles and most objects of a game; upstream's largest has 69. */
const most = 500;
const entityName = /^[a-z][a-z0-9]{0,40} [1-9]\d{0,5}$/;
const typeName = /^[a-z][a-z0-9]{0,40}$/;

/** Thrown by the checks below and turned into a coded error with file and line. */
class Problem extends Error {}

/**
 * Reads a JSON-Lines file of games; `path` is relative to `root`.
 *
 * Throws HX_SUITE_GAMES_MISSING when the file cannot be read, and HX_SUITE_GAME_INVALID with file
 * and line for the first line that is not a valid game. Empty lines are skipped.
 */
export function loadGames(path: string, root = "."): Game[] {
  let text: string;
  try {
    text = readFileSync(resolve(root, path), "utf8");
  } catch (cause) {
    const code = (cause as { readonly code?: unknown }).code;
    throw householdError(
      "HX_SUITE_GAMES_MISSING",
      { file: path, problem: code ?? "unreadable" },
      cause,
    );
  }
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((line, index) =>
      line.trim() === "" ? [] : [parseGame(line, { file: path, line: index + 1 })],
    );
}

/**
 * Reads one game from its JSON text.
 *
 * Nothing in the text is trusted: the result has only the known fields, each checked, and its goal
 * compiles. Throws HX_SUITE_GAME_INVALID with the given file and line.
 */
export function parseGame(
  text: string,
  at: { readonly file: string; readonly line: number },
): Game {
  try {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new Problem("not JSON");
    }
    const game = readGame(value);
    // Compiles the goal, so that its names are checked too.
    const { holds, initial } = compile(game);
    if (holds(initial)) throw new Problem("the goal holds before the first command");
    return game;
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof SyntaxError)) throw error;
    throw householdError("HX_SUITE_GAME_INVALID", { ...at, problem: error.message }, error);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function readGame(value: unknown): Game {
  const fields = record(value, "the line");
  const taskType = oneOf(fields["taskType"], taskTypes, "taskType");
  const task = string(fields["task"], "task");
  if (!task.startsWith(taskPrefix) || task.includes("\n")) {
    throw new Problem(`task must be one line that begins with "${taskPrefix.trim()}"`);
  }
  const receptacles = array(fields["receptacles"], "receptacles").map(readReceptacle);
  const objects = array(fields["objects"], "objects").map(readObject);
  checkNames(receptacles, objects);
  return {
    id: string(fields["id"], "id"),
    split: string(fields["split"], "split"),
    taskType,
    scene: index(fields["scene"], "scene"),
    task,
    agentLoc: index(fields["agentLoc"], "agentLoc"),
    receptacles,
    objects,
    canContain: readCanContain(fields["canContain"]),
    goal: string(fields["goal"], "goal", 20_000),
    walkthrough: array(fields["walkthrough"], "walkthrough").map(readCommand),
    gamefile: string(fields["gamefile"], "gamefile"),
  };
}

function readReceptacle(value: unknown, position: number): GameReceptacle {
  const fields = record(value, `receptacle ${position + 1}`);
  const { name, type } = readName(fields, `receptacle ${position + 1}`);
  const flags = flagsOf(fields, ["openable"] as const, name);
  return { name, type, loc: index(fields["loc"], `loc of "${name}"`), ...(flags && { flags }) };
}

function readObject(value: unknown, position: number): GameObject {
  const fields = record(value, `object ${position + 1}`);
  const { name, type } = readName(fields, `object ${position + 1}`);
  const flags = flagsOf(fields, objectFlags, name);
  const names = (field: "in" | "inObject"): string[] | undefined =>
    fields[field] === undefined
      ? undefined
      : array(fields[field], `${field} of "${name}"`).map((item) =>
          string(item, `${field} of "${name}"`),
        );
  const [within, inObject] = [names("in"), names("inObject")];
  return {
    name,
    type,
    ...(fields["loc"] != null && { loc: index(fields["loc"], `loc of "${name}"`) }),
    ...(within && { in: within }),
    ...(inObject && { inObject }),
    ...(flags && { flags }),
  };
}

function readName(fields: Fields, what: string): { name: string; type: string } {
  const name = string(fields["name"], `name of ${what}`);
  const type = string(fields["type"], `type of ${what}`);
  // The word in a name is mostly the type, but upstream has a "bathtubbasin 1" of type sinkbasin.
  if (!entityName.test(name)) {
    throw new Problem(`name of ${what} must be a word and a number, found "${name}"`);
  }
  if (!typeName.test(type)) throw new Problem(`type of ${what} must be a word`);
  return { name, type };
}

function checkNames(receptacles: readonly GameReceptacle[], objects: readonly GameObject[]): void {
  if (receptacles.length === 0) throw new Problem("receptacles is empty");
  const all = [...receptacles, ...objects].map(({ name }) => name);
  const twice = all.find((name, position) => all.indexOf(name) !== position);
  if (twice !== undefined) throw new Problem(`the name "${twice}" occurs twice`);
  const known = { in: new Set(receptacles.map(({ name }) => name)), inObject: new Set<string>() };
  for (const { name } of objects) known.inObject.add(name);
  for (const object of objects) {
    for (const field of ["in", "inObject"] as const) {
      const unknown = object[field]?.find((name) => !known[field].has(name));
      if (unknown !== undefined) {
        throw new Problem(`${field} of "${object.name}" names "${unknown}", which does not exist`);
      }
    }
  }
}

function readCommand(value: unknown): string {
  const command = string(value, "a command of walkthrough");
  if (!isCommand(command)) throw new Problem(`walkthrough has "${command}", which is no command`);
  return command;
}

function readCanContain(value: unknown): Record<string, string[]> {
  const entries = Object.entries(record(value, "canContain")).map(([receptacle, types]) => {
    if (!typeName.test(receptacle)) throw new Problem("canContain has a key that is no type");
    const names = array(types, `canContain of ${receptacle}`).map((type) =>
      string(type, `canContain of ${receptacle}`),
    );
    return [receptacle, names] as const;
  });
  return Object.fromEntries(entries);
}

function flagsOf<Flag extends string>(
  fields: Fields,
  known: readonly Flag[],
  name: string,
): Flag[] | undefined {
  if (fields["flags"] === undefined) return undefined;
  return array(fields["flags"], `flags of "${name}"`).map((flag) =>
    oneOf(flag, known, `a flag of "${name}"`),
  );
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Problem(`${what} must be an object`);
  }
  return value as Fields;
}

function array(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Problem(`${what} must be an array`);
  if (value.length > most) throw new Problem(`${what} has more than ${most} items`);
  return value;
}

function string(value: unknown, what: string, longest = 500): string {
  if (typeof value !== "string") throw new Problem(`${what} must be a string`);
  if (value.length > longest) throw new Problem(`${what} is longer than ${longest} characters`);
  return value;
}

/** A number that stands for a place or a room. */
function index(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new Problem(`${what} must be a whole number from 0`);
  }
  return value as number;
}

function oneOf<Item extends string>(value: unknown, items: readonly Item[], what: string): Item {
  const found = items.find((item) => item === value);
  if (found === undefined) throw new Problem(`${what} must be one of ${items.join(", ")}`);
  return found;
}
