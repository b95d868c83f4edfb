import { messageOf } from "../errors/index.ts";
import { resolveOptions, type InspectedPlugin } from "../load/plugin.ts";
import type { JsonObject } from "../plugin/json.ts";
import { validatorFor } from "../schema/validator.ts";
import { sameJson } from "../trace/same-event.ts";
import { Findings, type ConformanceCheck } from "./report.ts";

const UNKNOWN = "a key that no plugin has";

/** Options to drive a plugin with, and how its schema behaves. */
export function optionsLaws(
  plugin: InspectedPlugin,
  given: JsonObject | undefined,
): { readonly check: ConformanceCheck; readonly options: JsonObject | undefined } {
  const findings = new Findings();
  const sample = sampleOf(plugin, given, findings);
  if (sample) {
    judgeRoundTrip(plugin, sample, findings);
    judgeUnknownKeys(plugin, sample, findings);
  }
  judgeDefaults(plugin, findings);
  const kept =
    "defaults are filled in, unknown keys are refused, resolved options resolve to themselves";
  return {
    check: findings.check("options", kept),
    options: sample && resolve(plugin, sample).options,
  };
}

function resolve(
  plugin: InspectedPlugin,
  options: JsonObject,
): { options?: JsonObject; problem?: string } {
  try {
    return { options: resolveOptions(plugin, plugin.name, options) };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

/** The given options; else none, if that is allowed; else the first of the schema's examples. */
function sampleOf(
  plugin: InspectedPlugin,
  given: JsonObject | undefined,
  findings: Findings,
): JsonObject | undefined {
  const { examples } = plugin.optionsSchema;
  const first = Array.isArray(examples) ? (examples[0] as JsonObject) : undefined;
  const candidates = given ? [given] : [{}, ...(first ? [first] : [])];
  const problems: string[] = [];
  for (const candidate of candidates) {
    const { problem } = resolve(plugin, candidate);
    if (problem === undefined) return candidate;
    problems.push(problem);
  }
  const hint = given || first ? "" : " Pass options, or give the schema an examples list.";
  findings.against("options", `${problems[0]}${hint}`);
  return undefined;
}

function judgeRoundTrip(plugin: InspectedPlugin, sample: JsonObject, findings: Findings): void {
  const once = resolve(plugin, sample).options;
  const written = JSON.parse(JSON.stringify(once)) as JsonObject;
  const twice = resolve(plugin, written);
  if (twice.problem !== undefined) {
    findings.against(
      "options",
      `Options with the defaults filled in are refused: ${twice.problem}`,
    );
  } else if (!sameJson(once, twice.options)) {
    findings.against("options", "Options with the defaults filled in resolve to other options.");
  }
}

function judgeUnknownKeys(plugin: InspectedPlugin, sample: JsonObject, findings: Findings): void {
  if (resolve(plugin, { ...sample, [UNKNOWN]: 1 }).problem !== undefined) return;
  findings.against("options", "An unknown key is accepted: set additionalProperties to false.");
}

/** ajv checks a default only when it is used; a wrong one would fail in somebody's manifest. */
function judgeDefaults({ optionsSchema }: InspectedPlugin, findings: Findings): void {
  const { properties, $defs } = optionsSchema as {
    readonly properties?: object;
    readonly $defs?: object;
  };
  for (const [name, schema] of Object.entries(properties ?? {}) as [
    string,
    { default?: unknown },
  ][]) {
    if (typeof schema !== "object" || !("default" in schema)) continue;
    const problem = validatorFor({ ...schema, ...($defs ? { $defs } : {}) })(schema.default);
    if (problem !== undefined)
      findings.against(
        "options",
        `The default of ${name} does not fit its own schema: ${problem}.`,
      );
  }
}
