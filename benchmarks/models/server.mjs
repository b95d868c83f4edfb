// A provider on the loopback that streams words: `/<pause in ms>/<words>/…`, in the protocol of the path.
import { createServer } from "node:http";

const named = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const plain = (value) => `data: ${JSON.stringify(value)}\n\n`;

const protocols = {
  "/chat/completions": {
    begin: [],
    word: (text) =>
      plain({
        id: "c",
        object: "chat.completion.chunk",
        model: "m",
        choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
      }),
    end: (words) => [
      plain({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
      plain({ choices: [], usage: { prompt_tokens: 9, completion_tokens: words } }),
      "data: [DONE]\n\n",
    ],
  },
  "/responses": {
    begin: [],
    word: (delta) =>
      named({
        type: "response.output_text.delta",
        item_id: "i",
        output_index: 0,
        content_index: 0,
        delta,
      }),
    end: (words) => [
      named({
        type: "response.completed",
        response: {
          status: "completed",
          output: [
            {
              type: "message",
              role: "assistant",
              content: [{ type: "output_text", text: "word ".repeat(words), annotations: [] }],
            },
          ],
          usage: {
            input_tokens: 9,
            output_tokens: words,
            input_tokens_details: { cached_tokens: 0 },
          },
        },
      }),
    ],
  },
  "/v1/messages": {
    begin: [
      named({
        type: "message_start",
        message: { content: [], usage: { input_tokens: 9, output_tokens: 1 } },
      }),
      named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ],
    word: (text) =>
      named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    end: (words) => [
      named({ type: "content_block_stop", index: 0 }),
      named({
        type: "message_delta",
        delta: { stop_reason: "end_turn" },
        usage: { output_tokens: words },
      }),
      named({ type: "message_stop" }),
    ],
  },
};

const server = createServer((request, response) => {
  request.resume();
  request.on("end", async () => {
    const [, pause, words, ...rest] = request.url.split("/");
    const { begin, word, end } = protocols[`/${rest.join("/")}`];
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of begin) response.write(event);
    const text = word("word ");
    for (let sent = 0; sent < Number(words); sent += 1) {
      if (Number(pause) > 0) await new Promise((turn) => setTimeout(turn, Number(pause)));
      if (!response.write(text)) await new Promise((drain) => response.once("drain", drain));
    }
    for (const event of end(Number(words))) response.write(event);
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
