import { createWorld, generateGames } from "@harnessx/adapter-household";
import { describe, expect, it } from "vitest";
import { actTool, Conversation } from "../scripts/episode.ts";
import definition, { createOracle } from "../src/index.ts";

const signal = new AbortController().signal;
const request = (conversation: Conversation) => ({
  messages: conversation.request(),
  tools: actTool,
  sampling: {},
  role: "main",
  seed: 1,
});

describe("oracle", () => {
  it("solves the game that it is bound to, then says done", async () => {
    const [game] = generateGames({ seed: 9, count: 1 });
    const oracle = game!.walkthrough.map((command) => ({ name: "act", input: { command } }));
    const model = createOracle().bind({ taskId: "t", oracle });
    const world = createWorld(game!);
    const conversation = new Conversation();
    conversation.user(world.intro());
    for (;;) {
      const response = await model.generate(request(conversation), { signal });
      const again = await model.generate(request(conversation), { signal });
      expect(again).toEqual(response);
      const [call] = response.toolCalls;
      if (call === undefined) {
        expect(response.content).toEqual([{ type: "text", text: "done" }]);
        break;
      }
      const { observation } = world.step((call.input as { command: string }).command);
      conversation.assistant([call]);
      conversation.tool(call, observation);
    }
    expect(world.goalReached()).toBe(true);
  });

  it("goes on after the older messages were dropped", async () => {
    const model = createOracle().bind({
      taskId: "t",
      oracle: ["a", "b", "c"].map((command) => ({ name: "act", input: { command } })),
    });
    const conversation = new Conversation();
    conversation.user("summary of everything so far");
    const call = { id: "oracle-1", name: "act", input: { command: "b" } };
    conversation.assistant([call]);
    conversation.tool(call, "ok");
    const { toolCalls } = await model.generate(request(conversation), { signal });
    expect(toolCalls[0]!.input).toEqual({ command: "c" });
  });

  it("fails with a code when it is bound to nothing", async () => {
    const model = await definition.create({ policy: "oracle" });
    expect(model.policy).toBe("oracle");
    for (const client of [model, model.bind!({ taskId: "t" })])
      await expect(client.generate(request(new Conversation()), { signal })).rejects.toMatchObject({
        code: "HX_MODEL_UNBOUND",
      });
  });
});
