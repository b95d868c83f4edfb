import { createHash } from "node:crypto";
import type { Environment, Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { writeArticles, type Article } from "./content/articles.ts";
import { inventWorld, type World } from "./content/facts.ts";
import { infobox, pathTitle } from "./content/markup.ts";
import { auditAnswer, judge } from "./judge.ts";
import { allQuestions, impossibleQuestions, type Question } from "./questions.ts";
import { createRandom } from "./random.ts";
import { startServer, type WikiServer } from "./server/server.ts";
import { createTools } from "./tools.ts";

/** Changes with every change of the rules by which an episode is played or judged. */
const scoringVersion = 1;

/** Options of the suite; `options.schema.json` says the same to the manifest. */
export interface WikiOptions {
  readonly seed?: number;
  /** Tasks by split. */
  readonly train?: number;
  readonly validation?: number;
  readonly sealed?: number;
  /** Tasks about pages that do not exist. */
  readonly canary?: number;
  /** Of the local server; 0 takes a free one. */
  readonly port?: number;
}

/** The suite and its server, which the first episode starts. */
export interface WikiSuite extends Suite {
  /** Stops the server; the next episode starts another. */
  close(): Promise<void>;
}

interface Entry {
  readonly task: SuiteTask;
  readonly question: Question;
}

/** Makes the suite: invents the articles and draws the tasks. Throws a RangeError for more tasks than there are questions. */
export function createSuite(options: WikiOptions): WikiSuite {
  const { seed = 1, train = 80, validation = 60, sealed = 60, canary = 8, port = 0 } = options;
  const world = inventWorld(seed);
  const articles = writeArticles(world);
  const sizes = { train, validation, sealed };
  const entries = [...drawEntries(world, sizes), ...drawCanaries(world, canary)];
  const byId = new Map(entries.map((entry) => [entry.task.id, entry]));
  const tasks = entries.map(({ task }) => task);
  const parts = Object.entries({ ...sizes, canary }).map(([split, count]) => `${count} ${split}`);
  let server: Promise<WikiServer> | undefined;
  return {
    name: "wiki",
    verifier: sha256(
      JSON.stringify([
        scoringVersion,
        sha256(JSON.stringify([...articles.values()])),
        tasks.map(({ id, split }) => `${id} ${split}`).toSorted(),
      ]),
    ),
    data: `${articles.size} articles and questions generated with seed ${seed}: ${parts.join(", ")}`,
    tasks: () => tasks,
    async open(taskId, { seed: episodeSeed }) {
      const entry = byId.get(taskId);
      if (entry === undefined) throw new RangeError(`no task ${taskId}`);
      server ??= startServer(articles, port).catch((thrown: unknown) => {
        server = undefined;
        throw thrown;
      });
      return openEnvironment(entry.question, articles, (await server).origin, episodeSeed);
    },
    async close() {
      const running = await server;
      server = undefined;
      running?.close();
    },
  };
}

function openEnvironment(
  question: Question,
  articles: ReadonlyMap<string, Article>,
  origin: string,
  seed: number,
): Environment {
  let given: string | undefined;
  const { text, start, final, property, answer } = question;
  const article = articles.get(final);
  return {
    tools: createTools(origin, seed, articles, (said) => (given = said)),
    observation: `Answer the question from the encyclopedia.\nQuestion: ${text}\nStart at: ${origin}/wiki/${pathTitle(start)}`,
    ...(article && { oracle: [{ name: "answer", input: { text: answer } }] }),
    score: () => ({
      ...judge(given, answer),
      // Nothing states the answer to an impossible question: only a right answer would be news there.
      audit: auditAnswer(given, article ? infobox(article.wikitext, property) : answer),
    }),
    close() {},
  };
}

/** Deals the articles that hold answers to the splits, then takes each cluster's questions in turn. */
function drawEntries(
  world: World,
  sizes: Readonly<Record<"train" | "validation" | "sealed", number>>,
): Entry[] {
  const random = createRandom("tasks", world.seed);
  const splits = Object.entries(sizes) as [TaskSplit, number][];
  const total = splits.reduce((sum, [, size]) => sum + size, 0);
  const families = random.shuffle([...world.entities.keys()]);
  const questions = random.shuffle(allQuestions(world));
  let dealt = 0;
  return splits.flatMap(([split, size]) => {
    const first = Math.floor((dealt / Math.max(1, total)) * families.length);
    dealt += size;
    const last = Math.floor((dealt / Math.max(1, total)) * families.length);
    const own = new Set(families.slice(first, last));
    const chosen = inTurn(
      questions.filter(({ final }) => own.has(final)),
      size,
    );
    if (chosen.length < size) throw new RangeError(`${split}: ${size} tasks are too many`);
    return chosen.map((question) => entryOf(question, split));
  });
}

function inTurn(questions: readonly Question[], size: number): Question[] {
  const byCluster = new Map<string, Question[]>();
  for (const question of questions)
    byCluster.set(question.cluster, [...(byCluster.get(question.cluster) ?? []), question]);
  const lists = [...byCluster].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, list]) => list);
  const chosen: Question[] = [];
  for (let at = 0; chosen.length < size && lists.some((list) => at < list.length); at += 1)
    chosen.push(...lists.flatMap((list) => list.slice(at, at + 1)));
  return chosen.slice(0, size);
}

function drawCanaries(world: World, count: number): Entry[] {
  const random = createRandom("canaries", world.seed);
  const questions = impossibleQuestions(world, () => String(random.int(1_000, 99_999)));
  return questions.slice(0, count).map((question) => entryOf(question, "canary"));
}

const entryOf = (question: Question, split: TaskSplit): Entry => ({
  task: {
    id: sha256(JSON.stringify([question.text, question.start, question.answer])).slice(0, 16),
    text: question.text,
    family: question.final,
    cluster: question.cluster,
    split,
  },
  question,
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
