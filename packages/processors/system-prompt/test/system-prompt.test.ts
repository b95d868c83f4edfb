import { readFileSync } from "node:fs";
import { textOf } from "@harnessx/core/plugin";
import { assertConformant, runProcessor } from "@harnessx/core/testing";
import { describe, expect, it } from "vitest";
import { fillTemplate } from "../src/template.ts";

const dir = new URL("..", import.meta.url);
const task = {
  id: "t1",
  text: "Sort the books.",
  metadata: { level: "easy", room: { name: "hall" } },
};

async function systemPrompt(options: Record<string, unknown>): Promise<string> {
  const { requests } = await runProcessor(dir, {
    options: options as never,
    task,
    script: [{ text: "Done." }],
  });
  const first = requests[0]!.messages.at(0)!;
  return first.role === "system" ? textOf(first) : "";
}

describe("conformance", () => {
  it.each([
    { text: "Be careful." },
    {
      template: "Task {{task.id}} of {{shop}}.",
      variables: { shop: "Corner Books" },
      mode: "replace",
    },
    {
      template: "{{date}} {{tools}} {{workspace}}",
      skills: [{ name: "a", description: "b" }],
    },
  ])("keeps the plugin contract with %j", async (options) => {
    await assertConformant(dir, { options });
  });

  it.each([{}, { text: "a", template: "b" }])("refuses %j", async (options) => {
    await expect(systemPrompt(options)).rejects.toMatchObject({
      code: "HX_PLUGIN_OPTIONS_INVALID",
    });
  });
});

describe("in a run", () => {
  it("uses a text as it is", async () => {
    expect(await systemPrompt({ text: "Keep {{braces}}." })).toBe("Keep {{braces}}.");
  });

  it("fills a template from variables and the task", async () => {
    const template = "{{who}} works in the {{ task.metadata.room.name }}: {{task.text}}";
    expect(await systemPrompt({ template, variables: { who: "Ada" } })).toBe(
      "Ada works in the hall: Sort the books.",
    );
  });

  it("fills in date, folder and tools, unless a variable has the name", async () => {
    const { requests } = await runProcessor(dir, {
      options: { template: "{{date}}|{{workspace}}|{{tools}}", variables: { date: "today" } },
      slots: { workspace: { root: "/srv" } },
      tools: ["look", "jump"].map((name) => ({
        name,
        description: "x",
        inputSchema: { type: "object" },
        execute: () => "x",
      })),
      script: [{ text: "Done." }],
    });
    expect(textOf(requests[0]!.messages.at(0)!)).toBe("today|/srv|look, jump");
    const day = new Date().toISOString().slice(0, 10);
    expect(await systemPrompt({ template: "{{date}}" })).toBe(day);
  });

  it("lists skills behind the prompt", async () => {
    const skills = [
      { name: "returns", description: "How to take\nbooks back.", path: "returns.md" },
      { name: "sums", description: "Adds up." },
    ];
    expect(await systemPrompt({ text: "Hello.", skills })).toBe(
      "Hello.\n\nSkills. Before you do what one is for, read its file:\n- returns (returns.md): How to take books back.\n- sums: Adds up.",
    );
    expect(await systemPrompt({ text: "Hello.", skills: skills.slice(1) })).toBe(
      "Hello.\n\nSkills, for you to use:\n- sums: Adds up.",
    );
  });

  it("does what the README shows", async () => {
    const readme = readFileSync(new URL("README.md", dir), "utf8");
    const { options } = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!);
    expect(await systemPrompt(options)).toMatch(
      /^You help the customers of Corner Books\. Their level: easy\.\n\nSkills[^]*returns\.md/,
    );
  });

  it.each(["nobody", "workspace"])("fails for {{%s}} when nothing has it", async (name) => {
    const { result } = await runProcessor(dir, {
      options: { template: `{{${name}}}` },
      script: [{ text: "Done." }],
    });
    expect(result.exit).toBe("harness_fault");
  });

  it("fails before the first model call when a placeholder has no value", async () => {
    const { result, requests } = await runProcessor(dir, {
      options: { template: "Hello {{nobody}}." },
      script: [{ text: "Done." }],
    });
    expect(result.exit).toBe("harness_fault");
    expect(result.error?.message).toContain("{{nobody}}");
    expect(requests).toHaveLength(0);
  });
});

describe("fillTemplate", () => {
  it("writes numbers, booleans and metadata that is no text as JSON", () => {
    const filled = fillTemplate("{{n}} {{b}} {{task.metadata}}", { n: 3, b: false }, task);
    expect(filled).toBe(`3 false ${JSON.stringify(task.metadata)}`);
  });

  it("does not read what objects inherit, nor expand values again", () => {
    expect(() => fillTemplate("{{constructor}}", {}, task)).toThrow("has no value");
    expect(() => fillTemplate("{{task.metadata.constructor}}", {}, task)).toThrow("has no value");
    expect(fillTemplate("{{a}}", { a: "{{b}} $&" }, task)).toBe("{{b}} $&");
  });
});
