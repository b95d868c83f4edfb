import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { relativePath } from "./paths.ts";
import type { Session } from "./session.ts";
import { openSuiteWith, type OpenedSuite } from "./make-suite.ts";

const FILES = ["evolve_train", "evolve_val", "valid_train", "valid_seen"] as const;

/** The folder of ALFWorld games: below HARNESSX_DATA, or below ../shared/data; undefined when it is not complete. */
export async function gameFolder(session: Session): Promise<string | undefined> {
  const data = session.io.env["HARNESSX_DATA"];
  const folder = join(session.path(data ? data : "../shared/data"), "alfworld", "games");
  for (const file of FILES) {
    const stats = await stat(join(folder, `${file}.jsonl`)).catch(() => undefined);
    if (!stats?.isFile()) return undefined;
  }
  return folder;
}

interface GameLine {
  readonly line: string;
  readonly taskType: string;
  readonly gamefile: string;
}

/**
 * The household suite on ALFWorld games. Train are `evolve_train` and half of `valid_train`,
 * validation is the other half, sealed is `valid_seen` without the games of `evolve_val`.
 *
 * The file is sorted by kind of task, so each kind is halved: both halves hold all of them.
 */
export async function alfworldSuite(session: Session, folder: string): Promise<OpenedSuite> {
  const [evolveTrain, evolveVal, validTrain, validSeen] = await Promise.all(
    FILES.map((file) => readGames(join(folder, `${file}.jsonl`))),
  );
  const byKind = [...new Set(validTrain!.map((game) => game.taskType))].map((kind) =>
    validTrain!.filter((game) => game.taskType === kind),
  );
  const used = new Set(evolveVal!.map((game) => game.gamefile));
  const splits = {
    train: [
      ...evolveTrain!,
      ...byKind.flatMap((games) => games.slice(0, Math.ceil(games.length / 2))),
    ],
    validation: byKind.flatMap((games) => games.slice(Math.ceil(games.length / 2))),
    sealed: validSeen!.filter((game) => !used.has(game.gamefile)),
  };
  // The suite takes one split per file. They are read once, and nothing of them stays behind.
  const temporary = await mkdtemp(join(tmpdir(), "harnessx-games-"));
  try {
    const games: { path: string; split: string }[] = [];
    for (const [split, list] of Object.entries(splits)) {
      const path = join(temporary, `${split}.jsonl`);
      await writeFile(path, list.map((game) => `${game.line}\n`).join(""));
      games.push({ path, split });
    }
    const opened = await openSuiteWith(session, "household", { games });
    const tasks = await opened.suite.tasks();
    const counts = Object.keys(splits).map(
      (split) => `${tasks.filter((task) => task.split === split).length} ${split}`,
    );
    const data = `ALFWorld games of ${relativePath(session.io.cwd, folder)}: ${counts.join(", ")}`;
    return { ...opened, suite: { ...opened.suite, data } };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function readGames(file: string): Promise<GameLine[]> {
  const text = await readFile(file, "utf8");
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ({ ...(JSON.parse(line) as Omit<GameLine, "line">), line }));
}
