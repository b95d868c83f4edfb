import { canonicalJson } from "@harnessx/core";
import type { Dimension, HookName, Json, JsonObject } from "@harnessx/core/plugin";
import type { Digest, Evidence } from "../digest/index.ts";
import type { Pathology } from "../plan/index.ts";
import { hasEntry, type Operator } from "./proposal.ts";
import { usePath } from "./templates/package.ts";
import { followUp } from "./templates/follow-up.ts";
import { navigationAdvice } from "./templates/navigation-advice.ts";
import { placeMemory } from "./templates/place-memory.ts";
import { prefetch } from "./templates/prefetch.ts";
import { progressAdvice } from "./templates/progress-advice.ts";
import { taskProcedures } from "./templates/task-procedures.ts";
import { usualPlaces } from "./templates/usual-places.ts";
import { fromCatalogue, insertAtEnd, oneStepMore } from "./structural-operators.ts";
import { replaceTool } from "./tool-operators.ts";
import type { EvolveContext, GeneratedPackage } from "./types.ts";

/** A template whose parameters come from the digest. */
interface Template {
  readonly id: string;
  readonly dimension: Dimension;
  readonly pathologies: readonly Pathology[];
  readonly mechanism: string;
  readonly hooks: readonly HookName[];
  readonly costRatio: number;
  /** Steps of a run that it takes for itself. */
  readonly steps?: number;
  make(
    digest: Digest,
    version: string,
  ): { readonly generated: GeneratedPackage; readonly evidence: readonly Evidence[] } | undefined;
}

const templates: readonly Template[] = [
  {
    id: "place-memory",
    dimension: "memory",
    pathologies: [
      "forgets_places",
      "repeat_without_progress",
      "budget_starvation",
      "hallucinated_reference",
    ],
    mechanism:
      "What each place held is listed before every model call, so the agent need not visit it again.",
    hooks: ["beforeModel", "afterTool"],
    costRatio: 1.3,
    make: ({ mined: { places }, noEffect }, version) =>
      places && { generated: placeMemory(places, noEffect, version), evidence: places.evidence },
  },
  {
    id: "follow-up",
    dimension: "control",
    pathologies: ["follow_up_missing", "premature_stop"],
    mechanism:
      "After a reply that hides what a place holds, the agent is told which call shows it.",
    hooks: ["taskStart", "beforeModel", "afterTool"],
    costRatio: 1.1,
    make: ({ mined: { places } }, version) => {
      if (!places || places.hidden.length === 0) return undefined;
      return { generated: followUp(places, version), evidence: places.evidence };
    },
  },
  {
    id: "navigation-advice",
    dimension: "control",
    pathologies: ["navigation_loop", "budget_starvation"],
    mechanism:
      "After too many moves from list to list the agent is told to decide, with the best of what it has seen and not looked into.",
    hooks: ["beforeModel", "afterTool"],
    costRatio: 1.1,
    make: ({ mined: { navigation } }, version) =>
      navigation && {
        generated: navigationAdvice(navigation, version),
        evidence: navigation.evidence,
      },
  },
  {
    id: "progress-advice",
    dimension: "control",
    pathologies: ["repeat_without_progress", "tool_effect_missing", "error_ignored", "burst_loop"],
    mechanism:
      "A call that was made too often with one answer, or that did nothing, is pointed out before the next one.",
    hooks: ["beforeModel", "afterTool"],
    costRatio: 1.05,
    make: ({ mined: { repetition }, noEffect }, version) =>
      repetition && {
        generated: progressAdvice(repetition, noEffect, version),
        evidence: repetition.evidence,
      },
  },
  {
    id: "task-procedures",
    dimension: "context",
    pathologies: [
      "procedure_incomplete",
      "tool_effect_missing",
      "premature_stop",
      "brittle_final_answer",
    ],
    mechanism:
      "The steps that passing runs of tasks with the same wording have in common are part of the system prompt.",
    hooks: ["taskStart"],
    costRatio: 1.1,
    make: ({ mined: { procedures } }, version) =>
      procedures.length === 0
        ? undefined
        : {
            generated: taskProcedures(procedures, version),
            evidence: procedures.flatMap(({ evidence }) => evidence),
          },
  },
  {
    id: "usual-places",
    dimension: "context",
    pathologies: ["order_of_search", "budget_starvation"],
    mechanism:
      "The kinds of places at which a kind of thing was seen most often are part of the system prompt.",
    hooks: ["taskStart"],
    costRatio: 1.1,
    make: ({ mined: { usual } }, version) =>
      usual && { generated: usualPlaces(usual, version), evidence: usual.evidence },
  },
  {
    id: "prefetch",
    dimension: "context",
    pathologies: ["hallucinated_reference", "error_ignored", "budget_starvation", "other"],
    mechanism:
      "What can be read without knowing anything is read before the agent acts, and shown in every request.",
    hooks: ["stepStart", "beforeModel", "afterTool"],
    costRatio: 1.4,
    steps: 1,
    make: ({ mined: { offered } }, version) =>
      offered && { generated: prefetch(offered, version), evidence: offered.evidence },
  },
];

