/** Source of the processor that reads before the agent acts. */
export const INDEX = `import { defineProcessor, intercept, replace, textOf } from "@harnessx/core/plugin";

/** See options.schema.json; which tools nobody read was counted in traces. */
export interface PrefetchOptions {
  readonly tools: readonly string[];
  readonly longest: number;
}

const READ_ONLY = "read-only";
const MARK = "prefetch.";

/** Calls tools that only read before the agent acts, and shows what they said at every model call. */
export default defineProcessor<PrefetchOptions>((run, options) => {
  let wanted: readonly string[] = [];
  const said = new Map<string, string>();
  run.hooks.stepStart.tap("choose", ({ step, tools, budget }) => {
    // The last step belongs to the agent.
    if (step > 1 || budget.steps < 1) return;
    const readable = new Set(tools.filter(({ tags = [] }) => tags.includes(READ_ONLY)).map(({ name }) => name));
    wanted = options.tools.filter((name) => readable.has(name));
  });
  run.hooks.beforeModel.tap("read", (event) => {
    if (event.step === 1 && wanted.length > 0) {
      return intercept({
        toolCalls: wanted.map((name) => ({ id: MARK + name, name, input: {} })),
        finish: "tool_calls" as const,
      });
    }
    if (said.size === 0) return undefined;
    return replace(event.appendUser([...said].map(([tool, reply]) => \`From \${tool}:\\n\${reply}\`).join("\\n\\n")));
  });
  run.hooks.afterTool.tap("keep", ({ call, result }) => {
    if (!call.id.startsWith(MARK) || result.status !== "ok") return;
    const reply = textOf(result.content);
    said.set(call.name, reply.length > options.longest ? reply.slice(0, options.longest) + "…" : reply);
  });
});
`;

/** Its own test. */
export const TEST = `import { test } from "node:test";
import assert from "node:assert/strict";
import type { Run } from "@harnessx/core/plugin";
import processor from "../src/index.ts";

const options = { tools: ["read_map", "read_sky"], longest: 20 };
const map = { name: "read_map", tags: ["read-only"] };
const dig = { name: "dig", tags: [] };

/** Collects the taps of one run and lets a test call them. */
function openRun(tools: readonly unknown[], steps = 9) {
  const taps = new Map<string, (event: unknown) => unknown>();
  const hook = (name: string) => ({ tap: (_label: string, tap: (event: unknown) => unknown) => void taps.set(name, tap) });
  const hooks = { stepStart: hook("stepStart"), beforeModel: hook("beforeModel"), afterTool: hook("afterTool") };
  void processor.setup({ task: { id: "t", text: "Find it." }, hooks } as unknown as Run, options as never);
  return {
    start(step: number): void {
      taps.get("stepStart")?.({ step, tools, budget: { steps: steps - step } });
    },
    /** Names of the tools that it calls in the agent's place, or what it adds to the request. */
    model(step: number): readonly string[] | string {
      let added = "";
      const verdict = taps.get("beforeModel")?.({ step, appendUser: (more: string) => void (added += more) }) as
        | { readonly outcome?: { readonly toolCalls: readonly { readonly name: string }[] } }
        | undefined;
      return verdict?.outcome ? verdict.outcome.toolCalls.map(({ name }) => name) : added;
    },
    reply(id: string, name: string, content: string, status = "ok"): void {
      taps.get("afterTool")?.({ call: { id, name, input: {} }, result: { status, content } });
    },
  };
}

test("reads first, once, and shows what it read from then on", () => {
  const run = openRun([map, dig]);
  run.start(1);
  assert.deepEqual(run.model(1), ["read_map"]);
  run.reply("prefetch.read_map", "read_map", "A hill, a well.");
  for (const step of [2, 3]) {
    run.start(step);
    assert.equal(run.model(step), "From read_map:\\nA hill, a well.");
  }
});

test("cuts what is too long", () => {
  const run = openRun([map]);
  run.start(1);
  run.model(1);
  run.reply("prefetch.read_map", "read_map", "x".repeat(50));
  assert.equal(run.model(2), \`From read_map:\\n\${"x".repeat(20)}…\`);
});

test("calls nothing that is not known to only read, or that is not offered", () => {
  const run = openRun([{ name: "read_map" }, dig]);
  run.start(1);
  assert.equal(run.model(1), "");
});

test("leaves the last step to the agent", () => {
  const run = openRun([map], 1);
  run.start(1);
  assert.equal(run.model(1), "");
});

test("says nothing of a call that failed or that the agent made", () => {
  const run = openRun([map]);
  run.start(1);
  run.model(1);
  run.reply("prefetch.read_map", "read_map", "No map.", "error");
  run.reply("call-1", "read_map", "A hill.");
  assert.equal(run.model(2), "");
});
`;
