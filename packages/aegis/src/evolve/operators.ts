import { canonicalJson } from "@harnessx/core";
import type { ManifestEdit, ProcessorEntry } from "@harnessx/core";
import type { Dimension, HookName, Json, JsonObject } from "@harnessx/core/plugin";
import type { Digest, Evidence } from "../digest/index.ts";
import type { Direction, Pathology } from "../plan/index.ts";
import { usePath } from "./templates/package.ts";
import { followUp } from "./templates/follow-up.ts";
import { placeMemory } from "./templates/place-memory.ts";
import { progressAdvice } from "./templates/progress-advice.ts";
import { taskProcedures } from "./templates/task-procedures.ts";
import { usualPlaces } from "./templates/usual-places.ts";
import type { CatalogueEntry, ChangeManifest, EvolveContext, GeneratedPackage } from "./types.ts";

/** What an operator proposes; `evolve` makes a candidate of it. */
export interface Proposal {
  readonly operator: string;
  readonly dimension: Dimension;
  readonly pathology: Pathology;
  readonly bucket: ChangeManifest["bucket"];
  readonly mechanism: string;
  readonly evidence: readonly Evidence[];
  readonly hooks: readonly HookName[];
  /** Id of the entry whose activity the gain is attributed to. */
  readonly component: string;
  readonly edits: readonly ManifestEdit[];
  readonly packages: readonly GeneratedPackage[];
  readonly costRatio: number;
}

/** A way to answer a direction; undefined when it does not apply. */
export type Operator = (
  direction: Direction,
  digest: Digest,
  context: EvolveContext,
) => Proposal | undefined;

/** A template whose parameters come from the digest. */
interface Template {
  readonly id: string;
  readonly dimension: Dimension;
  readonly pathologies: readonly Pathology[];
  readonly mechanism: string;
  readonly hooks: readonly HookName[];
  readonly costRatio: number;
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
      edits: [insertAtEnd(context, { id: template.id, use: usePath(generated) })],
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

const fromCatalogue =
  (entry: CatalogueEntry): Operator =>
  (direction, digest, context) => {
    if (entry.dimension !== direction.dimension || !entry.pathologies.includes(direction.pathology))
      return undefined;
    if ((context.manifest.processors ?? []).some(({ use }) => use === entry.package))
      return undefined;
    const id = entry.package.replace(/^.*\/(?:processor-)?/, "");
    if (hasEntry(context, id)) return undefined;
    const category =
      digest.categories.find((one) => one.category === direction.pathology) ?? digest.categories[0];
    return {
      operator: `insert:${entry.package}`,
      dimension: entry.dimension,
      pathology: direction.pathology,
      bucket: "config",
      mechanism: `The catalogue lists ${entry.package} as an answer to ${direction.pathology}.`,
      evidence: category?.evidence ?? [],
      hooks: [],
      component: id,
      edits: [
        insertAtEnd(context, {
          id,
          use: entry.package,
          ...(entry.defaultOptions === undefined ? {} : { options: entry.defaultOptions }),
        }),
      ],
      packages: [],
      costRatio: 1.2,
    };
  };

/** All operators for a context: generated code first, because it is made for what the traces show. */
export function operatorsFor(context: EvolveContext): Operator[] {
  return [
    ...templates.map(fromTemplate),
    ...context.catalogue.map(fromCatalogue),
    ...templates.map(retuned),
  ];
}

const hasEntry = ({ manifest }: EvolveContext, id: string): boolean =>
  [...(manifest.processors ?? []), ...(manifest.tools ?? [])].some((entry) => entry.id === id);

function insertAtEnd({ manifest }: EvolveContext, entry: ProcessorEntry): ManifestEdit {
  const last = manifest.processors?.at(-1)?.id ?? null;
  return { op: "insert", section: "processors", after: last, entry };
}
