import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readTrace, streamTrace, validatorFor } from "@harnessx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkEvidence,
  contrastOf,
  digestEpisodes,
  digestSchema,
  episodeOf,
  evidenceOf,
  failuresOf,
  mechanicsOf,
  noEffectReplies,
  type Episode,
  type EpisodeCall,
} from "../../src/index.ts";
import { recordKeyWorld, type Recorded } from "../support/workspace.ts";

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordKeyWorld();
});
afterAll(() => rm(recorded.dir, { recursive: true, force: true }));
const open = (trace: string) => streamTrace(join(recorded.dir, "traces", `${trace}.jsonl`));

const call = (
  step: number,
  tool: string,
  args: Record<string, string>,
  reply: string,
  status: EpisodeCall["status"] = "ok",
): EpisodeCall => ({
  seq: step * 10,
  step,
  tool,
  args,
  key: `${tool} ${JSON.stringify(args)}`,
  reply,
  status,
});
const episode = (calls: EpisodeCall[], rest: Partial<Episode> = {}): Episode => ({
  trace: "t",
  task: "task",
  cluster: "c",
  passed: false,
  text: "Find a pear in crate 1 or crate 2.",
  exit: "budget_steps",
  steps: calls.length,
  calls,
  truncated: 0,
  processors: {},
  lastSeq: 999,
  lastText: "",
  ...rest,
});

describe("digestRollouts", () => {
  it("fits its schema and counts every rollout", () => {
    const { digest, records } = recorded;
    expect(validatorFor(digestSchema)(JSON.parse(JSON.stringify(digest)))).toBeUndefined();
    expect(digest.rollouts.pass + digest.rollouts.fail).toBe(records.length);
    expect(digest.tasks).toHaveLength(24);
    expect(digest.categories[0]!.episodes).toBeGreaterThan(0);
    expect(digest.actionability).toBeGreaterThan(0.3);
  });

  it("cites only what stands in the traces", async () => {
    const evidence = evidenceOf(recorded.digest);
    expect(evidence.length).toBeGreaterThan(10);
    await checkEvidence(evidence, open);
    const [first] = evidence;
    const missing = { code: "HX_AEGIS_EVIDENCE_MISSING" };
    await expect(checkEvidence([{ ...first!, quote: "You win." }], open)).rejects.toMatchObject(
      missing,
    );
    await expect(checkEvidence([{ ...first!, seq: first!.seq + 1 }], open)).rejects.toMatchObject(
      missing,
    );
  });

  it("does not depend on the order of the rollouts where it should not", async () => {
    const { records, tasks } = recorded;
    const read = async (record: (typeof records)[number]) =>
      episodeOf(record, (await readTrace(record.trace!)).events);
    const episodes = await Promise.all(records.map(read));
    const straight = digestEpisodes(records, episodes, tasks);
    expect(straight).toEqual(recorded.digest);
    const reversed = digestEpisodes(records.toReversed(), episodes.toReversed(), tasks);
    expect(reversed.rollouts).toEqual(straight.rollouts);
    expect(reversed.tools).toEqual(straight.tools);
    expect(reversed.mined.places?.empty).toEqual(straight.mined.places?.empty);
  });

  it("says nothing about where there is nothing", () => {
    const digest = digestEpisodes([], [], []);
    expect(digest).toMatchObject({
      actionability: 0,
      categories: [],
      tasks: [],
      mined: { procedures: [] },
    });
    expect(validatorFor(digestSchema)(JSON.parse(JSON.stringify(digest)))).toBeUndefined();
  });
});

describe("mechanicsOf", () => {
  it("counts repeats, cycles, errors ignored and things invented", () => {
    const none = new Set(["No."]);
    const found = mechanicsOf(
      episode([
        call(1, "visit", { at: "crate 1" }, "Empty."),
        call(2, "visit", { at: "crate 2" }, "Empty."),
        call(3, "visit", { at: "crate 1" }, "Empty."),
        call(4, "grab", { what: "pear 7" }, "No."),
        call(5, "grab", { what: "pear 7" }, "No."),
        call(6, "wait", {}, "", "timeout"),
        call(7, "jump", {}, "not allowed", "refused"),
      ]),
      none,
    );
    expect(found.repeats.map(({ step }) => step)).toEqual([3, 5]);
    expect(found.cycles.map(({ step }) => step)).toEqual([3]);
    expect(found.ignored.map(({ step }) => step)).toEqual([5]);
    expect(found.invented.map(({ step }) => step)).toEqual([4, 5]);
    expect(found.noEffect).toHaveLength(2);
    expect(found.statuses).toEqual({ timeout: 1, refused: 1 });
    expect(found.tools).toEqual({ visit: 3, grab: 2, wait: 1, jump: 1 });
  });

  it("counts steps with many calls as bursts", () => {
    expect(
      mechanicsOf(
        episode([1, 2, 3, 4].map((n) => call(1, "visit", { at: `crate ${n}` }, "Empty."))),
        new Set(),
      ).bursts,
    ).toBe(1);
  });
});

