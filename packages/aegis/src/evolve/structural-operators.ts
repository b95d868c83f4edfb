import { canonicalJson } from "@harnessx/core";
import type { Limits, ManifestEdit, ProcessorEntry } from "@harnessx/core";
import type { Dimension, JsonObject } from "@harnessx/core/plugin";
import type { Digest, Evidence } from "../digest/index.ts";
import type { Direction, Pathology } from "../plan/index.ts";
import { hasEntry, type Operator, type Proposal } from "./proposal.ts";
import type { CatalogueEntry, EvolveContext } from "./types.ts";

/** What judges, records or trains stays as it is. */
const FROZEN: ReadonlySet<Dimension> = new Set(["evaluation", "observability", "training"]);

/* What the catalogue lists ------------------------------------------------------------------- */

/** Inserts, replaces or tunes as a catalogue entry says, with the limits that it needs. */
export const fromCatalogue =
  (entry: CatalogueEntry): Operator =>
  (direction, digest, context) => {
    if (entry.dimension !== direction.dimension || !entry.pathologies.includes(direction.pathology))
      return undefined;
    const placed = place(entry, context);
    if (!placed) return undefined;
    const limits = limitEdits(context, entry.limits);
    const name = entry.id === undefined ? entry.package : `${entry.package}#${entry.id}`;
    return {
      operator: `${entry.dimension === "model" ? "route" : placed.verb}:${name}`,
      dimension: entry.dimension,
      pathology: direction.pathology,
      bucket: "config",
      mechanism: `The catalogue lists ${name} as an answer to ${direction.pathology}.`,
      evidence: evidenceFor(direction, digest),
      hooks: entry.hooks ?? context.facts?.[placed.id]?.hooks ?? [],
      component: placed.id,
      edits: [placed.edit, ...limits],
      packages: [],
      costRatio: entry.costRatio ?? (limits.length > 0 ? 1.5 : 1.2),
    };
  };

/** Where a catalogue entry goes; undefined when it is there already or has no place. */
interface Place {
  readonly verb: "insert" | "replace" | "tune";
  /** Of the manifest entry. */
  readonly id: string;
  readonly edit: ManifestEdit;
}

function place(entry: CatalogueEntry, context: EvolveContext): Place | undefined {
  const present = presentEntry(entry, context);
  const { mode = "insert" } = entry;
  if (mode === "tune") return present && tuned(entry, present, context);
  if (mode === "replace" && present) return replaced(entry, present, context);
  const id = entry.id ?? entry.package.replace(/^.*\/(?:processor-)?/, "");
  if (present || hasEntry(context, id)) return undefined;
  return {
    verb: "insert",
    id,
    edit: insertAtEnd(context, { id, use: entry.package, ...optionsOf(entry.defaultOptions) }),
  };
}

/** The entry of the same package, or the one that does the same job. */
function presentEntry(
  { package: name, group }: CatalogueEntry,
  { manifest, facts = {} }: EvolveContext,
): ProcessorEntry | undefined {
  const { processors = [] } = manifest;
  return (
    processors.find(({ use }) => use === name) ??
    processors.find(({ id }) => group !== undefined && facts[id]?.group === group)
  );
}

function tuned(
  { defaultOptions = {} }: CatalogueEntry,
  { id, options }: ProcessorEntry,
  context: EvolveContext,
): Place | undefined {
  const to: JsonObject = { ...options, ...defaultOptions };
  const now: JsonObject = { ...options, ...context.options[id] };
  if (canonicalJson({ ...now, ...defaultOptions }) === canonicalJson(now)) return undefined;
  return { verb: "tune", id, edit: configure(id, options, to) };
}

