import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { ModelsInput } from "@harnessx/core";
import type { Environment, ModelClient, Suite, Tool } from "@harnessx/core/plugin";
import { mapClients } from "../clients.ts";

/** Whose code a worker runs: the model's, the suite's, or that of the harness and its plugins. */
export type Phase = "model" | "suite" | "plugin";

const letters: Readonly<Record<Phase, string>> = { model: "m", suite: "s", plugin: "p" };

/** What a worker wrote last into its phase file, before it hung or died. */
export function readPhase(path: string): Phase | undefined {
  let letter: string;
  try {
    letter = readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
  return (Object.keys(letters) as Phase[]).find((phase) => letters[phase] === letter);
}

/**
 * Keeps one byte on disk that says whose code runs. A file and no message: it costs a microsecond,
 * never waits for the reader, and stands there after a thread that loops for ever.
 */
export class PhaseMark {
  readonly #file: number;
  readonly #open = { model: 0, suite: 0 };
  #shown = "";

  constructor(path: string) {
    this.#file = openSync(path, "w");
    this.#show();
  }

  close(): void {
    closeSync(this.#file);
  }

  async during<Value>(
    phase: "model" | "suite",
    work: () => Value | Promise<Value>,
  ): Promise<Value> {
    this.#open[phase] += 1;
    this.#show();
    try {
      return await work();
    } finally {
      this.#open[phase] -= 1;
      this.#show();
    }
  }

  #show(): void {
    const phase = this.#open.model > 0 ? "model" : this.#open.suite > 0 ? "suite" : "plugin";
    if (letters[phase] === this.#shown) return;
    this.#shown = letters[phase];
    writeSync(this.#file, this.#shown, 0);
  }
}

/** The models, with their calls marked. */
export const markModels = (models: ModelsInput, mark: PhaseMark): ModelsInput =>
  mapClients(models, (client) => markClient(client, mark));

function markClient(client: ModelClient, mark: PhaseMark): ModelClient {
  const { bind } = client;
  return withMethods(client, {
    generate: (request, context) => mark.during("model", () => client.generate(request, context)),
    ...(bind ? { bind: (binding) => markClient(bind.call(client, binding), mark) } : {}),
  });
}

/** The suite, with its own work and that of its tools marked. */
export const markSuite = (suite: Suite, mark: PhaseMark): Suite =>
  withMethods(suite, {
    open: async (task, options) => {
      const environment = await mark.during("suite", () => suite.open(task, options));
      return isUsable(environment) ? markEnvironment(environment, mark) : environment;
    },
  });

/** What a broken suite gives must fail exactly as it does without marks. */
const isUsable = (environment: Environment): boolean => Array.isArray(environment?.tools);

const markEnvironment = (environment: Environment, mark: PhaseMark): Environment =>
  withMethods(environment, {
    tools: environment.tools.map((tool): Tool =>
      withMethods(tool, {
        execute: (input, context) => mark.during("suite", () => tool.execute(input, context)),
      }),
    ),
    score: () => mark.during("suite", () => environment.score()),
    close: () => mark.during("suite", () => environment.close()),
  });

/** A copy with some methods replaced; everything else, getters too, is as it was. */
function withMethods<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return Object.create(Object.getPrototypeOf(target) as object | null, {
    ...Object.getOwnPropertyDescriptors(target),
    ...Object.getOwnPropertyDescriptors(methods),
  }) as Target;
}
