import { stat } from "node:fs/promises";
import type { ModelChoice } from "../models.ts";
import type { Session } from "../session.ts";

/** What the folder at hand offers where the command line names nothing: what `hx init` wrote. */
export async function chatDefaults(
  session: Session,
  options: ModelChoice & { readonly harness?: string },
): Promise<ModelChoice & { readonly harness?: string }> {
  const { harness, models, model } = options;
  const here = async (name: string): Promise<string | undefined> =>
    (await stat(session.path(name)).catch(() => undefined))?.isFile() ? name : undefined;
  const harnessFile = harness ?? (await here("harness.json"));
  const modelsFile = models ?? (model === undefined ? await here("models.json") : undefined);
  return {
    ...(harnessFile === undefined ? {} : { harness: harnessFile }),
    ...(modelsFile === undefined ? {} : { models: modelsFile }),
    ...(model === undefined ? {} : { model }),
  };
}
