import { expect, test } from "vitest";
import { served } from "./served.ts";

test("the official client gets a response", async () => {
  const { client } = await served([{ text: "Four.", usage: { input: 5, output: 1 } }]);
  const response = await client.responses.create({ model: "demo", input: "2 + 2?" });
  expect(response.output_text).toBe("Four.");
  expect(response).toMatchObject({
    object: "response",
    status: "completed",
    usage: { input_tokens: 5, output_tokens: 1, total_tokens: 6 },
    harnessx: { exit: "done" },
  });
});

test("the official client follows a streamed response to its end", async () => {
  const { client } = await served(() => ({ text: "One two three." }));
  const stream = client.responses.stream({
    model: "demo",
    instructions: "Count.",
    input: [
      { role: "user", content: "Hello." },
      { role: "assistant", content: "Hi." },
      { role: "user", content: [{ type: "input_text", text: "Up to three." }] },
    ],
  });
  const types: string[] = [];
  let text = "";
  for await (const event of stream) {
    if (types.at(-1) !== event.type) types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  expect(text).toBe("One two three.");
  expect((await stream.finalResponse()).output_text).toBe("One two three.");
  expect(types).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
});

test("a stream whose run fails ends with response.failed", async () => {
  const { client } = await served([{ error: new Error("down") }]);
  const stream = await client.responses.create({ model: "demo", input: "?", stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed" } });
});

test.each([
  [{ input: "?", previous_response_id: "resp_1" }, "previous_response_id"],
  [{ input: "?", tools: [{ type: "web_search" }] }, "tools"],
  [{ input: "?", text: { format: { type: "json_schema" } } }, "text"],
  [{ input: [{ type: "function_call_output" }] }, "input[0].type"],
  [{ input: 3 }, "input"],
])("%j is refused and the field named", async (fields, param) => {
  const { ask } = await served([{ text: "Yes." }]);
  const response = await ask("/v1/responses", {
    method: "POST",
    body: JSON.stringify({ model: "demo", ...fields }),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param } });
});
