import { toolContext } from "@harnessx/core/testing";
import { readdirSync, readFileSync } from "node:fs";
import type { Message, ModelRequest } from "@harnessx/core/plugin";
import household, { createWorld, generateGames } from "@harnessx/adapter-household";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actTool, commandTools, Conversation, listOf } from "../scripts/episode.ts";
import definition, { createTinyPolicy, decode, encode, tokenizer } from "../src/index.ts";

const signal = new AbortController().signal;
const policy = createTinyPolicy();
const intro = [
  "-= Welcome to TextWorld, ALFRED! =-",
  "",
  "You are in the middle of a room. Looking quickly around you, you see a cabinet 1, a drawer 1, a fridge 1, a shelf 1, and a sinkbasin 1.",
  "",
  "Your task is to: put a clean mug in shelf.",
].join("\n");

function talk(pairs: readonly (readonly [string, string])[], text = intro): Conversation {
  const conversation = new Conversation();
  conversation.system("You are a household robot.");
  conversation.user(text);
  pairs.forEach(([command, reply], index) => {
    const call = { id: `c${index}`, name: "act", input: { command } };
    conversation.assistant([call]);
    conversation.tool(call, reply);
  });
  return conversation;
}

const requestOf = (conversation: Conversation, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: conversation.request(),
  tools: actTool,
  sampling: {},
  role: "main",
  seed: 7,
  ...more,
});

const atShelf = talk([
  ["go to shelf 1", "You arrive at shelf 1. On the shelf 1, you see a mug 1, and a plate 2."],
]);

describe("generate", () => {
  it("answers with one tool call and its exact tokens", async () => {
    const response = await policy.generate(requestOf(atShelf), { signal });
    expect(response.finish).toBe("tool_calls");
    expect(response.toolCalls).toHaveLength(1);
    const { command } = response.toolCalls[0]!.input as { command: string };
    const tokens = response.tokens!;
    expect(decode(tokens.output)).toBe(command);
    expect(tokens.output.at(-1)).toBe(tokenizer().end);
    expect(tokens.logprobs).toHaveLength(tokens.output.length);
    expect(response.usage.output).toBe(tokens.output.length);
    const chance = policy.consider(requestOf(atShelf)).find((each) => each.command === command)!;
    const sum = tokens.logprobs.reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(Math.log(chance.probability), 10);
  });

  it("repeats itself under a seed and differs over seeds", async () => {
    const again = async (seed: number) =>
      JSON.stringify(await policy.generate(requestOf(talk([]), { seed }), { signal }));
    expect(await again(5)).toBe(await again(5));
    const answers = new Set(
      await Promise.all(Array.from({ length: 40 }, (_, seed) => again(seed))),
    );
    expect(answers.size).toBeGreaterThan(3);
  });

  it("samples at the probabilities that it reports", async () => {
    const request = requestOf(atShelf);
    const expected = new Map(
      policy.consider(request).map(({ command, probability }) => [command, probability]),
    );
    expect([...expected.values()].reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 10);
    const n = 4000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < n; seed += 1) {
      const { toolCalls } = await policy.generate({ ...request, seed }, { signal });
      const { command } = toolCalls[0]!.input as { command: string };
      counts.set(command, (counts.get(command) ?? 0) + 1);
    }
    let chi = 0;
    let cells = 0;
    let rest = { expected: 0, seen: 0 };
    for (const [command, p] of expected)
      if (p * n < 8)
        rest = { expected: rest.expected + p * n, seen: rest.seen + (counts.get(command) ?? 0) };
      else {
        chi += ((counts.get(command) ?? 0) - p * n) ** 2 / (p * n);
        cells += 1;
      }
    if (rest.expected > 0) chi += (rest.seen - rest.expected) ** 2 / rest.expected;
    // Mean of chi-square is its degrees of freedom; five standard deviations above is no accident.
    expect(chi).toBeLessThan(cells + 1 + 5 * Math.sqrt(2 * (cells + 1)));
  });

  it("counts the prompt in view and records it on request", async () => {
    const recording = createTinyPolicy({ recordPrompt: true });
    const response = await recording.generate(requestOf(atShelf), { signal });
    expect(response.tokens!.prompt).toHaveLength(response.usage.input);
    expect(decode(response.tokens!.prompt!)).toContain(
      "Your task is to: put a clean mug in shelf.",
    );
    expect(encode(intro).length).toBeLessThan(response.usage.input);
  });

  it("does not see what lies behind its attention", async () => {
    const filler = Array.from(
      { length: 12 },
      () => ["go to drawer 1", "You arrive at drawer 1. The drawer 1 is closed."] as const,
    );
    const early = talk([
      ["go to shelf 1", "You arrive at shelf 1. On the shelf 1, you see a mug 1."],
      ...filler,
    ]);
    const other = talk([
      ["go to shelf 1", "You arrive at shelf 1. On the shelf 1, you see nothing."],
      ...filler,
    ]);
    expect(policy.consider(requestOf(early))).toEqual(policy.consider(requestOf(other)));
  });

  it("names what it ignores", async () => {
    const { warnings } = await policy.generate(requestOf(atShelf, { sampling: { topP: 0.5 } }), {
      signal,
    });
    expect(warnings).toEqual(["tiny-policy ignores topP"]);
  });

  it("rejects when the run is over", async () => {
    await expect(
      policy.generate(requestOf(atShelf), { signal: AbortSignal.abort(new Error("over")) }),
    ).rejects.toThrow("over");
  });

  it("gives calls ids that differ within a run", async () => {
    const ids = new Set<string>();
    for (let step = 0; step < 30; step += 1) {
      const conversation = talk(
        Array.from({ length: step }, () => ["look", "Nothing happens."] as const),
      );
      ids.add(
        (await policy.generate(requestOf(conversation, { seed: 100 + step }), { signal }))
          .toolCalls[0]!.id,
      );
    }
    expect(ids.size).toBe(30);
  });
});

