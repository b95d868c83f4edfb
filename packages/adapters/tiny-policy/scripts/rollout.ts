import type { ModelClient, ToolSpec } from "@harnessx/core/plugin";
import { createWorld, type Game } from "@harnessx/adapter-household";
import { textOfCall } from "../src/commands.ts";
import { adviceFor, systemFor, type AidName, type Wording } from "./aids.ts";
import { actTool, Conversation } from "./episode.ts";
import { Memory } from "./memory.ts";

/** How an episode is played. */
export interface RolloutOptions {
  readonly model: ModelClient;
  readonly aids: ReadonlySet<AidName>;
  readonly wording: Wording;
  readonly usual: ReadonlyMap<string, readonly string[]>;
  readonly seed: number;
  readonly steps?: number;
  readonly tools?: readonly ToolSpec[];
  readonly first?: string;
}

export interface Outcome {
  readonly passed: boolean;
  readonly steps: number;
  readonly commands: readonly string[];
}

const never = new AbortController().signal;

/** Plays one game with a model under some aids; the world is seen through its texts alone. */
export async function rollout(game: Game, options: RolloutOptions): Promise<Outcome> {
  const { model, aids, wording, usual, seed, steps = 30, tools = actTool, first } = options;
  const world = createWorld(game);
  const conversation = new Conversation();
  const memory = new Memory(game.receptacles.map(({ name }) => name));
  conversation.system(systemFor(aids, wording, usual, first));
  conversation.user(world.intro());
  for (let step = 0; step < steps; step += 1) {
    const response = await model.generate(
      {
        messages: conversation.request(adviceFor(aids, wording, memory, game.task)),
        tools,
        sampling: {},
        role: "main",
        seed: seed * 1000 + step,
      },
      { signal: never },
    );
    const call = response.toolCalls[0];
    if (call === undefined) break;
    const command = textOfCall(call.name, call.input);
    const { observation, done } = world.step(command);
    conversation.assistant([call]);
    conversation.tool(call, observation);
    memory.record(command, observation);
    if (done) return { passed: true, steps: step + 1, commands: memory.commands };
  }
  return { passed: false, steps, commands: memory.commands };
}

/** Wilson's 95 % interval of a share. */
export function wilson(passed: number, n: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.96;
  const p = passed / n;
  const scale = 1 + (z * z) / n;
  const middle = (p + (z * z) / (2 * n)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / scale;
  return [middle - half, middle + half];
}
