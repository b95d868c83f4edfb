/**
 * What the model adapters add to the official clients when they stream.
 *
 *   npm run bench:models [-- --rounds 20] [-- --out results.json]
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import { createAnthropicModel } from "@harnessx/adapter-anthropic";
import { createOpenAIModel } from "@harnessx/adapter-openai";
import { messageList } from "@harnessx/core";
import type { ModelClient, ModelRequest } from "@harnessx/core/plugin";
import OpenAI from "openai";

const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1]! : fallback;
};
const rounds = Number(option("rounds", "20"));

const request: ModelRequest = {
  messages: messageList([{ id: 0, role: "user", content: [{ type: "text", text: "Speak." }] }]),
  tools: [],
  sampling: { maxTokens: 1_000 },
  role: "main",
  seed: 1,
};

/** One stream: calls back for each word, resolves at the end. */
type Stream = (onWord: () => void) => Promise<void>;

interface Pair {
  readonly official: Stream;
  readonly adapter: Stream;
}

const through =
  (model: ModelClient): Stream =>
  async (onWord) => {
    const { signal } = new AbortController();
    for await (const delta of model.stream!(request, { signal }))
      if (delta.type === "text") onWord();
  };

function pairs(root: string): Record<string, Pair> {
  const openai = new OpenAI({ baseURL: root, apiKey: "none", maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: root, apiKey: "none", maxRetries: 0 });
  const messages = [{ role: "user" as const, content: "Speak." }];
  const claude = createAnthropicModel({ model: "m", baseURL: root });
  return {
    "openai chat": {
      official: async (onWord) => {
        const body = { model: "m", messages, stream: true as const, max_tokens: 1_000 };
        for await (const { choices } of await openai.chat.completions.create(body))
          if (choices[0]?.delta.content) onWord();
      },
      adapter: through(createOpenAIModel({ model: "m", baseURL: root })),
    },
    "openai responses": {
      official: async (onWord) => {
        const body = { model: "m", input: "Speak.", stream: true as const };
        for await (const { type } of await openai.responses.create(body))
          if (type === "response.output_text.delta") onWord();
      },
      adapter: through(createOpenAIModel({ model: "m", api: "responses", baseURL: root })),
    },
    anthropic: {
      official: async (onWord) => {
        const body = { model: "m", messages, stream: true as const, max_tokens: 1_000 };
        for await (const { type } of await anthropic.messages.create(body))
          if (type === "content_block_delta") onWord();
      },
      adapter: through(claude),
    },
  };
}

interface Timing {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Processor time of this process for one word. */
  readonly cpuUsPerWord: number;
}

async function time(stream: Stream, words: number): Promise<Timing> {
  let seen = 0;
  let first = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  await stream(() => {
    if ((seen += 1) === 1) first = performance.now() - began;
  });
  const last = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  if (seen !== words) throw new Error(`${seen} words of ${words} came through`);
  return { firstMs: first, lastMs: last, cpuUsPerWord: (user + system) / words };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** The best round: other work on the machine can only add to it. */
const best = (timings: readonly Timing[]): Timing => ({
  firstMs: rounded(Math.min(...timings.map(({ firstMs }) => firstMs))),
  lastMs: rounded(Math.min(...timings.map(({ lastMs }) => lastMs))),
  cpuUsPerWord: rounded(Math.min(...timings.map(({ cpuUsPerWord }) => cpuUsPerWord))),
});

/** The middle of what a round with the adapter took, as a multiple of the official round beside it. */
const middleRatio = (raw: readonly Timing[], ours: readonly Timing[]): number => {
  const ratios = ours.map(({ lastMs }, round) => lastMs / raw[round]!.lastMs);
  return rounded(ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!);
};

/** Both ways in turn, so that the machine's moods hit both; the first two rounds only warm up. */
async function compare(pair: Pair, words: number, times: number) {
  const raw: Timing[] = [];
  const ours: Timing[] = [];
  for (let round = 0; round < times + 2; round += 1) {
    const inTurn = [[pair.official, raw] as const, [pair.adapter, ours] as const];
    for (const [stream, into] of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
      const timing = await time(stream, words);
      if (round >= 2) into.push(timing);
    }
  }
  const [official, adapter] = [best(raw), best(ours)];
  return {
    official,
    adapter,
    firstTokenAddedMs: rounded(adapter.firstMs - official.firstMs),
    lastTokenRatio: rounded(adapter.lastMs / official.lastMs),
    lastTokenRatioMedian: middleRatio(raw, ours),
  };
}

const server = fork(fileURLToPath(new URL("server.mjs", import.meta.url)), { execArgv: [] });
const port = await new Promise<number>((resolve) => {
  server.once("message", (message) => resolve(Number(message)));
});

const results: Record<string, unknown> = {
  machine: {
    node: process.version,
    cpu: cpus()[0]?.model,
    cpus: cpus().length,
    load: rounded(loadavg()[0]!),
  },
  rounds,
};
try {
  for (const [label, pause, words] of [
    ["a word every 2 ms, 250 words", 2, 250],
    ["as fast as it goes, 5,000 words", 0, 5_000],
  ] as const) {
    const rows: Record<string, unknown> = {};
    for (const [name, pair] of Object.entries(pairs(`http://127.0.0.1:${port}/${pause}/${words}`)))
      rows[name] = await compare(pair, words, rounds);
    results[label] = rows;
  }
} finally {
  server.kill();
}
const text = `${JSON.stringify(results, undefined, 2)}\n`;
console.log(text);
writeFileSync(option("out", fileURLToPath(new URL("results.json", import.meta.url))), text);