describe("tools", () => {
  it("speaks both layouts", async () => {
    for (const tools of [actTool, commandTools])
      for (let seed = 0; seed < 60; seed += 1) {
        const [call] = (await policy.generate(requestOf(atShelf, { tools, seed }), { signal }))
          .toolCalls;
        const spec = tools.find(({ name }) => name === call!.name)!;
        expect(Object.keys(call!.input as object).sort()).toEqual(
          [...(spec.inputSchema["required"] as string[])].sort(),
        );
      }
  });

  it("only emits what is offered, whichever tools are left", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...commandTools], { minLength: 1 }),
        fc.nat(1e6),
        async (tools, seed) => {
          const { toolCalls, finish } = await policy.generate(requestOf(atShelf, { tools, seed }), {
            signal,
          });
          if (finish === "stop") expect(toolCalls).toEqual([]);
          else expect(tools.map(({ name }) => name)).toContain(toolCalls[0]!.name);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("never opens without a tool to open", () => {
    const closed = talk([["go to drawer 1", "You arrive at drawer 1. The drawer 1 is closed."]]);
    const tools = commandTools.filter(({ name }) => name !== "open");
    const commands = policy.consider(requestOf(closed, { tools })).map(({ command }) => command);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((command) => command.startsWith("open"))).toEqual([]);
  });

  it("fits the tools of the suite in both modes", async () => {
    for (const mode of ["act", "commands"] as const) {
      const suite = await household.create(
        { generate: { seed: 3, train: 6, validation: 1, sealed: 1 }, tools: mode },
        { root: "." },
      );
      const [task] = await suite.tasks();
      const { tools, observation, oracle, close } = await suite.open(task!.id, { seed: 1 });
      const context = toolContext({ signal });
      const conversation = new Conversation();
      conversation.user(`${observation}\n\n${task!.text}`);
      expect(policy.consider(requestOf(conversation, { tools })).length).toBeGreaterThan(5);
      for (let step = 0; step < 15; step += 1) {
        const [call] = (
          await policy.generate(requestOf(conversation, { tools, seed: step }), { signal })
        ).toolCalls;
        const spec = tools.find(({ name }) => name === call!.name)!;
        expect(Object.keys(call!.input as object).sort()).toEqual(
          [...(spec.inputSchema["required"] as string[])].sort(),
        );
        const result = await spec.execute(call!.input as never, context);
        conversation.assistant([call!]);
        conversation.tool(call!, String((result as { content: unknown }).content));
      }
      const client = (await definition.create({ policy: "oracle" })).bind!({
        taskId: task!.id,
        oracle,
      });
      const first = await client.generate(requestOf(new Conversation(), { tools }), { signal });
      expect(tools.map(({ name }) => name)).toContain(first.toolCalls[0]!.name);
      await close();
    }
  });

  it("answers in words when no tool is of use", async () => {
    const response = await policy.generate(requestOf(atShelf, { tools: [] }), { signal });
    expect(response.finish).toBe("stop");
    expect(response.toolCalls).toEqual([]);
    expect(response.content[0]).toMatchObject({ type: "text" });
    expect(response.tokens!.logprobs.every((each) => each === 0)).toBe(true);
  });
});

