import type { ModelsInput } from "@harnessx/core";
import type { ModelClient } from "@harnessx/core/plugin";

/** The models with every client, fallbacks included, put through `change`. */
export function mapClients(
  models: ModelsInput,
  change: (client: ModelClient) => ModelClient,
): ModelsInput {
  const out: Record<string, ModelsInput[string]> = {};
  const withChanged = <Target extends { readonly client: ModelClient }>(
    target: Target,
  ): Target => ({
    ...target,
    client: change(target.client),
  });
  for (const [role, given] of Object.entries(models)) {
    if ("targets" in given) {
      const [first, ...rest] = given.targets;
      out[role] = { ...given, targets: [withChanged(first), ...rest.map(withChanged)] };
    } else out[role] = change(given);
  }
  return out as ModelsInput;
}
