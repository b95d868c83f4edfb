import { canonicalJson, invert, limitDefaults, type Json, type ManifestEdit } from "@harnessx/core";
import type { Dimension, PluginMetadata } from "@harnessx/core/plugin";
import { usePath, type Candidate, type ChangeManifest } from "../evolve/index.ts";

/** What the engine cannot see in a candidate by itself. */
export interface ChangeContext {
  /** Metadata of a package that the candidate names and does not bring: by `use`, or by the id of an entry that is there already. */
  readonly metadataOf?: (useOrId: string) => PluginMetadata | undefined;
  /** Limits that this evolution may raise; none by default, as more budget is no better harness. */
  readonly mayRaise?: readonly string[];
}

/** Dimensions that judge, watch or train: an evolution that edits them edits its own measure. */
const FROZEN: ReadonlySet<Dimension> = new Set(["evaluation", "observability", "training"]);

/** Limits on what a run may spend. */
const BUDGET: ReadonlySet<string> = new Set([
  "maxSteps",
  "maxTokens",
  "maxCostUsd",
  "maxTimeMs",
  "modelTimeoutMs",
  "toolTimeoutMs",
  "hookTimeoutMs",
  "parallelTools",
  "maxModelRetries",
  "maxResultChars",
]);

/**
 * Compares what a candidate says of itself with what it does, in both directions: what is claimed
 * must be there, and what is there must be claimed. One line for each difference.
 *
 * `diff` is what really changes: `diff(parent, child)` of the two manifests, not the candidate's own
 * list. A changed limit is declared by a touch with the slot `limits` and its name as key, a slot of
 * the manifest by one with the slot `slots`.
 *
 * @example
 * ```ts
 * import { checkChangeManifest, type Candidate } from "@harnessx/aegis";
 * const silent = { edits: [], packages: [], parent: "p", manifest: { dims: [], bucket: "config", touches: [],
 *   signature: { component: "" }, rollback: { to: "p", undo: [] } } } as unknown as Candidate;
 * checkChangeManifest(silent, [{ op: "set", path: ["limits", "maxSteps"], from: 9, to: 90 }]).length; // 3
 * ```
 */
export function checkChangeManifest(
  candidate: Candidate,
  diff: readonly ManifestEdit[],
  context: ChangeContext = {},
): readonly string[] {
  const { manifest } = candidate;
  return [
    ...editFindings(candidate.edits, diff),
    ...packageFindings(candidate, diff),
    ...limitFindings(manifest, diff, context.mayRaise ?? []),
    ...componentFindings(candidate, diff, context),
    ...bucketFindings(candidate, diff),
    ...rollbackFindings(candidate),
  ];
}

/** By address, what an edit leaves there. */
function effects(edits: readonly ManifestEdit[]): Map<string, string> {
  const found = new Map<string, Json>();
  for (const edit of edits) {
    switch (edit.op) {
      case "insert":
        found.set(`#${edit.entry.id}`, edit.entry as unknown as Json);
        break;
      case "remove":
        found.set(`#${edit.entry.id}`, null);
        break;
      case "replace":
        if (edit.from.id !== edit.to.id) found.set(`#${edit.from.id}`, null);
        found.set(`#${edit.to.id}`, edit.to as unknown as Json);
        break;
      case "configure": {
        const entry = found.get(`#${edit.id}`);
        if (typeof entry === "object" && entry !== null)
          found.set(`#${edit.id}`, { ...(entry as object), options: edit.to ?? {} } as Json);
        else found.set(`#${edit.id} options`, edit.to ?? null);
        break;
      }
      case "set":
        found.set(`/${edit.path.join("/")}`, edit.to ?? null);
        break;
      case "reorder":
        found.set(`/${edit.section} order`, true);
    }
  }
  return new Map([...found].map(([address, value]) => [address, canonicalJson(value)]));
}

function editFindings(claimed: readonly ManifestEdit[], diff: readonly ManifestEdit[]): string[] {
  const [said, done] = [effects(claimed), effects(diff)];
  const findings: string[] = [];
  for (const [address, value] of done) {
    if (!said.has(address)) findings.push(`edits: ${address} changes and no edit says so`);
    else if (said.get(address) !== value)
      findings.push(`edits: ${address} becomes something else than its edit says`);
  }
  for (const address of said.keys())
    if (!done.has(address)) findings.push(`edits: ${address} is claimed to change and does not`);
  return findings;
}

const entriesIn = (diff: readonly ManifestEdit[]) =>
  diff.flatMap((edit) =>
    edit.op === "insert" ? [edit.entry] : edit.op === "replace" ? [edit.to] : [],
  );

/** A package that nothing uses, or one of the store that the candidate does not bring. */
function packageFindings({ packages }: Candidate, diff: readonly ManifestEdit[]): string[] {
  const brought = packages.map(usePath);
  const used = entriesIn(diff).flatMap((entry) => ("use" in entry ? [entry.use] : []));
  return [
    ...brought.filter((use) => !used.includes(use)).map((use) => `packages: no edit uses ${use}`),
    ...used
      .filter((use) => use.startsWith(".") && !brought.includes(use))
      .map((use) => `packages: ${use} is not part of the candidate`),
  ];
}

