import { readFile, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { canonicalJson, messageOf, sha256Hex } from "@harnessx/core";
import { digestSchema, type Digest } from "../digest/index.ts";
import { candidateSchema, type Candidate } from "../evolve/index.ts";
import { proposedOf, type JournalEvent } from "../journal/index.ts";
import { landscapeSchema, type Landscape } from "../plan/index.ts";
import { rolloutRecordSchema, type RolloutRecord } from "../rollout/index.ts";
import { checkArtefact, count, listOf, mapOf, number } from "../schema.ts";
import { verificationSchema, type VerificationReport } from "../verify/index.ts";
import type { GapRecord } from "./types.ts";

/** The part of `evolution.json` that the journal does not know. */
export interface RunSummary {
  readonly rollouts: number;
  readonly ms: number;
  readonly spent?: Readonly<
    Record<string, { readonly rollouts: number; readonly tokens: number; readonly costUsd: number }>
  >;
}

/** What lies on disk of one round, as far as it is whole. */
export interface RoundArtefacts {
  readonly rollouts?: readonly RolloutRecord[];
  readonly digest?: Digest;
  readonly landscape?: Landscape;
  readonly summary?: RunSummary;
  /** By id. */
  readonly candidates: ReadonlyMap<string, Candidate>;
  /** By package name. */
  readonly verification: ReadonlyMap<string, VerificationReport>;
}

const FOLDER = ".harnessx/evolution";
/** What is larger is not read: no stage writes such artefacts. */
const LARGEST = 64 * 1024 * 1024;

const summarySchema = {
  type: "object",
  required: ["v", "rollouts", "ms"],
  properties: {
    v: { const: 1 },
    rollouts: count,
    ms: number,
    spent: mapOf({
      type: "object",
      required: ["rollouts", "tokens", "costUsd"],
      properties: { rollouts: count, tokens: number, costUsd: number },
    }),
  },
};

/** Reads artefacts of a workspace; what is missing or broken becomes a gap instead of an error. */
export class ArtefactReader {
  readonly gaps: GapRecord[] = [];
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = resolve(dir);
  }

  /** Whether a file of the workspace's evolution is there. Names from outside lead nowhere else. */
  async has(path: string): Promise<boolean> {
    const full = this.within(path);
    return full !== undefined && (await stat(full).catch(() => undefined))?.isFile() === true;
  }

  /** The absolute path; undefined when it would leave the evolution's folder. */
  within(path: string): string | undefined {
    const root = join(this.#dir, FOLDER);
    const full = resolve(this.#dir, path);
    return full.startsWith(root + sep) && !full.includes("\0") ? full : undefined;
  }

  async round(round: number, events: readonly JournalEvent[]): Promise<RoundArtefacts> {
    const at = (name: string): string => `${FOLDER}/${round}/${name}`;
    const own = ofRound(events, round);
    const recorded = new Map(
      own.flatMap((event) => (event.t === "stage" ? [[event.stage, event.digest]] : [])),
    );
    const began = own.some(({ t }) => t === "stage" || t === "proposed");
    const rollouts = await this.#read<RolloutRecord[]>(
      at("rollouts.json"),
      listOf(rolloutRecordSchema),
      began,
    );
    const digest = await this.#read<Digest>(at("digest.json"), digestSchema, began);
    this.#compare(at("digest.json"), digest, recorded.get("digest"));
    const landscape = await this.#read<Landscape>(
      at("landscape.json"),
      landscapeSchema,
      recorded.has("plan"),
    );
    this.#compare(at("landscape.json"), landscape, recorded.get("plan"));
    const summary = await this.#read<RunSummary>(at("evolution.json"), summarySchema, false);
    const candidates = new Map<string, Candidate>();
    const verification = new Map<string, VerificationReport>();
    for (const event of own) {
      if (event.t !== "proposed") continue;
      const { id, packages } = event.candidate;
      const path = at(`candidates/${id}.json`);
      const candidate = await this.#read<Candidate>(path, candidateSchema, true);
      if (candidate && this.#isSame(path, candidate, event.candidate))
        candidates.set(id, candidate);
      const judged = own.some((other) => other.t === "verified" && other.candidate === id);
      for (const { name } of packages) {
        const file = at(`verification/${name}.json`);
        const report = await this.#read<VerificationReport>(file, verificationSchema, judged);
        if (report) verification.set(name, report);
      }
    }
    return {
      ...(rollouts ? { rollouts } : {}),
      ...(digest ? { digest } : {}),
      ...(landscape ? { landscape } : {}),
      ...(summary ? { summary } : {}),
      candidates,
      verification,
    };
  }

  async #read<Value>(path: string, schema: object, wanted: boolean): Promise<Value | undefined> {
    const full = this.within(path);
    if (full === undefined) {
      this.#gap(path, "its name leads out of the folder");
      return undefined;
    }
    const size = (await stat(full).catch(() => undefined))?.size;
    if (size === undefined) {
      if (wanted) this.#gap(path, "it is missing");
      return undefined;
    }
    if (size > LARGEST) {
      this.#gap(path, "it is too large to be read");
      return undefined;
    }
    try {
      return checkArtefact(path, schema, JSON.parse(await readFile(full, "utf8")) as Value);
    } catch (thrown) {
      this.#gap(path, messageOf(thrown));
      return undefined;
    }
  }

  /** Artefacts may be edited by hand; then they are no longer what the run went by. */
  #compare(path: string, value: unknown, recorded: string | undefined): void {
    if (
      value !== undefined &&
      recorded !== undefined &&
      sha256Hex(canonicalJson(value)) !== recorded
    )
      this.#gap(path, "it was changed since the journal recorded it");
  }

  #isSame(path: string, candidate: Candidate, recorded: object): boolean {
    // Through JSON once, as the journal did.
    const plain = JSON.parse(JSON.stringify(proposedOf(candidate))) as object;
    const same = canonicalJson(plain) === canonicalJson(recorded);
    if (!same) this.#gap(path, "it was changed since the journal recorded it");
    return same;
  }

  #gap(path: string, problem: string): void {
    this.gaps.push({ path, problem: problem.slice(0, 400) });
  }
}

/** The entries from the beginning of a round to that of the next, or of the next run. */
export function ofRound(events: readonly JournalEvent[], round: number): JournalEvent[] {
  const from = events.findIndex((event) => event.t === "round" && event.round === round);
  if (from === -1) return [];
  const rest = events.slice(from + 1);
  const length = rest.findIndex(({ t }) => t === "round" || t === "begin");
  return [events[from]!, ...(length === -1 ? rest : rest.slice(0, length))];
}

/** The trace files of a round's rollouts by the id of their run, relative to the workspace. */
export function tracesOf({ rollouts = [] }: RoundArtefacts): ReadonlyMap<string, string> {
  const entries = rollouts.flatMap(({ trace }) => {
    const id = trace === undefined ? undefined : /([^/\\]+)\.jsonl$/.exec(trace)?.[1];
    return id === undefined ? [] : ([[id, trace!.replaceAll("\\", "/")]] as const);
  });
  return new Map(entries);
}
