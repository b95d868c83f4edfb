/**
 * A program that already has its own data and functions lets an agent use them: it shows the answer
 * as it arrives, has a person approve what cannot be undone, and goes on after the process that
 * started the run is gone.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAgent,
  defineHarness,
  scriptedModel,
  tool,
  type Agent,
  type RunStream,
} from "@harnessx/core";

/** What the program had before there was an agent. */
const orders = new Map([
  ["A-1", { item: "lamp", paid: true }],
  ["A-2", { item: "mug", paid: false }],
]);

const id = {
  type: "object",
  properties: { order: { type: "string", description: "Such as A-1." } },
  required: ["order"],
  additionalProperties: false,
};

/** The program's functions as tools. They hold no state of the agent. */
const tools = [
  tool<{ order: string }>({
    name: "find_order",
    description: "Shows an order.",
    inputSchema: id,
    tags: ["read-only"],
    execute: ({ order }) => JSON.stringify(orders.get(order) ?? "There is no such order."),
  }),
  tool<{ order: string }>({
    name: "cancel_order",
    description: "Cancels an order for good.",
    inputSchema: id,
    // A crash in the middle must not cancel twice: the model is told that the outcome is unknown.
    onLostResult: "report",
    execute: ({ order }) => (orders.delete(order) ? "Cancelled." : "There is no such order."),
  }),
];

/** Stands in for a language model, so that the example runs offline. */
const model = () =>
  scriptedModel([
    { text: "Let me look at it.", calls: [{ name: "find_order", input: { order: "A-2" } }] },
    { text: "It is not paid.", calls: [{ name: "cancel_order", input: { order: "A-2" } }] },
    { text: "Order A-2 is cancelled." },
  ]);

/** Called once by each process; the harness is the same, so the hash is. */
async function makeAgent(traces: string): Promise<Agent> {
  const harness = await defineHarness({
    name: "order-desk",
    processors: [
      {
        id: "prompt",
        use: "@harnessx/processor-system-prompt",
        options: { text: "You work at the order desk." },
      },
      { id: "loops", use: "@harnessx/processor-loop-guard" },
    ],
    limits: { maxSteps: 8, maxTimeMs: 60_000 },
  });
  return createAgent({ harness, models: { main: model() }, trace: { dir: traces } });
}

/** Prints text as it arrives, and tool calls between. */
async function show(stream: RunStream): Promise<void> {
  for await (const item of stream) {
    if (item.type === "delta") process.stdout.write(item.text);
    else if (item.event.type === "tool.call") {
      const { name, input } = item.event.call;
      process.stdout.write(`\n  > ${name} ${JSON.stringify(input)}\n`);
    }
  }
  process.stdout.write("\n");
}

const traces = await mkdtemp(join(tmpdir(), "order-desk-"));

const first = await makeAgent(traces);
const stream = first.stream("Cancel order A-2 unless it is paid.", {
  tools,
  interruptOn: ["cancel_order"],
});
await show(stream);
const parked = await stream.result;
console.log(`${parked.exit}: ${parked.reason} (${orders.size} orders)`);

// Much later, perhaps on another machine that has the trace: somebody has decided.
const second = await makeAgent(traces);
const { call } = parked.pending!;
const result = await second.resume(parked.trace!, {
  tools,
  decisions: { [call.id]: { decision: "approve", reason: "checked by Ada" } },
});
console.log(`${result.exit}: ${result.output} (${orders.size} order)`);

// The whole run again, without the model and without cancelling anything.
const { identical } = await second.replay(result.trace!);
console.log(`replay: ${identical ? "identical" : "different"}`);
