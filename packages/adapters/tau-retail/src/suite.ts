import { resolve } from "node:path";
import { createHash } from "node:crypto";
import type { Environment, Suite, SuiteTask } from "@harnessx/core/plugin";
import { clusterOf } from "./cluster.ts";
import { briefOf, type Brief } from "./customer/brief.ts";
import { ScriptedCustomer } from "./customer/customer.ts";
import { loadData } from "./data/files.ts";
import { standardFolder } from "./data/locate.ts";
import type { RetailData, RetailTask } from "./data/task.ts";
import { Database } from "./database.ts";
import { dealFamilies, familyOf } from "./families.ts";
import { generateData } from "./generator/generate.ts";
import { createRandom } from "./random.ts";
import { judge, replay, stateHash } from "./score.ts";
import { createTools } from "./tools/index.ts";

/** Changes with every change of the rules by which an episode is played or judged. */
const scoringVersion = 1;

/** Options of the suite; `options.schema.json` says the same to the manifest. */
export interface TauRetailOptions {
  /** Folder of the data, relative to the manifest's folder; `tau-retail` in HARNESSX_DATA without it. */
  readonly data?: string;
  /** The file of tasks in that folder. */
  readonly tasks?: string;
  /** Makes a small shop and its tasks in place of reading any. */
  readonly generate?: { readonly seed?: number; readonly tasks?: number };
}

interface Entry {
  readonly task: SuiteTask;
  readonly source: RetailTask;
  readonly brief: Brief;
  readonly goldHash: string;
}

/** Makes the suite: reads or generates the data and replays every solution once. */
export function createSuite(options: TauRetailOptions, root: string): Suite {
  const { data, origin } = open(options, root);
  const entries = entriesOf(data);
  const byId = new Map(entries.map((entry) => [entry.task.id, entry]));
  const tasks = entries.map(({ task }) => task);
  const untouched = stateHash({});
  const idle = entries.filter(
    ({ goldHash, source }) => goldHash === untouched && source.outputs.length === 0,
  );
  return {
    name: "tau-retail",
    verifier: sha256([
      scoringVersion,
      data.policy,
      entries.map(({ task, goldHash }) => `${task.id} ${task.split} ${goldHash}`).toSorted(),
    ]),
    data: `${origin}: ${tasks.length} tasks; scripted customer; judged by database and required strings, without a judge of language`,
    floor: {
      name: "no-op",
      passed: idle.map(({ task }) => task.id),
      note: "An agent that does nothing passes the tasks whose solution changes nothing.",
    },
    tasks: () => tasks,
    open(taskId, { seed }) {
      const entry = byId.get(taskId);
      if (entry === undefined) throw new RangeError(`no task ${taskId}`);
      return openEnvironment(entry, data, seed);
    },
  };
}

function open(
  { data, tasks, generate }: TauRetailOptions,
  root: string,
): { readonly data: RetailData; readonly origin: string } {
  if (generate !== undefined) {
    const { seed = 1, tasks: count = 24 } = generate;
    return { data: generateData(seed, count), origin: `generated with seed ${seed}` };
  }
  const folder = data === undefined ? standardFolder(root) : resolve(root, data);
  return { data: loadData(folder, tasks), origin: data ?? "tau-retail" };
}

function openEnvironment(entry: Entry, data: RetailData, seed: number): Environment {
  const { source, task, goldHash } = entry;
  const { gold, outputs, id } = source;
  const database = new Database(data.records);
  const customer = new ScriptedCustomer(entry.brief, createRandom("customer", seed, task.id));
  const messages: string[] = [];
  return {
    tools: createTools(database, data.toolTexts),
    observation: `You serve the customers of a shop by these rules. In each turn, either write to the customer or call a tool, not both.\n\n<policy>\n${data.policy.trim()}\n</policy>\n\nThe customer: ${customer.open()}`,
    user(answer) {
      messages.push(answer);
      return customer.reply(answer);
    },
    oracle: [
      ...gold.map(({ name, arguments: input }) => ({ name, input })),
      // Not a tool: what has to be said.
      ...(outputs.length === 0
        ? []
        : [{ name: "respond", input: { content: outputs.join(", ") } }]),
    ],
    score: () => judge(source, goldHash, database, messages, data.reference?.get(id)),
    close() {},
  };
}

function entriesOf(data: RetailData): Entry[] {
  const families = data.tasks.map((task) => familyOf(task, data.records));
  const splits = dealFamilies(families);
  return data.tasks.map((source, index) => {
    const family = families[index]!;
    const brief = briefOf(source.scenario);
    return {
      task: {
        id: sha256(["tau-retail", source]),
        text: brief.opening,
        family,
        cluster: clusterOf(brief.opening),
        split: splits.get(family)!,
      },
      source,
      brief,
      goldHash: stateHash(replay(data.records, source.gold).changes()),
    };
  });
}

const sha256 = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");
