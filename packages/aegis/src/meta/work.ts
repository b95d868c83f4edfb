import { createAgent } from "@harnessx/core";
import type { ModelsInput } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import { metaHarness } from "./harness.ts";
import { Workbench, workbenchTools } from "./workbench.ts";

export interface MetaOptions {
  /** The model in the role `meta`; others are not used. */
  readonly models: ModelsInput;
  /** What must not stand in what the model writes: rule names, never what was found. */
  readonly leaks?: (text: string) => readonly string[];
  /** Of one stage (40). */
  readonly maxSteps?: number;
  /** Of one stage, input and output (400,000). */
  readonly maxTokens?: number;
  readonly seed?: number;
  /** Folder for the traces of the model's own runs. */
  readonly traceDir?: string;
}

/** One piece of work for the model. */
export interface MetaTask<Value> {
  readonly stage: string;
  readonly instructions: string;
  /** What the model can read, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Makes the result of what was written; its problems go back to the model. */
  read(written: ReadonlyMap<string, string>): Promise<MetaReading<Value>>;
}

export type MetaReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The first attempt and two repairs. */
const SUBMISSIONS = 3;

/**
 * Lets the model work until it hands in something well-formed. Rejects with HX_AEGIS_STAGE_FAILED
 * when it does not: too lazy, too often malformed, out of budget, or the model itself failed.
 */
export async function workOn<Value>(task: MetaTask<Value>, options: MetaOptions): Promise<Value> {
  const { stage, instructions, files } = task;
  const { models, leaks = () => [], maxSteps = 40, maxTokens = 400_000, seed = 1 } = options;
  const bench = new Workbench(files);
  let value: { readonly of: Value } | undefined;
  const tools = workbenchTools(bench, async () => {
    const reading = await task.read(bench.written);
    if (!reading.ok) return reading.problems;
    value = { of: reading.value };
    return [];
  });
  const harness = await metaHarness({
    stage,
    instructions,
    leaks,
    maxSteps,
    maxTokens,
    submissions: SUBMISSIONS,
  });
  const meta = models["meta"];
  if (!meta)
    throw aegisError("HX_AEGIS_STAGE_FAILED", { stage, problem: "no model has the role meta" });
  const result = await createAgent({ harness, models: { main: meta } }).run(
    `Do the stage "${stage}". Start with list_files.`,
    {
      tools,
      seed,
      ...(options.traceDir === undefined ? {} : { trace: { dir: options.traceDir } }),
    },
  );
  if (value) return value.of;
  const problem = result.error?.message ?? result.reason ?? "it ended without handing anything in";
  throw aegisError("HX_AEGIS_STAGE_FAILED", { stage, problem }, result.error);
}
