import { textOf, tool } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { createAgent, loadHarness, scriptedModel, type PendingApproval } from "@harnessx/core";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
const make = (name: string, ...tags: string[]) =>
  tool({
    name,
    description: name,
    inputSchema: { type: "object" },
    tags,
    execute: () => `${name} ran`,
  });
const tools = [
  make("bash"),
  make("read_file", "read-only"),
  make("write_file"),
  make("shop__refund", "destructive"),
  make("shop__delete_order"),
  make("profile"),
];
type Options = NonNullable<RunProcessorInput["options"]>;

/** What becomes of one call: its status, or who is asked what. */
async function fate(options: Options, name: string, input: object = {}): Promise<string> {
  const { result } = await runProcessor(dir, {
    options,
    tools,
    script: [{ calls: [{ name, input }] }, { text: "Done." }],
  });
  if (result.exit === "interrupted") return "ask";
  return [...result.messages].flatMap((m) => (m.role === "tool" ? [m.status] : [])).join();
}

it.each([
  undefined,
  {
    rules: [
      { tools: ["act"], arguments: { command: "go to .*" }, decision: "allow" },
      { tags: ["read-only"], decision: "allow" },
      { tools: ["fail"], decision: "ask", reason: "It fails." },
    ],
    default: "refuse",
  },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("without rules", () => {
  it.each(["bash", "write_file", "shop__delete_order", "shop__refund"])(
    "asks about %s",
    async (name) => {
      expect(await fate({}, name)).toBe("ask");
    },
  );

  it.each(["read_file", "profile"])("allows %s", async (name) => {
    expect(await fate({}, name)).toBe("ok");
  });

  it("refuses what no rule fits when that is the default, dangerous or not", async () => {
    expect(await fate({ default: "refuse" }, "read_file")).toBe("refused");
    expect(await fate({ default: "refuse" }, "bash")).toBe("refused");
    expect(await fate({ default: "ask" }, "profile")).toBe("ask");
  });

  it("leaves a tool that does not exist to the runtime, which knows it as an error", async () => {
    expect(await fate({}, "no_such_tool")).toBe("error");
    expect(await fate({ default: "refuse" }, "no_such_tool")).toBe("refused");
  });
});

describe("rules", () => {
  it("decide by the first that fits", async () => {
    const rules = [
      { tools: ["read_*"], decision: "refuse" },
      { tools: ["read_file"], decision: "allow" },
    ];
    expect(await fate({ rules }, "read_file")).toBe("refused");
    expect(await fate({ rules: rules.toReversed() }, "read_file")).toBe("ok");
  });

  it("fit by tag", async () => {
    const options = { rules: [{ tags: ["read-only"], decision: "allow" }], default: "refuse" };
    expect(await fate(options, "read_file")).toBe("ok");
    expect(await fate(options, "profile")).toBe("refused");
  });

  it("lift the dangerous list only when they name the tool or test its arguments", async () => {
    const allow = (rule: object) => ({ rules: [{ ...rule, decision: "allow" }] });
    expect(await fate(allow({}), "bash")).toBe("ask");
    expect(await fate(allow({ tools: ["*"] }), "bash")).toBe("ask");
    expect(await fate(allow({ tools: ["ba*"] }), "bash")).toBe("ask");
    expect(await fate(allow({ tools: ["bash"] }), "bash")).toBe("ok");
    expect(await fate(allow({ tools: ["*"] }), "profile")).toBe("ok");
  });

  it("do not switch approval off because there is a list of dangerous tools", async () => {
    for (const dangerous of [[], ["bash"], ["read_file"]]) {
      expect(await fate({ dangerous, default: "ask" }, "bash")).toBe("ask");
    }
  });
});

describe("argument patterns", () => {
  const git = {
    rules: [{ tools: ["bash"], arguments: { command: "git (status|log)" }, decision: "allow" }],
  };
  const sudo = {
    rules: [
      { tools: ["bash"], arguments: { command: "\\bsudo\\b" }, decision: "refuse" },
      { tools: ["bash"], decision: "allow" },
    ],
  };

  it("must fit the whole value to allow", async () => {
    expect(await fate(git, "bash", { command: "git status" })).toBe("ok");
    for (const command of ["git status; rm -rf .", "git status\nrm -rf .", "x git log", "Git log"])
      expect(await fate(git, "bash", { command })).toBe("ask");
  });

  it("need to fit a part of it to refuse", async () => {
    expect(await fate(sudo, "bash", { command: "cd /\nsudo rm -rf ." })).toBe("refused");
    expect(await fate(sudo, "bash", { command: "echo pseudosudo" })).toBe("ok");
  });

  it("fit no argument that is absent, inherited, or hidden in text that is no JSON", async () => {
    expect(await fate(git, "bash", {})).toBe("ask");
    const inherited = { rules: [{ arguments: { toString: ".*" }, decision: "allow" }] };
    expect(await fate({ ...inherited, default: "refuse" }, "profile", {})).toBe("refused");
    const { result } = await runProcessor(dir, {
      options: { rules: [{ arguments: { a: ".*" }, decision: "allow" }], default: "refuse" },
      tools,
      script: [
        { calls: [{ name: "profile", input: { a: "x" }, malformed: "{a:" }] },
        { text: "Done." },
      ],
    });
    expect([...result.messages].some((m) => m.role === "tool" && m.status === "refused")).toBe(
      true,
    );
  });

  it("look into objects, and see lists as JSON", async () => {
    const rules = [{ arguments: { "what.argv": '"-rf"' }, decision: "refuse" }];
    expect(await fate({ rules }, "profile", { what: { argv: ["rm", "-rf"] } })).toBe("refused");
    expect(await fate({ rules }, "profile", { what: { argv: ["rm", "rf"] } })).toBe("ok");
  });

  it("that are no regular expressions stop the run at once", async () => {
    const { result } = await runProcessor(dir, {
      options: { rules: [{ arguments: { a: "(" }, decision: "allow" }] },
      script: [{ text: "Done." }],
    });
    expect(result.error?.code).toBe("HX_PROCESSOR_SETUP_FAILED");
  });
});

describe("approval", () => {
  const script = [{ calls: [{ name: "bash", input: { command: "make" } }] }, { text: "Done." }];
  const harness = () =>
    loadHarness(
      { name: "test", version: "1", processors: [{ id: "policy", use: "./." }] },
      { root: fileURLToPath(dir) },
    );

  it.each([
    ["approve", "ok", "bash ran"],
    ["refuse", "refused", "The call was refused: too loud"],
  ] as const)("goes to the caller, who may %s", async (decision, status, text) => {
    const asked: PendingApproval[] = [];
    const agent = createAgent({
      harness: await harness(),
      models: { main: scriptedModel(script) },
    });
    const result = await agent.run("Build.", {
      tools,
      approve: (pending) => {
        asked.push(pending);
        return { decision, reason: "too loud" };
      },
    });
    expect(asked).toMatchObject([
      {
        processor: "policy",
        reason: "bash needs approval. It is on the list of dangerous tools.",
        call: { name: "bash", input: { command: "make" } },
      },
    ]);
    const answer = [...result.messages].find((m) => m.role === "tool")!;
    expect([answer.status, textOf(answer)]).toEqual([status, text]);
  });

  it("parks the run, which goes on with the decision", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tool-policy-"));
    try {
      const agent = createAgent({
        harness: await harness(),
        models: { main: scriptedModel(script) },
        trace: { dir: folder },
      });
      const parked = await agent.run("Build.", { tools });
      expect(parked.exit).toBe("interrupted");
      const decisions = { [parked.pending!.call.id]: { decision: "approve" as const } };
      const result = await agent.resume(parked.trace!, { tools, decisions });
      expect(result).toMatchObject({ exit: "done", output: "Done." });
      expect(textOf([...result.messages].find((m) => m.role === "tool")!)).toBe("bash ran");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it("tells the model why a call was refused", async () => {
  const { requests } = await runProcessor(dir, {
    options: {
      rules: [{ tools: ["profile"], decision: "refuse", reason: "It is $& private." }],
      message: "{tool}: {reason}",
    },
    tools,
    script: [{ calls: [{ name: "profile" }] }, { text: "Done." }],
  });
  expect(textOf(requests[1]!.messages.at(-1)!)).toBe("profile: It is $& private.");
});

it("does what its README shows", async () => {
  const readme = readFileSync(new URL("README.md", dir), "utf8");
  const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as {
    options: Options;
  };
  expect(await fate(options, "bash", { command: "git log --oneline" })).toBe("ok");
  expect(await fate(options, "bash", { command: "git push" })).toBe("ask");
  expect(await fate(options, "bash", { command: "sudo make" })).toBe("refused");
  expect(await fate(options, "read_file", { path: "a" })).toBe("ok");
  expect(await fate(options, "profile")).toBe("ask");
});