describe("unusedResults", () => {
  const unused = (calls: EpisodeCall[], rest: Partial<Episode> = {}) =>
    mechanicsOf(episode(calls, rest), new Set()).unused.map(({ step }) => step);
  const look = (step: number, reply: string, status?: EpisodeCall["status"]) =>
    call(step, "look", { at: `shelf ${step}` }, reply, status);
  const end = call(9, "wait", {}, "Time passes.");

  // Labelled by hand: what somebody who reads the episode would say.
  it.each<[string, EpisodeCall[], number[], Partial<Episode>?]>([
    ["news that nobody comes back to", [look(1, "You see a mug 3."), end], [1]],
    [
      "news that a later argument names",
      [look(1, "You see a mug 3."), call(2, "take", { what: "mug 3" }, "Taken."), end],
      [],
    ],
    [
      "news that stands inside a later argument",
      [
        look(1, '{"user_id":"sara_doe_496"}'),
        call(2, "query", { sql: "select * from t where id = 'SARA_DOE_496'" }, "none"),
        end,
      ],
      [],
    ],
    [
      "news that the answer names",
      [look(1, "Order #81721."), end],
      [],
      { lastText: "It is 81721." },
    ],
    [
      "one of two pieces of news",
      [look(1, "A mug 3 and a cup 1."), call(2, "take", { what: "cup 1" }, "Taken."), end],
      [],
    ],
    ["a confirmation", [look(1, "Done, nothing else to see there."), end], []],
    ["what the task names already", [look(1, "You see crate 1 and crate 2."), end], []],
    ["what an earlier result named", [look(1, "mug 3"), look(2, "mug 3 again"), end], [1]],
    ["what the call itself names", [look(1, "Shelf 1 is empty."), end], []],
    ["an error", [look(1, "Error 4711 at x.ts", "error"), end], []],
    ["the last result", [end, look(2, "You see a mug 3.")], []],
    [
      "every one of several",
      [look(1, "mug 3"), look(2, "page B07XYZ"), look(3, "a/b.txt"), end],
      [1, 2, 3],
    ],
  ])("%s", (_, calls, expected, rest) => {
    expect(unused(calls, rest)).toEqual(expected);
  });
});

describe("the shape of a budget", () => {
  const shape = (...inputTokens: number[]) =>
    mechanicsOf(episode([], { inputTokens, truncated: 2 }), new Set());

  it("says where the tokens went", () => {
    expect(shape(10, 10, 10, 10, 20, 30, 40, 60).budget).toEqual({
      modelCalls: 8,
      inputTokens: 190,
      peak: 60,
      growth: 5,
    });
    expect(shape(7).budget).toMatchObject({ growth: 1, peak: 7 });
    expect(shape().budget).toEqual({ modelCalls: 0, inputTokens: 0, peak: 0, growth: 1 });
    expect(shape().truncated).toBe(2);
  });

  it("is part of the digest, for both outcomes", () => {
    const { budget, tools } = recorded.digest;
    expect(budget!.fail.inputTokens).toBeGreaterThan(budget!.pass.inputTokens);
    expect(budget!.fail.growth).toBeGreaterThan(1);
    expect(tools.every(({ unused }) => unused !== undefined)).toBe(true);
  });
});

describe("noEffectReplies", () => {
  it("finds the reply that is the same to different tools and arguments", () => {
    const calls = [1, 2, 3, 4].flatMap((n) => [
      call(n, "grab", { what: `pear ${n}` }, "No."),
      call(n, "visit", { at: `crate ${n}` }, n === 1 ? "No." : `At crate ${n} there is nothing.`),
      call(n, "peel", { what: `pear ${n}` }, "No."),
      call(n, "wait", {}, "Time passes."),
    ]);
    expect(noEffectReplies([episode(calls)])).toEqual(new Set(["No."]));
  });
});

describe("failuresOf", () => {
  const classify = (one: Episode, noEffect: string[] = []) =>
    failuresOf(one, mechanicsOf(one, new Set(noEffect)), 10)[0]!.category;
  const visit = (n: number, at: string) => call(n, "visit", { at }, `Nothing at ${at}.`);

  it("names the reason that weighs most", () => {
    expect(classify(episode([]))).toBe("silent_drop");
    expect(classify(episode([1, 2, 3, 4, 5].map((n) => visit(n, "crate 1"))))).toBe(
      "repeat_without_progress",
    );
    expect(classify(episode([1, 2, 3].map((n) => visit(n, `crate ${n}`))))).toBe(
      "budget_starvation",
    );
    expect(classify(episode([visit(1, "crate 1")], { exit: "done" }))).toBe("premature_stop");
    expect(classify(episode([visit(1, "crate 1")], { exit: "done", steps: 9 }))).toBe(
      "brittle_final_answer",
    );
    expect(classify(episode([visit(1, "crate 1"), call(2, "wait", {}, "", "timeout")]))).toBe(
      "tool_timeout",
    );
    expect(classify(episode([visit(1, "crate 1"), call(2, "jump", {}, "no", "refused")]))).toBe(
      "rule_violation",
    );
    expect(
      classify(episode([visit(1, "crate 1"), call(2, "grab", { what: "plum 9" }, "no", "error")])),
    ).toBe("hallucinated_reference");
    expect(classify(episode([visit(1, "crate 1")], { exit: "aborted" }))).toBe("other");
  });
});

describe("contrastOf", () => {
  it("finds the pair that stays together longest", () => {
    const path = (...places: string[]) =>
      places.map((at, index) => call(index, "visit", { at }, "x"));
    const pass = episode(path("a", "b", "c"), { trace: "p", passed: true });
    const near = episode(path("a", "b", "d"), { trace: "near" });
    const far = episode(path("x"), { trace: "far" });
    expect(contrastOf([far, pass, near])).toMatchObject({
      passTrace: "p",
      failTrace: "near",
      divergeCall: 2,
    });
    expect(contrastOf([near, far])).toBeUndefined();
  });
});
