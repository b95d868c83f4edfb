import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { fixture, hx, scratch, spawnHx } from "./run-hx.ts";

/** The fixtures' app: a harness with the tool echo, and a model that calls it once, then talks. */
async function app(): Promise<string> {
  const dir = await scratch();
  for (const name of ["app", "chat-model", "echo-tools"])
    await cp(fixture(name), join(dir, name), { recursive: true });
  return join(dir, "app");
}

const traces = async (dir: string) => {
  const names = await readdir(join(dir, ".harnessx/traces"));
  return names.filter((name) => name.endsWith(".jsonl"));
};

describe("chat", () => {
  test("talks until the input ends, streams answers and says what each turn cost", async () => {
    const dir = await app();
    const talk = await hx(dir, ["chat", "Hello."], { answers: ["And now?"], terminal: true });
    expect(talk.exit).toBe(0);
    const said = stripVTControlCharacters(talk.stdout);
    expect(said).toContain("▸ echo turn 1");
    expect(said.match(/All is done now\./g)).toHaveLength(2);
    expect(said.match(/tokens · .* · in all/g)).toHaveLength(2);
    const [trace] = await traces(dir);
    expect(said).toContain(`hx chat --resume ${trace!.replace(".jsonl", "")}`);
    // Left, not ended: nothing closes the trace.
    expect(await readFile(join(dir, ".harnessx/traces", trace!), "utf8")).not.toContain("run.end");
  });

  test("a conversation that was left goes on in the same run", async () => {
    const dir = await app();
    const first = await hx(dir, ["chat", "--json"], { answers: ["My name is Ann."] });
    expect(first.json()).toMatchObject({
      open: first.json().runs[0],
      turns: [
        { role: "user", text: "My name is Ann." },
        { role: "assistant", text: "All is done now." },
      ],
    });
    const second = await hx(dir, ["chat", "--resume"], { answers: ["Who am I?", "/end"] });
    expect(second.exit).toBe(0);
    expect(second.stdout).toContain("› My name is Ann.");
    expect(second.stdout).not.toContain("goes on with it");
    const [trace, ...others] = await traces(dir);
    expect(others).toEqual([]);
    const text = await readFile(join(dir, ".harnessx/traces", trace!), "utf8");
    expect(text).toContain("Who am I?");
    expect(text.trimEnd().split("\n").at(-1)).toContain("run.end");
    // It has ended, so only what was said goes on, in another run.
    const third = await hx(dir, ["chat", "--resume", "--json"], { answers: ["Still there?"] });
    const { runs, turns } = third.json();
    expect(runs).toHaveLength(1);
    expect(`${runs[0]}.jsonl`).not.toBe(trace);
    expect(turns.map(({ text: one }: { text: string }) => one)).toEqual([
      "My name is Ann.",
      "All is done now.",
      "Who am I?",
      "All is done now.",
      "Still there?",
      "All is done now.",
    ]);
  });

  test("slash commands show what there is, and an unknown one says so", async () => {
    const dir = await app();
    const answers = [
      "/help",
      "/tools",
      "/model",
      "/cost",
      "Hi.",
      "/cost",
      "/trace",
      "/fly",
      "/quit",
    ];
    const { exit, stdout } = await hx(dir, ["chat"], { answers });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^echo {2}\S/m);
    expect(stdout).toContain("chat\n");
    expect(stdout).toContain("Nothing has been spent.");
    expect(stdout).toMatch(/3 model calls, 2 tool calls/);
    expect(stdout).toMatch(/^\.harnessx\/traces\/.*\.jsonl$/m);
    expect(stdout).toContain("There is no /fly");
  });

  test("a new conversation knows nothing of the one before", async () => {
    const dir = await app();
    const talk = await hx(dir, ["chat", "--json"], { answers: ["One.", "/new", "Two."] });
    expect(talk.json()).toMatchObject({
      runs: [expect.any(String), expect.any(String)],
      turns: [
        { role: "user", text: "Two." },
        { role: "assistant", text: "All is done now." },
      ],
    });
  });

  test("calls that need approval wait for it", async () => {
    const dir = await app();
    const talk = await hx(dir, ["chat", "Hi.", "--interrupt-on", "echo"], {
      answers: ["n", "/end"],
    });
    expect(talk.stderr).toContain("Allow? [y/N]");
    expect(talk.stdout).toContain("refused");
  });

  test("what a tool asks reaches the person, and the answers the tool", async () => {
    const dir = await app();
    const file = join(dir, "../echo-tools/index.js");
    const asking = `execute: async ({ text }, context) => {
        const { action, content } = await context.ask({
          message: "Who is it?",
          schema: { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } },
        });
        return [text, action, JSON.stringify(content ?? null)].join(" ");
      },`;
    const code = await readFile(file, "utf8");
    await writeFile(file, code.replace("execute: ({ text }) => `echo: ${text}`,", asking));
    const argv = ["chat", "Hi.", "--harness", "harness.json"];
    const talk = await hx(dir, argv, { answers: ["y", "Ann", "44", "n", "/end"] });
    expect(talk.stderr).toContain("echo asks: Who is it?");
    expect(talk.stdout).toContain('turn 1 accept {"name":"Ann","age":44}');
    expect(talk.stdout).toContain("turn 2 decline null");
  });

  test("an answer that goes on and on is stopped, and the conversation is not", async () => {
    const dir = await app();
    const talk = await hx(dir, ["chat", "Hi.", "--max-steps", "1"], { answers: ["/end"] });
    expect(talk.stdout).toContain("(aborted: The answer took more than 1 steps.)");
    expect(talk.exit).toBe(0);
  });

  test("several lines make one message, and Ctrl-C stops an answer but not the conversation", async () => {
    const dir = await app();
    const { child, outcome } = spawnHx(dir, ["chat", "--models", "slow-models.json"]);
    child.stdin!.write("One \\\nmore.\n");
    await new Promise<void>((resolve) => {
      child.stdout!.on("data", (chunk) => String(chunk).includes("▸ echo") && resolve());
    });
    child.kill("SIGINT");
    await new Promise<void>((resolve) => {
      child.stdout!.on("data", (chunk) => String(chunk).includes("aborted") && resolve());
    });
    child.stdin!.end("/end\n");
    const { exit, stdout } = await outcome;
    expect(exit).toBe(0);
    expect(stdout).toContain("(aborted: Stopped by the user.)");
    const [trace] = await traces(dir);
    expect(await readFile(join(dir, ".harnessx/traces", trace!), "utf8")).toContain(
      String.raw`One \nmore.`,
    );
  });
});
