import { fc, test } from "@fast-check/vitest";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { longestWalk, referencePattern, type Episode, type EpisodeCall } from "../../src/index.ts";
import { mineNavigation } from "../../src/mine/navigation.ts";
import { mineReference } from "../../src/mine/references.ts";

type Made = readonly [tool: string, args: Record<string, string>, reply: string];

const call = ([tool, args, reply]: Made, index: number): EpisodeCall => ({
  seq: index + 1,
  step: index + 1,
  tool,
  args,
  key: `${tool} ${JSON.stringify(args)}`,
  reply,
  status: "ok",
});
const episode = (passed: boolean, calls: readonly Made[], text = "Find a fern."): Episode => ({
  trace: `${passed}-${calls.length}-${calls[0]?.[2] ?? ""}`,
  task: "t",
  cluster: "c",
  passed,
  text,
  exit: "done",
  steps: calls.length,
  calls: calls.map(call),
  truncated: 0,
  processors: {},
  lastSeq: 99,
  lastText: "",
});

/* A herbarium: drawers list sheets, a sheet can be lifted and copied. Nothing here sells anything. */
const sheet = (n: number): string => `Q${String(n).padStart(3, "0")}x${n % 7}`;
const drawer = (n: number): Made => [
  "pull_drawer",
  {},
  `Drawer ${n}\n${sheet(3 * n)}\na fern\n${sheet(3 * n + 1)}\na moss\n${sheet(3 * n + 2)}\na reed`,
];
const lift = (n: number): Made => ["lift", { sheet: sheet(n) }, `On ${sheet(n)} there is a fern.`];
const copy: Made = ["copy", {}, "Copied."];
const wandering = (n: number): Episode =>
  episode(false, [...Array.from({ length: 9 }, (_, at) => drawer(n + at)), lift(3 * n + 4)]);
const deciding = (n: number): Episode =>
  episode(true, [drawer(n), drawer(n + 1), lift(3 * n), lift(3 * n + 4), copy]);
const herbarium = Array.from({ length: 6 }, (_, n) => [wandering(n), deciding(n)]).flat();

describe("mineNavigation", () => {
  it("finds what lists, what follows up, how names look and where to stop, from traces alone", () => {
    const found = mineNavigation(herbarium)!;
    expect(found).toMatchObject({
      tools: ["pull_drawer"],
      follow: { tool: "lift", argument: "sheet" },
      lines: 2,
      tolerated: 2,
      beyond: { failing: 1, passing: 0 },
      finish: ["copy"],
    });
    expect(found.followed.failing).toBeCloseTo(1 / 27);
    expect(found.followed.passing).toBeCloseTo(2 / 6);
    const pattern = new RegExp(`^${found.follow.pattern}$`);
    expect([sheet(5), sheet(20)].every((name) => pattern.test(name))).toBe(true);
    expect(["Drawer", "fern", "Q-12"].some((word) => pattern.test(word))).toBe(false);
    expect(found.evidence[0]!.quote).toMatch(/^Drawer \d+\nQ/);
  });

  it("takes the earliest of the thresholds that tell as much", () => {
    const patient = Array.from({ length: 6 }, (_, n) =>
      episode(true, [...Array.from({ length: 5 }, (_, at) => drawer(n + at)), lift(3 * n), copy]),
    );
    expect(
      mineNavigation([...herbarium.filter(({ passed }) => !passed), ...patient])!.tolerated,
    ).toBe(5);
  });

  it.each([
    [
      "passing runs move on as much",
      herbarium
        .map((one) => ({ ...one, passed: one.passed === (one.trace.length % 2 === 0) }))
        .flatMap((one) => [one, { ...one, passed: !one.passed }]),
    ],
    [
      "there are no references",
      herbarium.map((one) => ({ ...one, calls: one.calls.filter(({ tool }) => tool !== "lift") })),
    ],
    [
      "the task itself names them",
      herbarium.map((one) => ({
        ...one,
        text: Array.from({ length: 60 }, (_, n) => sheet(n)).join(" "),
      })),
    ],
    [
      "nothing lists more than one",
      herbarium.map((one) => ({
        ...one,
        calls: one.calls.map((each) => ({
          ...each,
          reply: each.reply.split("\n").slice(0, 3).join("\n"),
        })),
      })),
    ],
    ["nothing happened", []],
  ] as [string, Episode[]][])("finds nothing where %s", (_, episodes) => {
    expect(mineNavigation(episodes)).toBeUndefined();
  });

  it("counts a row of moves, not the same reply again and not across other calls", () => {
    const made = episode(false, [
      drawer(1),
      drawer(1),
      drawer(2),
      lift(3),
      drawer(3),
      drawer(1),
      drawer(3),
    ]);
    expect(longestWalk(made, ["pull_drawer"]).map(({ seq }) => seq)).toEqual([5, 6, 7]);
    expect(longestWalk(made, ["other"])).toEqual([]);
  });
});

describe("references", () => {
  it.each([
    [["B07X1Z9QQ2", "B09QQLDJ93", "B08H5DCD65"], "B0[A-Z0-9]{8}"],
    [["crate 1", "pear 12", "crate 3"], "[A-Za-z]+ \\d+"],
    [["f-12", "f-7", "f-130"], "[A-Za-z]+\\-\\d+"],
    [["a1", "9f3e", "77b"], "(?=[a-z0-9]*\\d)[a-z0-9]{2,4}"],
  ])("%j look like %s", (values, body) => {
    expect(referencePattern(values)).toBe(`(?<![A-Za-z0-9])${body}(?![A-Za-z0-9])`);
  });

  it("are no words, no phrases and not too few", () => {
    expect(referencePattern(["red", "blue", "green"])).toBeUndefined();
    expect(referencePattern(["a b", "c d 1", "x"])).toBeUndefined();
    expect(referencePattern(["B1", "B1", "B2"])).toBeUndefined();
  });

  const code = fc.stringMatching(/^[A-Z0-9]{1,12}$/);
  test.prop([fc.array(code, { minLength: 3, maxLength: 20 }), fc.string()])(
    "match every value that they come from, in any text",
    (values, text) => {
      const pattern = referencePattern(values);
      if (pattern === undefined) return;
      for (const value of values) {
        const found = `${text} ${value} ${text}`.match(new RegExp(pattern, "g")) ?? [];
        expect(found).toContain(value);
      }
    },
  );

  it("come from the commonest argument that earlier replies had shown", () => {
    expect(mineReference(herbarium)).toMatchObject({ tool: "lift", argument: "sheet" });
    const invented = herbarium.map((one) => ({
      ...one,
      calls: one.calls.map((each) =>
        each.tool === "lift" ? { ...each, args: { sheet: `Z${each.seq}` } } : each,
      ),
    }));
    expect(mineReference(invented)).toBeUndefined();
  });
});

it("the operator library knows nothing about shops", () => {
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const words =
    /\b(?:shops?|shopping|buy\w*|bought|purchas\w*|products?|prices?|dollars?|carts?|webshop|items? page|next_page|previous_page|open_item|choose_option)\b/i;
  const offending = ["mine", "digest", "plan", "evolve", "evolve/templates"].flatMap((folder) =>
    readdirSync(join(src, folder))
      .filter((file) => file.endsWith(".ts"))
      .filter((file) => words.test(readFileSync(join(src, folder, file), "utf8"))),
  );
  expect(offending).toEqual([]);
  expect(words.test("Buy the item")).toBe(true);
});