function limitFindings(
  { touches }: ChangeManifest,
  diff: readonly ManifestEdit[],
  mayRaise: readonly string[],
): string[] {
  const findings: string[] = [];
  const changed = new Set<string>();
  for (const edit of diff) {
    if (edit.op !== "set") continue;
    const [field, name] = edit.path;
    if (field !== "limits" && field !== "slots") {
      findings.push(`edits: ${field} is not an evolution's to change`);
      continue;
    }
    if (name === undefined) continue;
    changed.add(`${field}/${name}`);
    if (!touches.some(({ slot, key }) => slot === field && key === name))
      findings.push(`touches: ${field}/${name} changes undeclared`);
    if (field === "limits" && BUDGET.has(name) && !mayRaise.includes(name) && raises(name, edit))
      findings.push(`limits: it raises ${name}`);
  }
  for (const { slot, key } of touches)
    if ((slot === "limits" || slot === "slots") && !changed.has(`${slot}/${key}`))
      findings.push(`touches: ${slot}/${key} is declared and does not change`);
  return findings;
}

/** No limit at all is more than any. */
function raises(name: string, { from, to }: { readonly from?: Json; readonly to?: Json }): boolean {
  const usual = (limitDefaults as Readonly<Record<string, unknown>>)[name];
  const amount = (value: unknown): number =>
    typeof value === "number" ? value : typeof usual === "number" ? usual : Infinity;
  return amount(to) > amount(from);
}

/** Components of the diff, with what their packages say where that is known. */
function componentsIn(
  { packages }: Candidate,
  diff: readonly ManifestEdit[],
  { metadataOf }: ChangeContext,
): Map<string, PluginMetadata | undefined> {
  const brought = new Map(packages.map((one) => [usePath(one), metadataIn(one.files)]));
  const found = new Map<string, PluginMetadata | undefined>();
  for (const entry of entriesIn(diff)) {
    const use = "use" in entry ? entry.use : "";
    found.set(entry.id, brought.get(use) ?? metadataOf?.(use));
  }
  for (const edit of diff) {
    if (edit.op === "configure") found.set(edit.id, metadataOf?.(edit.id));
    if (edit.op === "remove") found.set(edit.entry.id, metadataOf?.(edit.entry.id));
  }
  return found;
}

function metadataIn(files: Readonly<Record<string, string>>): PluginMetadata | undefined {
  try {
    return (JSON.parse(files["package.json"] ?? "{}") as { harnessx?: PluginMetadata }).harnessx;
  } catch {
    return undefined;
  }
}

function componentFindings(
  candidate: Candidate,
  diff: readonly ManifestEdit[],
  context: ChangeContext,
): string[] {
  const { touches, signature, dims } = candidate.manifest;
  const components = componentsIn(candidate, diff, context);
  const findings: string[] = [];
  const claims = touches.filter(({ slot }) => slot !== "limits" && slot !== "slots");
  const claimed = new Set(claims.map(({ key }) => key));
  if (components.size > 0) claimed.add(signature.component);
  for (const id of components.keys())
    if (!claimed.has(id)) findings.push(`touches: ${id} changes undeclared`);
  for (const id of claimed)
    if (!components.has(id)) findings.push(`touches: ${id} is declared and does not change`);
  for (const [id, metadata] of components) {
    if (!metadata) continue;
    const said = claims.filter(({ key }) => key === id).map(({ hook }) => hook);
    const hooks: readonly string[] = metadata.hooks ?? [];
    for (const hook of hooks)
      if (!said.includes(hook)) findings.push(`hooks: ${id} taps ${hook} undeclared`);
    for (const hook of said)
      if (!hooks.includes(hook)) findings.push(`hooks: ${id} does not tap ${hook}`);
  }
  const known = [...components.values()];
  const real = new Set(known.map((one) => (one?.kind === "tools" ? "tools" : one?.dimension)));
  for (const dimension of dims)
    if (FROZEN.has(dimension)) findings.push(`dims: ${dimension} is frozen`);
  for (const dimension of real)
    if (dimension !== undefined && !dims.includes(dimension))
      findings.push(`dims: it edits ${dimension} undeclared`);
  // A raised limit is an edit of control, which the critic wants declared.
  const limits = diff.some(({ op }) => op === "set");
  // With a component that nobody can look into, more may be claimed than is seen.
  if (known.length > 0 && !known.includes(undefined))
    for (const dimension of dims)
      if (!real.has(dimension) && !(limits && dimension === "control"))
        findings.push(`dims: it does not edit ${dimension}`);
  return findings;
}

/** The bucket is read by the planner as what kind of thing was tried. */
function bucketFindings(
  { manifest: { bucket }, packages }: Candidate,
  diff: readonly ManifestEdit[],
): string[] {
  const fits = new Set<ChangeManifest["bucket"]>();
  const kinds = packages.map(({ files }) => metadataIn(files));
  const tools = diff.some((edit) => "section" in edit && edit.section === "tools");
  if (tools || kinds.some((one) => one?.kind === "tools")) fits.add("tools");
  else if (packages.length > 0) {
    fits.add("processor");
    if (kinds.every((one) => one?.dimension === "control")) fits.add("control-flow");
    if (kinds.every((one) => one?.hooks?.every((hook) => hook === "taskStart"))) fits.add("prompt");
  } else {
    fits.add("config");
    if (diff.some(({ op }) => op === "reorder" || op === "remove")) fits.add("control-flow");
    if (diff.every(({ op }) => op === "configure")) fits.add("prompt");
  }
  return fits.has(bucket) ? [] : [`bucket: it is ${[...fits].join(" or ")}, not ${bucket}`];
}

function rollbackFindings({ parent, edits, manifest: { rollback } }: Candidate): string[] {
  const findings: string[] = [];
  if (rollback.to !== parent)
    findings.push("rollback: it leads to another harness than the parent");
  const undo = invert(edits).map((edit) => canonicalJson(edit));
  if (canonicalJson([...rollback.undo]) !== canonicalJson(undo))
    findings.push("rollback: its edits do not undo the edits");
  return findings;
}
