import { readdir, readFile } from "node:fs/promises";
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import {
  HarnessXError,
  loadHarness,
  messageOf,
  parseLock,
  parseManifest,
  sha256Hex,
} from "@harnessx/core";
import type { LoadedHarness, Lock, Manifest, OpenPlugin } from "@harnessx/core";
import { aegisError } from "../errors.ts";
import type { GenerationContent } from "../journal/index.ts";
import { count, record, text } from "../schema.ts";
import { writeFolderDurably } from "./durable.ts";
import { seal, statementKind, unseal } from "./envelope.ts";
import type { GateKey } from "./keys.ts";
import { GENERATIONS } from "./paths.ts";

/** A generation on disk, by its name alone. */
export interface Generation {
  readonly generation: number;
  /** First digits of the hash of its harness. */
  readonly hash12: string;
  /** Relative to the workspace. */
  readonly path: string;
}

/** A generation that was read. */
export interface ReadGeneration extends Generation {
  readonly manifest: Manifest;
  readonly lock: Lock;
  /** Of its harness, as far as its signature tells. */
  readonly version?: string;
}

interface GenerationClaim {
  readonly generation: number;
  readonly version: string;
}

const MANIFEST = "harness.json";
const LOCK = "harness.lock.json";
const SIGNATURE = "signature.json";

const generationKind = statementKind<GenerationClaim>(
  "urn:harnessx:generation:1",
  record({ generation: count, version: text }),
);

const shortOf = (hash: string): string => hash.replace(/^sha256-/, "").slice(0, 12);

/** The generations of a workspace, oldest first. */
export async function listGenerations(dir: string): Promise<Generation[]> {
  const names = await readdir(join(dir, GENERATIONS)).catch(() => []);
  return names
    .flatMap((name): Generation[] => {
      const [, number, hash12] = /^(\d{1,9})-([0-9a-f]{12})$/.exec(name) ?? [];
      if (number === undefined || hash12 === undefined) return [];
      return [{ generation: Number(number), hash12, path: `${GENERATIONS}/${name}` }];
    })
    .toSorted((a, b) => a.generation - b.generation);
}

/** Writes a generation, signed; one that is there already stays. */
export async function writeGeneration(
  dir: string,
  { generation, version, manifest, lock }: GenerationContent,
  key: GateKey,
): Promise<void> {
  const present = await listGenerations(dir);
  if (present.some((one) => one.generation === generation && one.hash12 === shortOf(version)))
    return;
  const subjects = { [MANIFEST]: sha256Hex(manifest), [LOCK]: sha256Hex(lock) };
  await writeFolderDurably(join(dir, GENERATIONS, `${generation}-${shortOf(version)}`), {
    [MANIFEST]: manifest,
    [LOCK]: lock,
    [SIGNATURE]: seal(generationKind, subjects, { generation, version }, key),
  });
}

/**
 * Reads a generation. With keys its signature must hold for every byte of it; without, only its form
 * is looked at. Throws HX_AEGIS_GENERATION_CORRUPT, HX_AEGIS_KEY_UNKNOWN.
 */
export async function readGeneration(
  dir: string,
  found: Generation,
  trusted?: ReadonlyMap<string, KeyObject>,
): Promise<ReadGeneration> {
  const { path, generation, hash12 } = found;
  try {
    const file = (name: string) => readFile(join(dir, path, name), "utf8");
    const texts = { [MANIFEST]: await file(MANIFEST), [LOCK]: await file(LOCK) };
    const content = {
      ...found,
      manifest: parseManifest(JSON.parse(texts[MANIFEST]!)),
      lock: parseLock(JSON.parse(texts[LOCK]!)),
    };
    if (!trusted) return content;
    const sealed = unseal(generationKind, await file(SIGNATURE), trusted);
    if (!sealed.ok && sealed.because === "unknown-key")
      throw aegisError("HX_AEGIS_KEY_UNKNOWN", { what: path, problem: sealed.problem });
    if (!sealed.ok) throw new Error(sealed.problem);
    const { subject, predicate } = sealed.statement;
    for (const [name, own] of Object.entries(texts))
      if (subject.find((one) => one.name === name)?.digest.sha256 !== sha256Hex(own))
        throw new Error(`${name} was changed after it was signed`);
    if (predicate.generation !== generation || shortOf(predicate.version) !== hash12)
      throw new Error("it was signed under another name");
    return { ...content, version: predicate.version };
  } catch (thrown) {
    if (HarnessXError.isInstance(thrown) && thrown.code === "HX_AEGIS_KEY_UNKNOWN") throw thrown;
    throw aegisError(
      "HX_AEGIS_GENERATION_CORRUPT",
      { generation: path, problem: messageOf(thrown) },
      thrown,
    );
  }
}

/**
 * Loads the harness of an earlier installation, with exactly the given hash, whatever `harness.json`
 * holds by now. `open` opens generated packages in place of an import.
 *
 * Throws HX_AEGIS_GENERATION_MISSING when there is none, HX_AEGIS_GENERATION_CORRUPT when what is
 * there does not come to that hash, for example because a package was changed.
 */
export async function loadGeneration(
  dir: string,
  hash: string,
  open?: OpenPlugin,
): Promise<LoadedHarness> {
  const short = shortOf(hash);
  const named = (await listGenerations(dir)).filter(({ hash12 }) => hash12 === short);
  const newest = named.at(-1);
  if (!newest) throw aegisError("HX_AEGIS_GENERATION_MISSING", { dir, version: hash });
  const { manifest, lock } = await readGeneration(dir, newest);
  const corrupt = (problem: string, cause?: unknown) =>
    aegisError("HX_AEGIS_GENERATION_CORRUPT", { generation: newest.path, problem }, cause);
  const harness = await loadHarness(manifest, { root: dir, lock, ...(open ? { open } : {}) }).catch(
    (thrown: unknown) => {
      throw corrupt(messageOf(thrown), thrown);
    },
  );
  if (harness.hash !== hash) throw corrupt(`it comes to ${harness.hash}, not ${hash}`);
  return harness;
}