const fromTemplate =
  (template: Template): Operator =>
  (direction, digest, context) => {
    if (
      template.dimension !== direction.dimension ||
      !template.pathologies.includes(direction.pathology)
    )
      return undefined;
    if (hasEntry(context, template.id)) return undefined;
    const made = template.make(digest, `0.1.${context.round}`);
    if (!made) return undefined;
    const { generated, evidence } = made;
    return {
      operator: `template:${template.id}`,
      dimension: template.dimension,
      pathology: direction.pathology,
      bucket: "processor",
      mechanism: template.mechanism,
      evidence,
      hooks: template.hooks,
      component: template.id,
      edits: [
        insertAtEnd(context, { id: template.id, use: usePath(generated) }),
        ...oneStepMore(context, template.steps ?? 0),
      ],
      packages: [generated],
      costRatio: template.costRatio,
    };
  };

/** Sets an installed template's options to what the present traces suggest, where that differs. */
const retuned =
  (template: Template): Operator =>
  (direction, digest, context) => {
    if (
      template.dimension !== direction.dimension ||
      !template.pathologies.includes(direction.pathology)
    )
      return undefined;
    const entry = context.manifest.processors?.find(({ id }) => id === template.id);
    const made = entry && template.make(digest, `0.1.${context.round}`);
    if (!entry || !made) return undefined;
    const to = defaultsOf(made.generated);
    const now = context.options[template.id];
    if (now === undefined || canonicalJson(to) === canonicalJson(now)) return undefined;
    return {
      operator: `configure:${template.id}`,
      dimension: template.dimension,
      pathology: direction.pathology,
      bucket: "config",
      mechanism: `${template.mechanism} Its parameters follow the traces of the present harness.`,
      evidence: made.evidence,
      hooks: template.hooks,
      component: template.id,
      edits: [
        {
          op: "configure",
          id: template.id,
          ...(entry.options === undefined ? {} : { from: entry.options }),
          to,
        },
      ],
      packages: [],
      costRatio: 1,
    };
  };

/** The defaults that the options schema of a generated package states. */
function defaultsOf({ files }: GeneratedPackage): JsonObject {
  const { properties } = JSON.parse(files["options.schema.json"] ?? "{}") as {
    readonly properties?: Readonly<Record<string, { readonly default?: Json }>>;
  };
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, schema]) => [name, schema.default]),
  );
}

/** All operators for a context: generated code first, because it is made for what the traces show. */
export function operatorsFor(context: EvolveContext): Operator[] {
  return [
    ...templates.map(fromTemplate),
    replaceTool,
    ...context.catalogue.map(fromCatalogue),
    ...templates.map(retuned),
  ];
}