const configure = (
  id: string,
  from: JsonObject | undefined,
  to: JsonObject | undefined,
): ManifestEdit => ({
  op: "configure",
  id,
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

function replaced(
  { package: use, defaultOptions }: CatalogueEntry,
  from: ProcessorEntry,
  { facts = {} }: EvolveContext,
): Place | undefined {
  const same = canonicalJson(from.options ?? {}) === canonicalJson(defaultOptions ?? {});
  if (from.use === use && same) return undefined;
  if (isFrozen(facts[from.id]?.dimension)) return undefined;
  const { id, options } = from;
  if (from.use === use)
    return { verb: "replace", id, edit: configure(id, options, defaultOptions) };
  // Its place in the order was chosen for the package that was there.
  const to: ProcessorEntry = { id, use, ...optionsOf(defaultOptions) };
  return { verb: "replace", id, edit: { op: "replace", section: "processors", from, to } };
}

const optionsOf = (options: JsonObject | undefined) => (options === undefined ? {} : { options });

/* Limits ------------------------------------------------------------------------------------ */

/** Raises limits that stand below; what the manifest leaves open stays open, and none is lowered. */
export function limitEdits({ manifest }: EvolveContext, limits: Limits = {}): ManifestEdit[] {
  return Object.entries(limits).flatMap(([name, to]): ManifestEdit[] => {
    const from = manifest.limits?.[name as keyof Limits];
    if (from === undefined || typeof to !== "number" || from >= to) return [];
    return [{ op: "set", path: ["limits", name], from, to }];
  });
}

/** One step more than there are, for a component that takes one. */
export function oneStepMore(context: EvolveContext, steps: number): ManifestEdit[] {
  const { maxSteps } = context.manifest.limits ?? {};
  return maxSteps === undefined ? [] : limitEdits(context, { maxSteps: maxSteps + steps });
}

/* What is there already --------------------------------------------------------------------- */

/**
 * Edits of the entries that a harness has, without any new one: what never acts comes out, what speaks to
 * the model speaks last, each one comes out on trial. Only of entries whose dimension is known.
 */
export function simplifications({ manifest, facts = {} }: EvolveContext): Operator[] {
  const entries = (manifest.processors ?? []).filter(({ id }) => {
    const dimension = facts[id]?.dimension;
    return dimension !== undefined && !isFrozen(dimension);
  });
  return [
    ...entries.map((entry) => removal(entry, "idle")),
    ...entries.map(lastWord),
    ...entries.map((entry) => removal(entry, "any")),
  ];
}

const isFrozen = (dimension: Dimension | undefined): boolean =>
  dimension !== undefined && FROZEN.has(dimension);

const removal =
  (entry: ProcessorEntry, which: "idle" | "any"): Operator =>
  (direction, digest, context) => {
    const { id } = entry;
    const { processors = [] } = context.manifest;
    const seen = digest.processors[id];
    const isIdle = seen !== undefined && seen.ran > 0 && seen.acted === 0;
    if (which === "idle" && !isIdle) return undefined;
    const after = processors[processors.indexOf(entry) - 1]?.id ?? null;
    return ofEntry(entry, direction, digest, context, {
      operator: `remove:${id}`,
      mechanism: isIdle
        ? `${id} ran ${seen.ran} times and never changed anything.`
        : `Without ${id}, to see whether it is worth what it costs.`,
      edits: [{ op: "remove", section: "processors", after, entry }],
      intent: "simplify",
      hooks: context.facts?.[id]?.hooks ?? [],
      costRatio: 1,
    });
  };

/** Kinds of edits by which a processor speaks to the model. */
const WORDS = ["appendSystem", "system", "appendUser", "lastUser"];

const lastWord =
  (entry: ProcessorEntry): Operator =>
  (direction, digest, context) => {
    const from = (context.manifest.processors ?? []).map(({ id }) => id);
    const speaks = (id: string): boolean =>
      WORDS.some((op) => (digest.processors[id]?.changes?.[op] ?? 0) > 0);
    const later = from.slice(from.indexOf(entry.id) + 1);
    if (!speaks(entry.id) || !later.some(speaks)) return undefined;
    return ofEntry(entry, direction, digest, context, {
      operator: `reorder:${entry.id}:last`,
      mechanism: `What a model reads last weighs most: ${entry.id} speaks after the others.`,
      hooks: [],
      edits: [
        {
          op: "reorder",
          section: "processors",
          from,
          to: [...from.filter((id) => id !== entry.id), entry.id],
        },
      ],
      costRatio: 1,
    });
  };

function ofEntry(
  { id }: ProcessorEntry,
  direction: Direction,
  digest: Digest,
  { facts = {} }: EvolveContext,
  parts: Pick<Proposal, "operator" | "mechanism" | "edits" | "costRatio" | "intent" | "hooks">,
): Proposal | undefined {
  if (facts[id]?.dimension !== direction.dimension) return undefined;
  return {
    dimension: direction.dimension,
    pathology: direction.pathology,
    bucket: "config",
    evidence: evidenceFor(direction, digest),
    component: id,
    packages: [],
    ...parts,
  };
}

/** What shows the failures that a direction is about. */
function evidenceFor(
  { pathology }: { readonly pathology: Pathology },
  { categories }: Digest,
): readonly Evidence[] {
  return (
    (categories.find(({ category }) => category === pathology) ?? categories[0])?.evidence ?? []
  );
}

/** Adds a processor after all others. */
export function insertAtEnd({ manifest }: EvolveContext, entry: ProcessorEntry): ManifestEdit {
  const last = manifest.processors?.at(-1)?.id ?? null;
  return { op: "insert", section: "processors", after: last, entry };
}
