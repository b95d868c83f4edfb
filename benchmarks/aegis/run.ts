/**
 * Evolves bare harnesses on the suites, several seeds each, and measures them on sealed tasks.
 *
 *   npm run bench:aegis [-- --suites household,wiki --seeds 1,2,3 --out results.json]
 *
 * Each run is the command line's own `hx evolve … --json` in a new folder.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { EvolutionReport } from "@harnessx/aegis";

interface Setting {
  readonly suite: string;
  /** Name of a model, or the content of a models file. */
  readonly model: string | object;
  readonly rounds: number;
  readonly more?: readonly string[];
  /** Of the harness at the beginning; bare when absent. */
  readonly manifest?: object;
  /** Folder below the data folder without which it cannot run. */
  readonly data?: string;
}

const root = process.cwd();
const data = resolve(process.env["HARNESSX_DATA"] ?? "../shared/data");

const settings: Readonly<Record<string, Setting>> = {
  alfworld: { suite: "alfworld", model: "tiny-policy", rounds: 1, data: "alfworld" },
  household: { suite: "household", model: "tiny-policy", rounds: 1 },
  wiki: {
    suite: "wiki",
    model: "wiki-policy",
    rounds: 2,
    more: ["--allow-net", "127.0.0.1"],
  },
  shop: { suite: "shop", model: "shop-policy", rounds: 2 },
  intercode: {
    suite: "intercode-sql",
    model: {
      roles: {
        main: {
          use: "@harnessx/adapter-intercode-recorded",
          options: { data: join(data, "intercode-sql") },
        },
      },
    },
    rounds: 2,
    more: ["--set", `data=${join(data, "intercode-sql")}`],
    manifest: {
      limits: { maxSteps: 1 },
      processors: [
        {
          id: "prompt",
          use: "@harnessx/processor-system-prompt",
          options: { text: "Answer with SQL. You have one turn." },
        },
      ],
    },
    data: "intercode-sql",
  },
};

const { values } = parseArgs({
  options: {
    suites: { type: "string", default: Object.keys(settings).join(",") },
    seeds: { type: "string", default: "1,2,3,4,5" },
    agent: { type: "string", default: "stages" },
    out: { type: "string", default: "benchmarks/aegis/results.json" },
    parallel: { type: "string", default: "2" },
  },
});

/** One `hx evolve`; its report. */
async function evolve(setting: Setting, seed: number): Promise<EvolutionReport> {
  const dir = mkdtempSync(join(root, ".harnessx-bench-"));
  try {
    const manifest = { name: setting.suite, version: "1", ...setting.manifest };
    writeFileSync(join(dir, "harness.json"), JSON.stringify(manifest));
    const models = join(dir, "models.json");
    writeFileSync(models, JSON.stringify(setting.model));
    const model =
      typeof setting.model === "string" ? ["--model", setting.model] : ["--models", models];
    const rounds = String(setting.rounds);
    const args = [resolve("packages/cli/dist/main.js"), "evolve", setting.suite, "--json"];
    args.push("--harness", dir, ...model, "--rounds", rounds, "--seed", String(seed));
    args.push("--sealed", "all", "--agent", values.agent, ...(setting.more ?? []));
    const child = spawn(process.execPath, args, {
      env: { ...process.env, HARNESSX_DATA: data, HARNESSX_KEYS: join(dir, "keys") },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((done) => child.once("close", done));
    if (code !== 0) throw new Error(`hx ${args.slice(1).join(" ")} ended with ${String(code)}`);
    return JSON.parse(output) as EvolutionReport;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const seeds = values.seeds.split(",").map(Number);
const jobs = values.suites
  .split(",")
  .flatMap((suite) => seeds.map((seed) => ({ suite, seed, setting: settings[suite]! })))
  .filter(({ setting: { data: folder } }) => {
    const there = folder === undefined || existsSync(join(data, folder));
    if (!there) console.log(`skipped: no ${folder} data`);
    return there;
  });
const results: Record<string, unknown>[] = [];
async function work(): Promise<void> {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { suite, seed, setting } = job;
    const { rounds, ms, rolloutMs, packages, data: _data, ...report } = await evolve(setting, seed);
    const candidates = rounds.flatMap((round) =>
      round.candidates.map(({ operator, outcome, screened }) => ({
        round: round.round,
        operator,
        outcome,
        screened,
      })),
    );
    results.push({
      name: suite,
      agent: values.agent,
      ...report,
      packages: packages.map((path) => path.replace(/^.*\//, "")),
      candidates,
      seconds: Math.round(ms / 1000),
      engineShare: (ms - rolloutMs) / ms,
    });
    const arms = report.sealed?.arms.map(
      ({ name, passRate }) => `${name} ${(100 * passRate).toFixed(1)} %`,
    );
    console.log(`${suite}, seed ${seed}: ${arms?.join(", ")}; ${Math.round(ms / 1000)} s`);
  }
}
await Promise.all(Array.from({ length: Number(values.parallel) }, work));
results.sort((a, b) =>
  `${String(a["name"])} ${String(a["seed"])}` < `${String(b["name"])} ${String(b["seed"])}`
    ? -1
    : 1,
);
const known = existsSync(values.out)
  ? (JSON.parse(readFileSync(values.out, "utf8")) as { results: Record<string, unknown>[] }).results
  : [];
const fresh = new Set(results.map(({ name, seed, agent }) => `${name} ${seed} ${agent}`));
const kept = known.filter(({ name, seed, agent }) => !fresh.has(`${name} ${seed} ${agent}`));
writeFileSync(
  values.out,
  `${JSON.stringify({ node: process.version, cpus: cpus()[0]?.model, results: [...kept, ...results] }, null, 1)}\n`,
);