describe("robustness", () => {
  it("handles names that it has never met", async () => {
    const text = intro.replaceAll("shelf", "flux-capacitor").replaceAll("mug", "žabka");
    const conversation = talk(
      [
        [
          "go to flux-capacitor 1",
          "You arrive at flux-capacitor 1. On the flux-capacitor 1, you see a žabka 1.",
        ],
      ],
      text,
    );
    for (let seed = 0; seed < 30; seed += 1) {
      const { tokens, toolCalls } = await policy.generate(requestOf(conversation, { seed }), {
        signal,
      });
      expect(decode(tokens!.output)).toBe((toolCalls[0]!.input as { command: string }).command);
    }
    const commands = policy.consider(requestOf(conversation)).map(({ command }) => command);
    expect(commands).toContain("take žabka 1 from flux-capacitor 1");
  });

  const anyText = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom(
      "Your task is to:",
      "You see",
      "you see a 1, a 2",
      "You arrive at . On the , you see nothing.",
      "On the shelf 1, you see a mug",
      "You pick up the mug 1 from the shelf 1.",
      "## \n\n- \n1.",
      "drawer 1, 2 and 3: not searched",
      "not not not\n::\n;;;",
    ),
  );
  const anyMessage = fc.record({
    role: fc.constantFrom("system", "user", "assistant", "tool"),
    content: fc.oneof(
      fc.array(
        fc.oneof(
          fc.record({ type: fc.constant("text"), text: anyText }),
          fc.constant({ type: "image" }),
        ),
        {
          maxLength: 3,
        },
      ),
      anyText,
    ),
    toolCalls: fc.array(fc.record({ id: anyText, name: anyText, input: fc.anything() }), {
      maxLength: 2,
    }),
  });

  it("never throws on strange conversations", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { maxLength: 8 }), fc.nat(), async (messages, seed) => {
        const list = listOf(messages.map((each) => Object.freeze(each)) as unknown as Message[]);
        const response = await policy.generate(
          { messages: list, tools: commandTools, sampling: {}, role: "main", seed },
          { signal },
        );
        expect(response.tokens!.output.length).toBe(response.tokens!.logprobs.length);
        expect(["tool_calls", "stop"]).toContain(response.finish);
      }),
      { numRuns: 300 },
    );
  });

  it("plays a whole game with one tool per command", async () => {
    const [game] = generateGames({ seed: 4, count: 1 });
    const world = createWorld(game!);
    expect(world.intro()).toContain("Your task is to:");
    const conversation = new Conversation();
    conversation.user(world.intro());
    for (let step = 0; step < 10; step += 1) {
      const { toolCalls, tokens } = await policy.generate(
        requestOf(conversation, { tools: commandTools, seed: step }),
        { signal },
      );
      const { observation } = world.step(decode(tokens!.output));
      conversation.assistant(toolCalls);
      conversation.tool(toolCalls[0]!, observation);
    }
    expect(conversation.messages).toHaveLength(21);
  });
});

describe("the package", () => {
  it("is a model plugin named for what it is", async () => {
    expect(definition.harnessx).toBe("model");
    const model = await definition.create({});
    expect(model).toMatchObject({ id: "tiny-policy", policy: "tiny-policy" });
  });

  it("refuses bad options with a code", () => {
    expect(() => createTinyPolicy({ temperature: -1 })).toThrowError(
      expect.objectContaining({ code: "HX_MODEL_OPTIONS" }),
    );
    expect(() => createTinyPolicy({ weights: "/nowhere/weights.json" })).toThrowError(
      expect.objectContaining({ code: "HX_MODEL_WEIGHTS" }),
    );
  });

  it("imports nothing of the environment", () => {
    const folder = new URL("../src/", import.meta.url);
    for (const file of readdirSync(folder)) {
      const source = readFileSync(new URL(file, folder), "utf8");
      for (const [, from] of source.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g))
        expect(from).toMatch(/^\.\/[\w-]+\.ts$|^@harnessx\/core\/plugin$|^node:fs$/);
      // No word that only a particular processor would write, and no way to the environment.
      expect(source).not.toMatch(/adapter-household|@harnessx\/processor|process\.env/);
    }
  });

  it("ships small weights", () => {
    expect(readFileSync(new URL("../weights.json", import.meta.url)).length).toBeLessThan(200_000);
  });
});
