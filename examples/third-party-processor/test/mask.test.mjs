import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "@harnessx/core/plugin";
import { assertConformant, runProcessor } from "@harnessx/core/testing";

const dir = new URL("..", import.meta.url);

/** @param {string} content */
const contacts = (content) => ({
  name: "contacts",
  description: "Lists contacts.",
  inputSchema: { type: "object" },
  execute: () => content,
});
const script = [{ calls: [{ name: "contacts" }] }, { text: "Done." }];

test("keeps the plugin contract", async () => {
  await assertConformant(dir);
});

test("masks addresses in what the model sees, and counts them", async () => {
  const { result, requests, events } = await runProcessor(dir, {
    script,
    tools: [contacts("Ada: ada@example.org, Bob: bob@example.org")],
  });
  const shown = requests[1]?.messages.at(-1);
  assert.equal(shown && textOf(shown), "Ada: [masked], Bob: [masked]");
  assert.deepEqual(result.evaluations[0]?.details, { occurrences: 2 });
  const recorded = events.find((event) => event.type === "tool.result");
  assert.match(String(recorded?.content), /ada@example\.org/);
});

test("changes nothing where nothing matches", async () => {
  const { events } = await runProcessor(dir, { script, tools: [contacts("Nobody.")] });
  const hook = events.find((event) => event.type === "hook" && event.hook === "afterTool");
  assert.equal(hook?.type === "hook" && hook.taps[0]?.verdict, "pass");
});

test("takes other patterns", async () => {
  const { requests } = await runProcessor(dir, {
    options: { patterns: ["\\d{4}"], mask: "####" },
    script,
    tools: [contacts("Pin 1234")],
  });
  const shown = requests[1]?.messages.at(-1);
  assert.equal(shown && textOf(shown), "Pin ####");
});
