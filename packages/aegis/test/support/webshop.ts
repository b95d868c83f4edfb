import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAgent, defineHarness, scriptedModel, type ScriptedReply } from "@harnessx/core";
import { tool, type SuiteTask, type Tool } from "@harnessx/core/plugin";
import type { RolloutRecord } from "../../src/index.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const file = join(
  process.env["HARNESSX_DATA"] ?? join(root, "../shared/data"),
  "webshop-react",
  "episodes.jsonl",
);

export const hasWebshop = existsSync(file);

/** Ends up in the titles of skipped tests. */
export const why = hasWebshop ? "" : " (skipped: no WebShop recordings; set HARNESSX_DATA)";

/** One recorded episode, as `webshop-react/SOURCE.md` describes it. */
export interface WebshopEpisode {
  readonly episode: number;
  readonly goal: string;
  readonly instruction: string;
  readonly steps: readonly { readonly action: string; readonly observation: string }[];
  readonly bought: { readonly asin: string } | null;
  readonly reward: number;
  readonly success: boolean;
}

export const readEpisodes = (): WebshopEpisode[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as WebshopEpisode);

/** The recorded actions as typed calls; upstream has one text action for all. */
function callOf(action: string): { readonly name: string; readonly input: Record<string, string> } {
  const [, verb = "", value = ""] = /^(\w+)\[([\s\S]*)\]$/.exec(action) ?? [];
  if (verb === "search") return { name: "search", input: { query: value } };
  if (verb !== "click") return { name: "say", input: { text: action } };
  if (/^[A-Z0-9]{10}$/.test(value)) return { name: "open", input: { item: value } };
  if (value === "Next >") return { name: "next", input: {} };
  if (value === "< Prev" || value.endsWith("Back to Search"))
    return { name: "back", input: { to: value } };
  if (value === "Buy Now") return { name: "buy", input: {} };
  return { name: "choose", input: { option: value } };
}

const arguments_: Readonly<Record<string, readonly string[]>> = {
  search: ["query"],
  open: ["item"],
  choose: ["option"],
  back: ["to"],
  next: [],
  buy: [],
  say: ["text"],
};

/** Tools that answer what was recorded, in the order in which it was recorded. */
function recordedTools(answers: string[]): Tool[] {
  return Object.entries(arguments_).map(([name, keys]) =>
    tool<Record<string, string>>({
      name,
      description: name,
      inputSchema: {
        type: "object",
        properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])),
        required: [...keys],
        additionalProperties: false,
      },
      execute: () => {
        const content = answers.shift() ?? "";
        const end = name === "buy" && content !== "Invalid action!";
        // The recording shows the reward after a purchase; nothing that reads traces may see one.
        return { status: "ok", content: end ? "Bought." : content, ...(end && { end: true }) };
      },
    }),
  );
}

/**
 * Plays recorded episodes again through the runtime, so that their traces are of the format that
 * every run writes: the model says what the recorded one said, the tools answer what was answered,
 * thoughts are the text beside a call. An episode without a purchase ends at its number of steps.
 */
export async function convert(
  episodes: readonly WebshopEpisode[],
  dir: string,
): Promise<{ readonly records: RolloutRecord[]; readonly tasks: SuiteTask[] }> {
  const harness = await defineHarness({ name: "webshop-react" });
  const records: RolloutRecord[] = [];
  const tasks: SuiteTask[] = [];
  for (const { episode, goal, instruction, steps, reward, success } of episodes) {
    const replies: ScriptedReply[] = [];
    const answers: string[] = [];
    let text = "";
    for (const { action, observation } of steps) {
      const thought = /^think\[([\s\S]*)\]$/.exec(action)?.[1];
      if (thought !== undefined) text = thought;
      else if (action !== "reset") {
        replies.push({ text, calls: [callOf(action)] });
        answers.push(observation);
        text = "";
      }
    }
    const id = createHash("sha256").update(`webshop-react ${episode}`).digest("hex");
    const agent = createAgent({ harness, models: { main: scriptedModel(replies) } });
    const result = await agent.run(
      { id: goal, text: instruction },
      {
        runId: id.slice(0, 32),
        seed: 0,
        tools: recordedTools(answers),
        limits: { maxSteps: Math.max(1, replies.length) },
        trace: { dir, durability: "none" },
      },
    );
    tasks.push({ id: goal, text: instruction, family: goal, cluster: "all", split: "train" });
    records.push({
      id,
      suite: "webshop-react",
      task: goal,
      family: goal,
      cluster: "all",
      split: "train",
      harness: harness.hash,
      repetition: 0,
      seed: 0,
      model: "recorded",
      policy: "recorded",
      passed: success,
      score: reward,
      reason: "as recorded",
      exit: result.exit,
      steps: result.totals.steps,
      tokens: 0,
      costUsd: 0,
      ms: 0,
      trace: join(dir, `${id.slice(0, 32)}.jsonl`),
    });
  }
  return { records, tasks };
}
