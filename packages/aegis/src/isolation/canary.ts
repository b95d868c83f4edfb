import { HarnessXError, messageOf, type ProcessorDefinition, type Run } from "@harnessx/core";
import { GUEST_CONTRACT } from "./contract.ts";
import { openCode, type TierWall } from "./plugin.ts";
import type { ProbeCheck } from "./types.ts";

/** An attack as the body of a plugin's setup, and what must come of it. */
export interface Canary {
  readonly attack: string;
  readonly head?: string;
  readonly body: string;
  /** The codes of errors that may end it; without any it must end by itself. */
  readonly codes?: readonly string[];
  /** What it must have logged. */
  readonly logs?: readonly string[];
}

/** The time that canaries see. */
export const CANARY_NOW = 1_234_567;

/** Runs one attack behind a wall. Anything unforeseen counts as a breach. */
export async function runCanary(canary: Canary, wall: TierWall): Promise<ProbeCheck> {
  const { attack, codes = ["nothing"], logs = [] } = canary;
  let ended = "nothing";
  const logged: string[] = [];
  try {
    await attackWith(canary, wall, logged);
  } catch (thrown) {
    ended = HarnessXError.isInstance(thrown) ? thrown.code : `the error ${messageOf(thrown)}`;
  }
  const unharmed = !("hx" in {});
  const held = codes.includes(ended) && logged.join("|") === logs.join("|") && unharmed;
  return { attack, held, detail: `It ended with ${ended} and said "${logged.join("|")}".` };
}

async function attackWith(
  { head = "", body }: Canary,
  wall: TierWall,
  logged: string[],
): Promise<void> {
  const source = `${head}\nimport { defineProcessor } from "@harnessx/core/plugin";
    export default defineProcessor(async (run) => { ${body} });`;
  const files = new Map([
    ["@harnessx/core/plugin", GUEST_CONTRACT],
    ["index.js", source],
  ]);
  const plugin = await openCode("canary", { kind: "processor", entry: "index.js", files }, wall);
  try {
    const { setup } = plugin.definition as ProcessorDefinition;
    await setup(canaryRun(logged), {});
  } finally {
    await plugin.dispose();
  }
}

/** As much of a run as canaries use. */
function canaryRun(logged: string[]): Run {
  const run: Partial<Run> = {
    id: "canary",
    task: { id: "canary", text: "" },
    clock: { now: () => CANARY_NOW },
    random: () => 0.25,
    log: (message) => void logged.push(message),
    onDispose: () => undefined,
  };
  return run as Run;
}
