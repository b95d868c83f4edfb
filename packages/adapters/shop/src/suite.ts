import { createHash } from "node:crypto";
import type { Environment, Json, Suite, SuiteTask, TaskSplit } from "@harnessx/core/plugin";
import { drawFamilies, drawGoal, textOfGoal, type Goal } from "./goal.ts";
import { judge } from "./judge.ts";
import { createRandom } from "./random.ts";
import { audit, type Exchange } from "./referee.ts";
import { search } from "./search.ts";
import { fits, stockFor, type Product } from "./stock.ts";
import { createTools } from "./tools.ts";
import { PAGE_SIZE, Visit } from "./visit.ts";
import { categories, type Category } from "./vocabulary.ts";

/** Changes with every change of the rules by which an episode is played or judged. */
const scoringVersion = 1;
/** Tasks of one family, at most. */
const PER_FAMILY = 2;

/** Options of the suite; `options.schema.json` says the same to the manifest. */
export interface ShopOptions {
  readonly seed?: number;
  /** Tasks by split. */
  readonly train?: number;
  readonly validation?: number;
  readonly sealed?: number;
  /** Tasks that no product fits. */
  readonly canary?: number;
}

interface Entry {
  readonly task: SuiteTask;
  readonly goal: Goal;
  readonly category: Category;
  /** Made when the task is first opened. */
  shelf?: Shelf;
}

/** The products of a task and the calls that buy a fitting one. */
interface Shelf {
  readonly stock: readonly Product[];
  readonly oracle: Environment["oracle"];
}

/** Makes the suite: draws all tasks; the products of a task are made when it is first opened. */
export function createSuite(options: ShopOptions): Suite {
  const { seed = 1, train = 80, validation = 80, sealed = 80, canary = 16 } = options;
  const sizes = { train, validation, sealed, canary };
  const entries = drawEntries(seed, sizes);
  const byId = new Map(entries.map((entry) => [entry.task.id, entry]));
  const tasks = entries.map(({ task }) => task);
  const parts = Object.entries(sizes).map(([split, count]) => `${count} ${split}`);
  return {
    name: "shop",
    verifier: sha256(
      JSON.stringify([
        scoringVersion,
        seed,
        tasks.map(({ id, split }) => `${id} ${split}`).toSorted(),
      ]),
    ),
    data: `generated with seed ${seed}: ${parts.join(", ")}`,
    tasks: () => tasks,
    open(taskId) {
      const entry = byId.get(taskId);
      if (entry === undefined) throw new RangeError(`no task ${taskId}`);
      entry.shelf ??= fill(entry, seed);
      return openEnvironment(entry.task, entry.goal, entry.shelf);
    },
  };
}

function fill({ task, goal, category }: Entry, seed: number): Shelf {
  const stock = stockFor(goal, category, task.split === "canary", seed, task.id);
  return { stock, oracle: solution(goal, stock) };
}

function openEnvironment(task: SuiteTask, goal: Goal, { stock, oracle }: Shelf): Environment {
  const visit = new Visit(stock);
  const exchanges: Exchange[] = [];
  return {
    tools: createTools(visit, (exchange) => void exchanges.push(exchange)),
    observation: `You are in an online shop. Search for items, look at what is on offer, and buy one that fits every wish.\nYour task: ${task.text}`,
    ...(oracle && { oracle }),
    score: () => ({ ...judge(goal, visit.purchase), audit: audit(task.text, exchanges) }),
    close() {},
  };
}

/** Calls that buy what was asked for; none when nothing fits. */
function solution(
  goal: Goal,
  stock: readonly Product[],
): { readonly name: string; readonly input: Json }[] | undefined {
  const query = `${goal.attributes.join(" ")} ${goal.noun}`;
  const results = search(stock, query);
  const at = results.findIndex((product) => fits(goal, product));
  const product = results[at];
  if (product === undefined) return undefined;
  return [
    { name: "search", input: { query } },
    ...Array.from({ length: Math.floor(at / PAGE_SIZE) }, () => ({ name: "next_page", input: {} })),
    { name: "open_item", input: { item: product.id } },
    ...Object.entries(goal.options).map(([option, value]) => ({
      name: "choose_option",
      input: { option, value },
    })),
    { name: "buy", input: {} },
  ];
}

/** Deals each category's families to the splits in turn: every category is in every split, every family in one. */
function drawEntries(seed: number, sizes: Readonly<Record<TaskSplit, number>>): Entry[] {
  const splits = Object.entries(sizes) as [TaskSplit, number][];
  const need = splits.map(([, count]) => Math.ceil(count / categories.length / PER_FAMILY));
  const families = categories.map((category) =>
    drawFamilies(
      category,
      need.reduce((sum, count) => sum + count, 0),
      createRandom("families", seed, category.noun),
    ),
  );
  return splits.flatMap(([split, count], index) => {
    const first = need.slice(0, index).reduce((sum, one) => sum + one, 0);
    return Array.from({ length: count }, (_, number): Entry => {
      const category = number % categories.length;
      const own = Math.floor(number / categories.length);
      const family = families[category]?.[first + Math.floor(own / PER_FAMILY)];
      if (family === undefined) throw new RangeError(`${split}: ${count} tasks are too many`);
      const random = createRandom("goal", seed, family.name, own % PER_FAMILY);
      const goal = drawGoal(family, random);
      const text = textOfGoal(goal, random);
      return {
        task: {
          id: sha256(JSON.stringify([seed, split, own % PER_FAMILY, text])).slice(0, 16),
          text,
          family: family.name,
          cluster: family.category.noun,
          split,
        },
        goal,
        category: family.category,
      };
    });
  });
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
