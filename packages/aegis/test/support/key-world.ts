import { scriptedModel } from "@harnessx/core";
import { textOf, tool } from "@harnessx/core/plugin";
import type {
  ModelClient,
  ModelRequest,
  Suite,
  SuiteTask,
  TaskSplit,
  Tool,
} from "@harnessx/core/plugin";
import { createHash } from "node:crypto";
import { createRandom } from "../../src/statistics/index.ts";

/**
 * A world for tests: a key lies in one of several boxes and opens the door. Which box depends on
 * task and seed. A model that forgets which boxes it has opened runs out of steps.
 */
export interface KeyWorldOptions {
  readonly tasks?: number;
  readonly boxes?: number;
  /** `open` throws for tasks whose number is divisible by this. */
  readonly brokenEvery?: number;
  readonly scoreThrows?: boolean;
}

const kinds = ["key", "coin", "gem"];

export function keyWorld({
  tasks: count = 12,
  boxes = 8,
  brokenEvery,
  scoreThrows,
}: KeyWorldOptions = {}): Suite & {
  readonly open_: Set<string>;
} {
  const live = new Set<string>();
  const tasks: SuiteTask[] = Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length]!;
    return {
      id: createHash("sha256").update(`key-world ${index}`).digest("hex").slice(0, 16),
      text: `unlock the door with a ${kind}`,
      family: `room ${index}`,
      cluster: `unlock with a ${kind}`,
      split: (["train", "train", "validation", "sealed"] as TaskSplit[])[
        Math.floor(index / 3) % 4
      ]!,
    };
  });
  return {
    name: "key-world",
    verifier: "key-world-1",
    data: "generated in the test",
    open_: live,
    tasks: () => tasks,
    open(taskId, { seed }) {
      const index = tasks.findIndex((task) => task.id === taskId);
      if (brokenEvery !== undefined && index % brokenEvery === 0) throw new Error("no room left");
      const random = createRandom(`${taskId} ${seed}`);
      const kind = kinds[index % kinds.length]!;
      const home = 1 + random.int(boxes);
      const junk = 1 + random.int(boxes);
      let held = false;
      let done = false;
      const handle = `${taskId} ${seed} ${Math.random()}`;
      live.add(handle);
      const say = (
        name: string,
        keys: string[],
        execute: (input: Record<string, string>) => string,
      ): Tool =>
        tool<Record<string, string>>({
          name,
          description: name,
          inputSchema: {
            type: "object",
            properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])),
            required: keys,
            additionalProperties: false,
          },
          execute: (input) => {
            const content = execute(input);
            return name === "unlock" && done ? { status: "ok", content, end: true } : content;
          },
        });
      const tools = [
        say("open_box", ["box"], ({ box }) => {
          if (!/^box [1-9]\d*$/.test(box!) || Number(box!.slice(4)) > boxes)
            return "Nothing happens.";
          const number = Number(box!.slice(4));
          const things = [
            ...(number === home && !held ? [`${kind} 1`] : []),
            ...(number === junk ? ["feather 2"] : []),
          ];
          return `You open the ${box}. In it, you see ${things.length > 0 ? `a ${things.join(", a ")}` : "nothing"}.`;
        }),
        say("take", ["thing", "box"], ({ thing, box }) => {
          if (held || thing !== `${kind} 1` || box !== `box ${home}`) return "Nothing happens.";
          held = true;
          return `You take the ${thing} from the ${box}.`;
        }),
        say("unlock", ["thing"], ({ thing }) => {
          if (!held || thing !== `${kind} 1`) return "Nothing happens.";
          done = true;
          return "The door swings open.";
        }),
      ];
      return {
        tools,
        observation: `You are in a room. You see ${Array.from({ length: boxes }, (_, at) => `box ${at + 1}`).join(", ")}.\nYour task is to: unlock the door with a ${kind}.`,
        oracle: [
          { name: "open_box", input: { box: `box ${home}` } },
          { name: "take", input: { thing: `${kind} 1`, box: `box ${home}` } },
          { name: "unlock", input: { thing: `${kind} 1` } },
        ],
        score() {
          if (scoreThrows) throw new Error("the judge is ill");
          return {
            passed: done,
            score: Number(done),
            reason: done ? "the door is open" : "the door is shut",
            audit: done,
          };
        },
        close() {
          live.delete(handle);
        },
      };
    },
  };
}

/**
 * Knows what its last call came to and what user messages say, and nothing else: it opens boxes at
 * random, unless a message says of a box that it is searched or empty.
 */
export function forgetfulModel(): ModelClient {
  return {
    id: "forgetful",
    policy: "rule",
    generate: (request) => Promise.resolve(next(request)),
  };
}

function next(request: ModelRequest) {
  const random = createRandom(request.seed);
  const first = textOf(
    request.messages.at(0)!.role === "user" ? request.messages.at(0)! : request.messages.at(1)!,
  );
  const messages = request.messages.slice(1);
  const last = messages.findLast((message) => message.role === "tool");
  const reply = last ? textOf(last) : "";
  const kind = /with an? (\w+)/.exec(first)?.[1] ?? "";
  const call = (name: string, input: Record<string, string>) => ({
    content: [],
    toolCalls: [{ id: `c${request.seed}`, name, input }],
    finish: "tool_calls" as const,
    usage: { input: request.messages.tokens, output: 4 },
  });
  const taken = new RegExp(`You take the (${kind} \\d+)`).exec(reply);
  if (taken) return call("unlock", { thing: taken[1]! });
  const box = /the (box \d+)/.exec(reply)?.[1];
  const thing = new RegExp(`a (${kind} \\d+)`).exec(reply)?.[1];
  if (box && thing) return call("take", { thing, box });
  if (random.next() < 0.15)
    return call(random.next() < 0.5 ? "unlock" : "take", {
      thing: `${kind} ${random.int(9)}`,
      box: `box ${1 + random.int(8)}`,
    });
  const boxes = [...new Set(first.match(/box \d+/g))];
  const advice = messages
    .filter((message) => message.role === "user")
    .map((message) => textOf(message))
    .join("\n");
  const searched = new Set(
    advice
      .split("\n")
      .filter((line) => /searched|nothing|empty/.test(line) && !/not searched/i.test(line))
      .flatMap((line) => line.match(/box \d+/g) ?? []),
  );
  const open = boxes.filter((name) => !searched.has(name));
  const from = open.length > 0 ? open : boxes;
  return call("open_box", { box: from[random.int(from.length)]! });
}

/** Plays the gold actions. */
export function oracleModel(): ModelClient {
  return {
    ...scriptedModel([]),
    id: "oracle",
    policy: "oracle",
    bind: ({ oracle = [] }) => ({
      ...scriptedModel([...oracle.map((call) => ({ calls: [call] })), { text: "done" }]),
      id: "oracle",
      policy: "oracle",
    }),
  };
}
