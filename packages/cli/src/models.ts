import type { ModelsFile, ModelsInput } from "@harnessx/core";
import type {
  Environment,
  JsonObject,
  ModelBinding,
  ModelClient,
  PolicyKind,
} from "@harnessx/core/plugin";
import { cliError, UsageError } from "./errors.ts";
import type { Session } from "./session.ts";
import { candidates, loadNamed } from "./specifier.ts";

/** How a command line names its models. */
export interface ModelChoice {
  /** A models file. */
  readonly models?: string;
  /** `tiny-policy`, `oracle`, a package or a folder. */
  readonly model?: string;
}

/** Names that stand for a package with options. */
const named: Readonly<Record<string, { readonly use: string; readonly options: JsonObject }>> = {
  oracle: { use: "@harnessx/adapter-tiny-policy", options: { policy: "oracle" } },
};

/** The models of a command line. Throws HX_CLI_MODEL_MISSING when none is named. */
export async function openModels(session: Session, choice: ModelChoice): Promise<ModelsInput> {
  if (choice.models !== undefined && choice.model !== undefined) {
    throw new UsageError("--model and --models exclude each other.", "Keep one of the two.");
  }
  if (choice.models !== undefined) {
    const { loadModels } = await import("@harnessx/core");
    return loadModels(session.path(choice.models));
  }
  if (choice.model === undefined) throw await cliError("HX_CLI_MODEL_MISSING");
  return { main: await openModel(session, choice.model) };
}

/** One model, with the defaults of its package. */
export async function openModel(session: Session, given: string): Promise<ModelClient> {
  const { resolveOptions } = await import("@harnessx/core");
  const { use, options } = named[given] ?? { use: given, options: {} };
  const { plugin } = await loadNamed(session, use, "model");
  const { definition } = plugin;
  if (definition.harnessx !== "model") throw new TypeError(`${use} is no model`);
  return definition.create(resolveOptions(plugin, given, options) as never);
}

/** A models file that makes the model of a name, for another process. */
export function modelsFileOf(given: string): ModelsFile {
  const { use, options } = named[given] ?? { use: given, options: {} };
  const [first = use] = candidates(use, "model");
  return { roles: { main: { use: first, options } } } as ModelsFile;
}

/** Which model plays, and of what kind it is: every result says so, lest a stand-in is taken for a language model. */
export function mainModel({ main }: ModelsInput): {
  readonly model: string;
  readonly policy: PolicyKind;
} {
  const client = "targets" in main ? main.targets[0].client : main;
  return { model: client.id, policy: client.policy };
}

/** Tells stand-in models which task they play, and an oracle the solution. */
export function bindModels(
  models: ModelsInput,
  taskId: string,
  environment: Environment,
): ModelsInput {
  const bound = (client: ModelClient): ModelClient => {
    const binding: ModelBinding =
      client.policy === "oracle" && environment.oracle
        ? { taskId, oracle: environment.oracle }
        : { taskId };
    return client.bind ? client.bind(binding) : client;
  };
  const entries = Object.entries(models).map(([role, given]) => {
    if (!("targets" in given)) return [role, bound(given)];
    return [
      role,
      {
        ...given,
        targets: given.targets.map((target) => ({ ...target, client: bound(target.client) })),
      },
    ];
  });
  return Object.fromEntries(entries) as ModelsInput;
}
