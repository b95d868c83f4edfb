import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fc, it as property } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Episode, EpisodeCall } from "../../src/digest/index.ts";
import { replacementTool } from "../../src/evolve/templates/replacement-tool.ts";
import { derivations } from "../../src/mine/argument-steps.ts";
import { leavesOf } from "../../src/mine/reply-leaves.ts";
import { mineReplacements } from "../../src/mine/tool-paths.ts";
import { build } from "../../src/verify/build.ts";

/** What a depot says of its boxes, in words that differ from box to box. */
const contentOf = (box: number): string =>
  Array.from({ length: 12 }, (_, at) => `word${box}x${at}`).join(" ");

/** How the episodes of a test differ from those in which everything can be learned. */
interface World {
  /** Share of episodes in tenths that go the other way. */
  readonly curious?: number;
  readonly timeouts?: (episode: number) => boolean;
  readonly address?: (place: string, episode: number) => string;
  readonly reply?: (box: number, episode: number) => string;
  readonly passes?: (curious: boolean, episode: number) => boolean;
  readonly used?: (box: number) => string;
  readonly boxes?: number;
}

const COUNT = 60;

function episodesOf({
  curious = 3,
  timeouts = (episode) => episode % 5 !== 0,
  address = (place) => place.replace("/rooms/", "/get?full=1&of="),
  reply = (box) =>
    JSON.stringify({ v: 1, boxes: { [`${box}`]: { name: "a box", holds: contentOf(box) } } }),
  passes = (curious) => curious,
  used = (box) => `word${box}x9`,
  boxes = 12,
}: World): Episode[] {
  return Array.from({ length: COUNT }, (_, number): Episode => {
    const box = Math.floor(number / 5) % boxes;
    const place = `https://depot.test:${8000 + (number % 2)}/rooms/box%20${box}`;
    const isCurious = number % 10 < curious;
    const calls: EpisodeCall[] = [];
    const add = (tool: string, args: Record<string, string>, reply: string, status = "ok"): void =>
      void calls.push({
        seq: calls.length * 2 + 1,
        step: calls.length + 1,
        tool,
        args,
        key: `${tool} ${JSON.stringify(args)}`,
        reply,
        status: status as EpisodeCall["status"],
      });
    if (timeouts(number)) add("look_into", { place }, "Too slow.", "timeout");
    else add("look_into", { place }, `Box ${box}: ${contentOf(box)}`);
    if (isCurious) add("ask", { address: address(place, number) }, reply(box, number));
    add("say", { word: used(box) }, "Noted.");
    return {
      trace: `run-${number}`,
      task: `task-${box}`,
      cluster: "c",
      passed: passes(isCurious, number),
      text: `What is in ${place}?`,
      exit: "done",
      steps: 3,
      calls,
      truncated: 0,
      processors: {},
      lastSeq: 9,
      lastText: "",
    };
  });
}

