import type { JournalEvent } from "../journal/index.ts";
import { MAIN } from "../variants/index.ts";
import type { ScoreRecord, VariantRecord, VersionRecord } from "./types.ts";

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Version = Mutable<VersionRecord> & { readonly scores: ScoreRecord[] };

/** Which versions there were, which stand, and against which each certification was made. */
export interface Lineage {
  readonly versions: readonly Version[];
  readonly variants: readonly VariantRecord[];
  /** By certification: the version that was the incumbent. */
  readonly incumbents: ReadonlyMap<string, VersionRecord>;
  /** By certification: the version that came of it. */
  readonly results: ReadonlyMap<string, VersionRecord>;
  /** By run: the version that stood when the sealed tasks were played. */
  readonly sealed: ReadonlyMap<number, VersionRecord>;
}

/** Folds a journal into its versions and variants. */
export function lineageOf(events: readonly JournalEvent[]): Lineage {
  const fold = new LineageFold();
  for (const event of events) fold.step(event);
  return fold;
}

class LineageFold implements Lineage {
  readonly versions: Version[] = [];
  readonly incumbents = new Map<string, VersionRecord>();
  readonly results = new Map<string, VersionRecord>();
  readonly sealed = new Map<number, VersionRecord>();
  readonly #variants = new Map<string, Mutable<VariantRecord>>();
  /** The version of each variant. */
  readonly #standing = new Map<string, Version>();

  get variants(): VariantRecord[] {
    return [...this.#variants.values()];
  }

  step(event: JournalEvent): void {
    switch (event.t) {
      case "begin":
        this.#stand(event.harness, event.seq);
        break;
      case "round":
        // Journals of before runs were recorded begin with a round.
        if (!this.#standing.has(MAIN)) this.#stand(event.harness, event.seq);
        break;
      case "certify": {
        const incumbent = this.#standing.get(event.variant ?? MAIN);
        if (incumbent) this.incumbents.set(event.id, incumbent);
        break;
      }
      case "ship": {
        const { version, verdict, why, seq } = event;
        const parents = this.#known(event.parents);
        this.#add({
          id: version,
          parents,
          variant: MAIN,
          scope: "all",
          how: "ship",
          verdict,
          why,
          seq,
        });
        break;
      }
      case "fork": {
        const { version, variant, parent, scope, verdict, why, seq } = event;
        const from = this.#standing.get(variant) ?? this.#standing.get(parent);
        const parents = from ? [from.id] : [];
        this.#add({ id: version, parents, variant, scope, how: "fork", verdict, why, seq }, parent);
        break;
      }
      case "merge":
        this.#leave(event.variant, "merged", `into ${event.into}: ${event.why}`);
        break;
      case "retire":
        this.#leave(event.variant, "retired", event.why);
        break;
      case "rollback":
        // An installation that was given up never became a version: it has no parents.
        if (event.parents.length > 0) this.#rollBack(event.version, event.seq, event.why);
        break;
      case "seal": {
        const main = this.#standing.get(MAIN);
        if (main) this.sealed.set(event.run, main);
        break;
      }
      default:
    }
  }

  #add(facts: Omit<VersionRecord, "label" | "state" | "scores">, parent?: string): Version {
    const version: Version = {
      ...facts,
      label: `v${this.versions.length}`,
      state: "current",
      scores: [],
    };
    const before = this.#standing.get(facts.variant);
    if (before) before.state = "replaced";
    this.versions.push(version);
    this.#standing.set(facts.variant, version);
    this.#variants.set(facts.variant, {
      ...this.#variants.get(facts.variant),
      id: facts.variant,
      version: facts.id,
      ...(parent === undefined || parent === facts.variant ? {} : { parent }),
      scope: facts.scope,
      state: "standing",
    });
    if (facts.verdict !== undefined) this.results.set(facts.verdict, version);
    return version;
  }

  /** Parents by the hashes that versions go by; the standing version where none of them is known. */
  #known(parents: readonly string[]): readonly string[] {
    const main = this.#standing.get(MAIN);
    const known = parents.some((parent) => this.versions.some(({ id }) => id === parent));
    return known || !main ? parents : [main.id];
  }

  /** `harness.json` is this harness: one that is known, or one that a person made of it. */
  #stand(id: string, seq: number): void {
    const main = this.#standing.get(MAIN);
    if (main?.id === id) return;
    const known = this.versions.findLast((one) => one.id === id && one.variant === MAIN);
    if (known) {
      if (main) main.state = "replaced";
      this.#again(known);
      return;
    }
    const why = main ? "harness.json was changed between two runs" : "the harness at the beginning";
    const parents = main ? [main.id] : [];
    this.#add({ id, parents, variant: MAIN, scope: "all", how: "start", why, seq });
  }

  #rollBack(id: string, seq: number, why: string): void {
    const target = this.versions.findLast((one) => one.id === id && one.variant === MAIN);
    for (const one of this.versions)
      if (one.variant === MAIN && (!target || one.seq > target.seq)) one.state = "rolled_back";
    if (target) this.#again(target);
    else {
      this.#standing.delete(MAIN);
      this.#add({ id, parents: [], variant: MAIN, scope: "all", how: "start", why, seq });
    }
  }

  #again(version: Version): void {
    version.state = "current";
    this.#standing.set(MAIN, version);
    const variant = this.#variants.get(MAIN);
    if (variant) variant.version = version.id;
  }

  #leave(id: string, state: "merged" | "retired", why: string): void {
    const version = this.#standing.get(id);
    if (version) version.state = state;
    this.#standing.delete(id);
    const variant = this.#variants.get(id);
    if (variant) Object.assign(variant, { state, why });
  }
}

/** A version's ancestors, itself first. */
export function ancestry(
  versions: readonly VersionRecord[],
  version: VersionRecord,
): VersionRecord[] {
  const line: VersionRecord[] = [];
  for (let at: VersionRecord | undefined = version; at;) {
    line.push(at);
    const { parents, seq }: VersionRecord = at;
    at = versions.findLast((one) => parents.includes(one.id) && one.seq < seq);
  }
  return line;
}
