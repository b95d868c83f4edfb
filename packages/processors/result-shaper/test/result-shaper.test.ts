import { textOf, tool, type ToolResult } from "@harnessx/core/plugin";
import { assertConformant, runProcessor, type RunProcessorInput } from "@harnessx/core/testing";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const dir = new URL("..", import.meta.url);
type Options = RunProcessorInput["options"];

/** What the model and the trace get to see of a result. */
async function seen(result: string | ToolResult, options: Options = {}, name = "look") {
  const look = tool({
    name,
    description: "Looks.",
    inputSchema: { type: "object" },
    execute: () => result,
  });
  const { requests, events } = await runProcessor(dir, {
    options,
    tools: [look],
    script: [{ calls: [{ name }] }, { text: "Done." }],
  });
  const message = requests[1]!.messages.at(-1)!;
  return { message, recorded: events.find((event) => event.type === "tool.result")! };
}
const shown = async (text: string, options?: Options, name?: string): Promise<string[]> =>
  textOf((await seen(text, options, name)).message).split("\n");
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `row ${index + 1}`);

it.each([
  undefined,
  { headLines: 2, tailLines: 1, maxLineChars: 20, rules: [{ tools: ["ec*"], keep: true }] },
])("keeps the plugin contract with %j", async (options) => {
  await assertConformant(dir, options ? { options } : {});
});

describe("head and tail", () => {
  it("are shown with the numbers of the lines between them", async () => {
    const lines = await shown(numbered(10).join("\n"), { headLines: 2, tailLines: 1 });
    expect(lines).toEqual(["row 1", "row 2", "[lines 3 to 9 of 10 left out]", "row 10"]);
  });

  it("are all there is when no more than one line would be left out", async () => {
    const text = numbered(4).join("\n");
    expect(await shown(text, { headLines: 2, tailLines: 1 })).toEqual(numbered(4));
    expect(await shown(text, { headLines: 1, tailLines: 0 })).toEqual([
      "row 1",
      "[lines 2 to 4 of 4 left out]",
    ]);
  });

  it("hold lines that are cut between characters", async () => {
    expect(await shown("abcdef", { maxLineChars: 4 })).toEqual([
      "abcd [2 more characters left out]",
    ]);
    expect(await shown("abc😀def", { maxLineChars: 4 })).toEqual([
      "abc [5 more characters left out]",
    ]);
    expect(await shown("x".repeat(5_000), { maxLineChars: 0 })).toEqual(["x".repeat(5_000)]);
  });
});

describe("noise", () => {
  it("of terminals is taken out", async () => {
    expect(
      await shown(
        "\u001b[1;31mError\u001b[0m: \u001b]8;;http://x\u0007link\u001b]8;;\u0007\u0007!",
      ),
    ).toEqual(["Error: link!"]);
    expect(await shown("10%\r50%\r100%\r\nabd\bc\r\n")).toEqual(["100%", "abc", ""]);
    expect(await shown("\u001b[1mbold", { plain: false })).toEqual(["\u001b[1mbold"]);
  });

  it("is not seen in brackets, tabs and other scripts", async () => {
    const text = "a[0m] \tif (x[31]) {\n漢字 👩‍👩‍👧 é";
    expect(await shown(text)).toEqual(text.split("\n"));
  });

  it("of progress is shown by its last line", async () => {
    const bars = ["fetch [=>   ]  10%", "fetch [==>  ]  50%", "fetch [====>] 100%"];
    expect(await shown(["start", ...bars, "end"].join("\n"))).toEqual([
      "start",
      "[2 earlier progress lines left out]",
      bars[2],
      "end",
    ]);
    const rates = ["10% 1.2MB/s", "20% 1.3MB/s", "90% 0.9MB/s"];
    expect(await shown(rates.join("\n"))).toEqual([
      "[2 earlier progress lines left out]",
      rates[2],
    ]);
    expect(await shown(bars.join("\n"), { collapseProgress: 0 })).toEqual(bars);
  });

  it.each([
    ["percentages in a table", ["cpu 10%", "memory 20%", "disk 30%"]],
    ["rows with empty cells", ["| 1 | 10% |      |", "| 2 | 20% |      |", "| 3 | 30% |      |"]],
    ["bars of different things", ["alpha ███ 10%", "beta ████ 20%", "gamma █████ 30%"]],
    ["bars that go back", ["a [====] 90%", "a [===>] 50%", "a [=>  ] 10%"]],
  ])("is not seen in %s", async (_what, lines) => {
    expect(await shown(lines.join("\n"))).toEqual(lines);
  });
});

describe("repetition", () => {
  it("is counted", async () => {
    const text = ["a", ...Array.from({ length: 6 }, () => "warning: x"), "b", "", "", "", "", "c"];
    expect(await shown(text.join("\n"))).toEqual([
      "a",
      "warning: x",
      "[the line above 5 more times]",
      "b",
      "",
      "c",
    ]);
  });

  it("of few lines, or with a difference, stays", async () => {
    const lines = ["x", "x", "x", "y 1", "y 2", "y 3", "y 4"];
    expect(await shown(lines.join("\n"))).toEqual(lines);
    const many = Array.from({ length: 9 }, () => "x");
    expect(await shown(many.join("\n"), { collapseRepeats: 0 })).toEqual(many);
  });
});

describe("what is not the text of the model", () => {
  const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: `row ${id}` }));
  const whole: ToolResult = {
    status: "ok",
    content: [
      { type: "text", text: JSON.stringify(rows, null, 1) },
      { type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" },
    ],
    structured: rows,
  };

  it("stays whole: recorded content, structured data and images", async () => {
    const { message, recorded } = await seen(whole, { headLines: 5, tailLines: 5 });
    expect(textOf(message).split("\n")).toHaveLength(11);
    expect(message.content[1]).toEqual((whole.content as object[])[1]);
    expect(recorded).toMatchObject({ content: whole.content, structured: rows });
  });
});

describe("rules", () => {
  const options = {
    headLines: 1,
    tailLines: 1,
    rules: [
      { tools: ["read_*"], headLines: 3 },
      { tools: ["read_raw", "fetch"], keep: true },
    ],
  };

  it("hold for the tools that they name, the first one first", async () => {
    const text = numbered(9).join("\n");
    expect(await shown(text, options)).toHaveLength(3);
    expect(await shown(text, options, "read_file")).toHaveLength(5);
    expect(await shown(text, options, "read_raw")).toHaveLength(5);
    expect(await shown(text, options, "fetch")).toHaveLength(9);
  });

  it("are as the README shows them", async () => {
    const readme = readFileSync(new URL("README.md", dir), "utf8");
    const entry = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]!) as { options: Options };
    const text = numbered(500).join("\n");
    expect(await shown(text, entry.options)).toHaveLength(81);
    expect(await shown(text, entry.options, "read_file")).toHaveLength(401);
    expect(await shown(text, entry.options, "fetch_json")).toHaveLength(500);
  });
});

it("is linear in hostile text", async () => {
  const hostile = [
    "\u001b]".repeat(50_000),
    "[".repeat(400),
    `${"[ ".repeat(190)}50%`,
    "\r".repeat(50_000),
  ];
  const { message } = await seen(hostile.join("\n"));
  expect(textOf(message)).toContain("50%");
});
