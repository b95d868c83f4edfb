import { resolveOptions, type InspectedPlugin, type JsonObject } from "@harnessx/core";
import type { IsolatedPlugin } from "../isolation/index.ts";
import { notApplicable, type Outcome } from "./outcome.ts";
import type { Setup } from "./watch.ts";

/** A candidate that has been built and lies behind the wall. */
export interface Subject {
  readonly name: string;
  readonly inspected: InspectedPlugin;
  readonly isolated: IsolatedPlugin;
  /** What it is driven with. */
  readonly options: JsonObject;
}

/** The setup of a processor; tools have none. */
export function setupOf({ isolated }: Subject): Setup | undefined {
  const { definition } = isolated;
  return definition.harnessx === "processor" ? (definition.setup as Setup) : undefined;
}

/** Judges what only processors have. */
export const forProcessors = async (
  subject: Subject,
  judge: (setup: Setup) => Promise<Outcome>,
): Promise<Outcome> => {
  const setup = setupOf(subject);
  return setup ? judge(setup) : notApplicable;
};

/** The given options; else, as in `testPlugin`, none or the first example of the schema. */
export function sampleOptions(inspected: InspectedPlugin, given?: JsonObject): JsonObject {
  if (given) return resolveOptions(inspected, inspected.name, given);
  const { examples } = inspected.optionsSchema;
  const first = Array.isArray(examples) ? (examples[0] as JsonObject | undefined) : undefined;
  try {
    return resolveOptions(inspected, inspected.name, {});
  } catch (thrown) {
    if (!first) throw thrown;
    return resolveOptions(inspected, inspected.name, first);
  }
}
