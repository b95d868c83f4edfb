import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  createProcessIsolation,
  createTrustedIsolation,
  createWasmIsolation,
  type IsolatedPlugin,
  type Isolation,
} from "@harnessx/aegis";
import {
  createAgent,
  defineHarness,
  defineProcessor,
  inline,
  scriptedModel,
  tool,
  type ProcessorDefinition,
  type Run,
} from "@harnessx/core";

/**
 * What a hook call costs in each tier. The events are those of a real run; the processor is of the
 * kind that evolution writes: it reads what tools answered, remembers, and adds advice to requests.
 */
const SOURCE = `
export default { harnessx: "processor", setup(run) {
  const seen = new Map();
  let last = "";
  run.hooks.afterTool.tap("watch", (event) => {
    const { content } = event.result;
    const text = typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\\n");
    for (const match of text.slice(0, 400).matchAll(/[a-z]+ \\d+/g)) seen.set(match[0], event.step);
    last = text.slice(0, 40);
    return undefined;
  });
  run.hooks.beforeModel.tap("advise", (event) => {
    const newest = event.request.messages.at(-1);
    if (newest?.role !== "tool" || event.step % 2 === 0) return undefined;
    return { verdict: "replace", event: event.appendUser("Seen so far: " + seen.size + ". Last: " + last) };
  });
} };
`;

const STEPS = 101;
const SESSIONS = 30;
const SIZES = { tiny: 24, "4 KB": 4_096 } as const;
type Hook = "beforeModel" | "afterTool";
type Tap = (event: unknown) => unknown;

async function packageDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "harnessx-bench-"));
  await mkdir(join(dir, "dist"));
  await writeFile(join(dir, "dist/index.js"), SOURCE);
  const harnessx = {
    api: 1,
    kind: "processor",
    dimension: "control",
    hooks: ["afterTool", "beforeModel"],
  };
  await writeFile(
    join(dir, "package.json"),
    JSON.stringify({
      name: "p",
      version: "1.0.0",
      type: "module",
      exports: "./dist/index.js",
      harnessx,
    }),
  );
  return dir;
}

/** The events of a run of 101 steps whose tool answers `chars` characters. */
async function recordEvents(chars: number): Promise<Record<Hook, unknown[]>> {
  const events: Record<Hook, unknown[]> = { beforeModel: [], afterTool: [] };
  const keep = defineProcessor((run) => {
    run.hooks.beforeModel.tap("keep", (event) => void events.beforeModel.push(event));
    run.hooks.afterTool.tap("keep", (event) => void events.afterTool.push(event));
  });
  const facts = {
    name: "keep",
    dimension: "observability",
    hooks: ["beforeModel", "afterTool"],
  } as const;
  const harness = await defineHarness({
    name: "bench",
    inline: [inline(facts, keep)],
    limits: { maxSteps: STEPS },
  });
  const look = tool<{ at: string }>({
    name: "look",
    description: "Looks at a place.",
    inputSchema: { type: "object" },
    execute: ({ at }) =>
      `On the ${at} you see a mug 1. `.repeat(Math.ceil(chars / 24)).slice(0, chars),
  });
  const model = scriptedModel((_request, call) => ({
    calls: [{ name: "look", input: { at: `shelf ${call}` } }],
  }));
  await createAgent({ harness, models: { main: model } }).run("Look around.", {
    tools: [look],
    trace: () => undefined,
  });
  return events;
}

/** Sets the processor up in a run of which nothing exists but what it uses. */
async function openRun(plugin: IsolatedPlugin): Promise<{ taps: Map<string, Tap>; end(): void }> {
  const taps = new Map<string, Tap>();
  const point = (hook: string) => ({ tap: (_name: string, tap: Tap) => void taps.set(hook, tap) });
  const disposers: (() => void)[] = [];
  const run = {
    id: "bench",
    task: { id: "bench", text: "Look around." },
    clock: { now: () => 1_700_000_000_000 },
    random: () => 0.5,
    log: () => undefined,
    onDispose: (dispose: () => void) => void disposers.push(dispose),
    hooks: { beforeModel: point("beforeModel"), afterTool: point("afterTool") },
  };
  const { setup } = plugin.definition as ProcessorDefinition;
  await setup(run as unknown as Run, {});
  return {
    taps,
    end: () => {
      for (const dispose of disposers) dispose();
    },
  };
}

/** A tenth of the calls were faster: other work on the machine only ever adds. */
const typical = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 10)]!;
const round = (value: number): number => Number(value.toPrecision(3));

/** Microseconds of one call, at about 10 and about 200 messages. */
async function measure(isolation: Isolation, dir: string): Promise<Record<string, number>> {
  const plugin = await isolation.open({ id: "bench", dir });
  const found: Record<string, number> = {};
  const opening: number[] = [];
  for (const [size, chars] of Object.entries(SIZES)) {
    const events = await recordEvents(chars);
    const times = new Map<string, number[]>();
    for (let session = 0; session < SESSIONS; session += 1) {
      const start = performance.now();
      const { taps, end } = await openRun(plugin);
      opening.push((performance.now() - start) * 1_000);
      for (let step = 0; step < STEPS; step += 1) {
        const messages = step >= 4 && step < 8 ? 10 : step >= 96 ? 200 : 0;
        for (const hook of ["beforeModel", "afterTool"] as const) {
          const event = events[hook][step];
          const tap = taps.get(hook)!;
          const began = performance.now();
          tap(event);
          const took = (performance.now() - began) * 1_000;
          if (messages === 0) continue;
          const key =
            hook === "afterTool"
              ? `afterTool, ${size}`
              : `beforeModel, ${size}, ${messages} messages`;
          times.set(key, [...(times.get(key) ?? []), took]);
        }
      }
      end();
      // Machines that are made ahead are made between runs, as they are in rollouts.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const [key, values] of times) found[key] = round(typical(values));
  }
  found["opening a run"] = round(typical(opening));
  return found;
}

const { values: options } = parseArgs({ options: { out: { type: "string" } } });
const tiers: Record<string, Isolation> = {
  trusted: createTrustedIsolation(),
  inline: createWasmIsolation({ placement: "inline" }),
  thread: createWasmIsolation({ placement: "thread" }),
};
const walled = createProcessIsolation();
if ((await walled.probe()).ok) tiers["process"] = walled;
const dir = await packageDir();
const microseconds: Record<string, Record<string, number>> = {};
for (const [name, isolation] of Object.entries(tiers)) {
  microseconds[name] = await measure(isolation, dir);
  await isolation.dispose();
}
await rm(dir, { recursive: true });
const ratios: Record<string, Record<string, number>> = {};
for (const [what, trusted] of Object.entries(microseconds["trusted"]!)) {
  ratios[what] = {};
  for (const [name, found] of Object.entries(microseconds))
    ratios[what][name] = round(found[what]! / trusted);
}
const load = loadavg()[0]!;
const results = {
  node: process.version,
  cores: cpus().length,
  load: round(load),
  microseconds,
  ratios,
};
process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
if (options.out) await writeFile(options.out, `${JSON.stringify(results, undefined, 2)}\n`);
