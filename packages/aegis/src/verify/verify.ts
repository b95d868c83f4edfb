import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectPlugin, messageOf, type InspectedPlugin } from "@harnessx/core";
import { episodes } from "@harnessx/core/testing";
import { packageDigest, type GeneratedPackage } from "../evolve/index.ts";
import { build, CONTRACT, type Built } from "./build.ts";
import { judgeCapabilities } from "./capabilities.ts";
import { typeErrors } from "./compiler.ts";
import { judgeConformance } from "./conformance.ts";
import { putIntoStore, writeFiles, type Files } from "./files.ts";
import { intake } from "./intake.ts";
import { contentDigest, knownBad } from "./known-bad.ts";
import { scanPackage } from "./leak-scan.ts";
import { checkMetadata, checkSchema } from "./metadata.ts";
import { judgeMetamorphic } from "./metamorphic.ts";
import { judgeMutants, mutantsOf } from "./mutants.ts";
import { policyDigest, type VerifyOptions } from "./options.ts";
import { judged, late, notApplicable, type Outcome } from "./outcome.ts";
import { judgeOwnTests } from "./own-tests.ts";
import { judgeReplay, playAll, readRecordings, type Recording, type Replayed } from "./replay.ts";
import type { CheckResult, VerificationCheck, VerificationReport } from "./report.ts";
import { endedBy, isUnavailable, openSandbox, warmUp } from "./sandbox.ts";
import { outputPolicy, sourcePolicy } from "./source-policy.ts";
import { forProcessors, sampleOptions, type Subject } from "./subject.ts";
import { openTestBench, type TestBench, type Variant } from "./test-bench.ts";
import { toolchain } from "./toolchain.ts";
import { Notes } from "./watch.ts";

/** A report, and where the verified package lies in the plugin store. */
export interface Verified {
  readonly report: VerificationReport;
  readonly folder?: string;
}

/**
 * Verifies a generated package, cheapest check first; the first refusal ends it.
 *
 * Never throws for a bad package, and none of a package's code ever runs outside the sandbox.
 * Running out of fuel refuses; running out of time gives no verdict (`retry`). Throws
 * HX_ISOLATION_UNAVAILABLE when the sandbox does not hold on this machine.
 *
 * The bytes that pass are the bytes that are measured and shipped: the package is put into the
 * content-addressed store of the workspace, read-only.
 */
export const verifyPackage = (
  generated: GeneratedPackage,
  options: VerifyOptions = {},
): Promise<Verified> => verifyWithout([], generated, options);

/** The same with checks left out: what tests show that each of them stands for. */
export async function verifyWithout(
  skipped: readonly VerificationCheck[],
  generated: GeneratedPackage,
  options: VerifyOptions = {},
): Promise<Verified> {
  const staging = await realpath(await mkdtemp(join(tmpdir(), "harnessx-verify-")));
  const sequence = new Sequence(skipped, generated, options, staging);
  try {
    warmUp();
    const passed = await sequence.run();
    const report: VerificationReport = {
      v: 1,
      package: String(generated.name),
      version: String(generated.version),
      digest: packageDigest(sequence.files),
      content: await contentDigest(sequence.files),
      policy: policyDigest(options),
      toolchain: toolchain(),
      seed: options.seed ?? 1,
      ok: passed,
      retry: sequence.late,
      checks: sequence.checks,
    };
    if (!passed || options.dir === undefined) return { report };
    return { report, folder: await putIntoStore(options.dir, generated, sequence.dist) };
  } finally {
    await sequence.end();
    await rm(staging, { recursive: true, force: true });
  }
}

const BUDGET_MS = 120_000;
/** Recorded runs that are played a second time with everything renamed. */
const VARIED = 2;
/** What stands in for recorded runs where there are none. */
const BUILT_IN = new Set(["tools", "repetition", "parts", "odd names"]);

/** One verification on its way. */
class Sequence {
  readonly checks: CheckResult[] = [];
  readonly files: Files;
  late = false;
  readonly #skipped: ReadonlySet<VerificationCheck>;
  readonly #generated: GeneratedPackage;
  readonly #options: VerifyOptions;
  readonly #staging: string;
  readonly #until: number;
  readonly #kitNotes = new Notes();
  #inspected: InspectedPlugin | undefined;
  #built: Built = { dist: {}, test: {} };
  #opened: Subject | undefined;
  #mutants: readonly Variant[] | undefined;
  #bench: Promise<TestBench> | undefined;
  #recordings: readonly Recording[] = [];
  #played: readonly Replayed[] = [];

  constructor(
    skipped: readonly VerificationCheck[],
    generated: GeneratedPackage,
    options: VerifyOptions,
    staging: string,
  ) {
    this.#skipped = new Set(skipped);
    this.#generated = generated;
    this.#options = options;
    this.#staging = staging;
    this.#until = performance.now() + (options.budgetMs ?? BUDGET_MS);
    // Whatever else a hostile object holds, only texts are looked at.
    this.files = Object.fromEntries(
      Object.entries(generated.files).filter(([, text]) => typeof text === "string"),
    );
  }

  get dist(): Files {
    return this.#built.dist;
  }