describe("mineReplacements", () => {
  it("learns the request, the place of the content and what it is worth", () => {
    expect(mineReplacements(episodesOf({}))).toMatchObject([
      {
        tool: "look_into",
        arguments: ["place"],
        calls: 60,
        failures: 48,
        source: { tool: "ask", argument: "address" },
        template: "{place|origin}/get?full=1&of={place|last}",
        origins: ["https://depot.test"],
        content: ["boxes", "*", "holds"],
        support: { calls: 18, tasks: 6 },
        contrast: { used: { pass: 18, episodes: 18 }, unused: { pass: 0 } },
      },
    ]);
  });

  it("overlooks a few calls with other arguments, not many", () => {
    const slips = (share: number): Episode[] =>
      episodesOf({}).map((episode, number) =>
        number % share === 0
          ? {
              ...episode,
              calls: episode.calls.map((call) =>
                call.tool === "look_into"
                  ? { ...call, args: { where: "x" }, status: "error" }
                  : call,
              ),
            }
          : episode,
      );
    expect(mineReplacements(slips(15))).toMatchObject([{ arguments: ["place"] }]);
    expect(mineReplacements(slips(4))).toEqual([]);
  });

  it("tells a part of an argument from another way of writing it", () => {
    const [found] = mineReplacements(
      episodesOf({
        address: (place) =>
          `https://api.test/{get}?of=${decodeURIComponent(place.replace(/^.*\//, "")).replaceAll(" ", "_")}`,
      }),
    );
    expect(found?.template).toBe("https://api.test/{{get}}?of={place|last|decode|underscores}");
  });

  it("takes a whole reply that is no JSON, and needs no address for an argument", () => {
    const [found] = mineReplacements(
      episodesOf({
        address: (place) => `cat ${place.replace(/^.*\//, "")}`,
        reply: (box) => contentOf(box),
      }),
    );
    expect(found).toMatchObject({ template: "cat {place|last}", content: [], origins: [] });
    expect(replacementTool(found!, new Set(), "0.1.0")).toBeUndefined();
  });

  it("confirms content by what passing runs used where the tool never succeeded", () => {
    const [found] = mineReplacements(episodesOf({ timeouts: () => true }));
    expect(found?.content).toEqual(["boxes", "*", "holds"]);
  });

  it.each<[string, World]>([
    ["a tool that seldom fails", { timeouts: (episode) => episode % 10 === 1 }],
    ["another way that few went", { curious: 1, boxes: 2 }],
    [
      "an argument that has nothing to do with the tool's",
      { address: (_, episode) => `https://depot.test/get?of=${episode * 7919}` },
    ],
    [
      "an argument that follows from the tool's in one way here, in another there",
      {
        address: (place, episode) =>
          `https://x.test/get?of=${episode % 2 === 0 ? decodeURIComponent(place) : place}`,
      },
    ],
    [
      "replies with something else",
      { reply: () => JSON.stringify({ boxes: { 1: { holds: contentOf(99) } } }) },
    ],
    [
      "replies that hold it somewhere else every time",
      {
        reply: (box, episode) => JSON.stringify({ [`field${episode}`]: contentOf(box) }),
      },
    ],
    [
      "replies that at times contradict what the tool returned",
      {
        reply: (box, episode) =>
          JSON.stringify({ holds: contentOf(episode % 10 === 2 ? box + 100 : box) }),
      },
    ],
    ["a way that helps nobody to pass", { passes: (curious) => !curious }],
    ["content that nothing confirms", { timeouts: () => true, used: () => "none of it" }],
  ])("finds nothing in %s", (_, world) => {
    expect(mineReplacements(episodesOf(world))).toEqual([]);
  });
});

describe("leavesOf", () => {
  property.prop([fc.jsonValue({ maxDepth: 4 })])("reads the texts of any document", (value) => {
    const expected: { path: string[]; text: string }[] = [];
    const visit = (at: unknown, path: string[]): void => {
      if (typeof at === "string") expected.push({ path, text: at });
      else if (typeof at === "object" && at !== null)
        for (const [key, entry] of Object.entries(at)) visit(entry, [...path, key]);
    };
    visit(value, []);
    if (typeof value !== "object" || value === null || expected.length === 0) return;
    expect(leavesOf(JSON.stringify(value))).toEqual(expected);
  });

  property.prop([fc.dictionary(fc.string(), fc.string()), fc.nat()])(
    "reads what is left of one that was cut",
    (value, cut) => {
      const text = JSON.stringify({ a: [value] });
      const leaves = leavesOf(text.slice(0, 7 + (cut % text.length)));
      for (const { path, text: leaf } of leaves) {
        if (path.length !== 3) continue;
        const whole = Object.entries(value).find(([key]) => key === path[2])?.[1];
        // An escape may be cut in two: what was read of it stands as it is.
        expect(whole?.startsWith(leaf.replace(/\\[^]*$/, ""))).toBe(true);
      }
    },
  );
});

describe("the generated tool", () => {
  let dir: string;
  let fill: (template: string, args: object) => string | undefined;
  beforeAll(async () => {
    const [finding] = mineReplacements(episodesOf({}));
    const { files } = replacementTool(finding!, new Set(["look_into_direct"]), "0.1.0")!;
    dir = await mkdtemp(join(tmpdir(), "aegis-fill-"));
    const { dist } = await build(files);
    await writeFile(join(dir, "template.mjs"), dist["dist/template.js"]!);
    ({ fill } = await import(pathToFileURL(join(dir, "template.mjs")).href));
    expect(files["src/index.ts"]).toContain('name: "look_into_direct2"');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each([[{ tool: "a */ b" }], [{ arguments: ["url", "x: string; y"] }], [{ origins: [] }]])(
    "is not written with %j",
    (changed) => {
      const [finding] = mineReplacements(episodesOf({}));
      expect(replacementTool({ ...finding!, ...changed }, new Set(), "0.1.0")).toBeUndefined();
    },
  );

  property.prop([
    fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom("http://a.test/b%20c/D_e f/", "https://x.y:8/%", "http://z.test"),
    ),
  ])("makes of an argument what mining says can be made of it", (value) => {
    for (const [derived, terms] of derivations({ of: value }))
      for (const term of terms) expect(fill(`{${term}}`, { of: value })).toBe(derived);
  });
});