  /** Whether all checks passed. */
  async run(): Promise<boolean> {
    const { files } = this;
    const { refuted = [], heldOut, seed = 1, allow = {} } = this.#options;
    return (
      (await this.#check("intake", () => judged(intake(this.#generated), this.#sizes()))) &&
      (await this.#check("known-bad", async () =>
        judged(await knownBad(files, refuted), { known: refuted.length }),
      )) &&
      (await this.#check("metadata", () => this.#metadata())) &&
      (await this.#check("source-policy", async () => judged(await sourcePolicy(files)))) &&
      (await this.#check("leaks", async () => {
        const { findings, fragments } = await scanPackage(heldOut, files);
        const { size: hashes = 0, skipped: untold = 0 } = heldOut ?? {};
        return judged(findings, { fragments, hashes, untold });
      })) &&
      (await this.#check("types", async () => judged(await typeErrors(files)))) &&
      (await this.#check("build", () => this.#build())) &&
      (await this.#check("load", () => this.#load())) &&
      (await this.#check("conformance", () =>
        judgeConformance(
          this.#subject,
          this.#staging,
          files,
          this.dist,
          this.#kitNotes,
          this.#options.options,
        ),
      )) &&
      (await this.#check("metamorphic", () => this.#metamorphic())) &&
      (await this.#check("own-tests", async () => judgeOwnTests(await this.#tests()))) &&
      (await this.#check("replay", () => this.#replay())) &&
      (await this.#check("answers", () => this.#answers(allow.answers === true))) &&
      (await this.#check("capabilities", () =>
        judgeCapabilities(this.#subject, this.#notes, files),
      )) &&
      (await this.#check("mutants", async () => {
        const bench = await this.#tests();
        return judgeMutants(bench, (this.#mutants ??= await mutantsOf(files, seed)));
      }))
    );
  }

  /** Closes every sandbox, also those of a verification that ended early. */
  async end(): Promise<void> {
    await this.#opened?.isolated.dispose();
    const bench = await this.#bench?.catch(() => undefined);
    await bench?.dispose();
  }

  async #check(
    check: VerificationCheck,
    judge: () => Outcome | Promise<Outcome>,
  ): Promise<boolean> {
    const began = performance.now();
    let outcome: Outcome;
    try {
      outcome = began > this.#until ? late("the time for it was over before") : await judge();
    } catch (thrown) {
      if (isUnavailable(thrown)) throw thrown;
      outcome = endedBy(thrown) === "time" ? late(messageOf(thrown)) : judged([messageOf(thrown)]);
    }
    if (this.#skipped.has(check)) return true;
    const { status, counts, findings } = outcome;
    const ok = status === "pass" || status === "not_applicable";
    const result: CheckResult = { check, status, ok, counts, findings };
    this.checks.push(result);
    this.#options.onCheck?.(result, performance.now() - began);
    this.late ||= outcome.late === true;
    return ok;
  }

  #sizes(): Readonly<Record<string, number>> {
    const bytes = Object.values(this.files).reduce((sum, text) => sum + text.length, 0);
    return { files: Object.keys(this.files).length, characters: bytes };
  }

  async #metadata(): Promise<Outcome> {
    const findings = checkSchema(this.files["options.schema.json"]);
    if (findings.length > 0) return judged(findings);
    await writeFiles(this.#staging, this.files);
    this.#inspected = await inspectPlugin(this.#staging);
    return judged(checkMetadata(this.#inspected, this.#options.allow ?? {}), {
      hooks: this.#inspected.metadata.hooks?.length ?? 0,
    });
  }

  async #build(): Promise<Outcome> {
    this.#built = await build(this.files);
    const { "dist/contract.js": contract, ...own } = this.dist;
    const findings = await outputPolicy(own);
    if (contract !== CONTRACT) findings.push("dist/contract.js is not the contract");
    await writeFiles(this.#staging, this.dist);
    return judged(findings, { files: Object.keys(own).length });
  }

  async #load(): Promise<Outcome> {
    if (!this.#inspected) throw new Error("its metadata cannot be read");
    const { name } = this.#generated;
    // Its threads start while the other checks run; nothing of it runs before a test is asked for.
    this.#bench = this.#openBench();
    this.#bench.catch(() => undefined);
    const isolated = await openSandbox(name, this.#staging);
    const options = sampleOptions(this.#inspected, this.#options.options);
    this.#opened = { name, inspected: this.#inspected, isolated, options };
    return judged([], { modules: Object.keys(this.dist).length });
  }

  async #openBench(): Promise<TestBench> {
    this.#mutants = await mutantsOf(this.files, this.#options.seed ?? 1);
    return openTestBench(this.#staging, this.#built, this.#mutants);
  }

  #tests(): Promise<TestBench> {
    if (!this.#bench) throw new Error("it was not loaded");
    return this.#bench;
  }

  get #subject(): Subject {
    if (!this.#opened) throw new Error("it was not loaded");
    return this.#opened;
  }

  get #notes(): Notes[] {
    return [this.#kitNotes, ...this.#played.map(({ notes }) => notes)];
  }

  async #metamorphic(): Promise<Outcome> {
    return forProcessors(this.#subject, async (setup) => {
      this.#recordings = await readRecordings(this.#options.traces ?? []);
      this.#played = await playAll(this.#subject, setup, this.#recordings);
      if (this.#played.length > 0)
        return judgeMetamorphic(this.#subject, setup, this.#played.slice(0, VARIED));
      const standIns = episodes
        .filter(({ name }) => BUILT_IN.has(name))
        .map((episode) => ({ episode, names: { task: "5f0c2a9e41d7b836", run: "run-7d41c09b" } }));
      return judgeMetamorphic(this.#subject, setup, await playAll(this.#subject, setup, standIns));
    });
  }

  async #replay(): Promise<Outcome> {
    const given = this.#options.traces?.length ?? 0;
    return forProcessors(this.#subject, () =>
      Promise.resolve(judgeReplay(this.#subject, this.#played, given)),
    );
  }

  #answers(allowed: boolean): Promise<Outcome> {
    return forProcessors(this.#subject, () => {
      if (allowed) return Promise.resolve(notApplicable);
      const problems = new Set(this.#notes.flatMap(({ answers }) => [...answers]));
      const events = this.#notes.reduce((sum, { events: count }) => sum + count, 0);
      return Promise.resolve(judged([...problems], { events }));
    });
  }
}
