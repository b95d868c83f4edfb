import { readFileSync } from "node:fs";
import { generateGames } from "@harnessx/adapter-household";
import { beforeAll, describe, expect, it } from "vitest";
import { aidNames, plainWording, type AidName, type Wording } from "../scripts/aids.ts";
import { rollout } from "../scripts/rollout.ts";
import { usualPlaces } from "../scripts/usual.ts";
import { createTinyPolicy } from "../src/index.ts";
import { freshWordings } from "./wordings.ts";

/** Never used for training (11) or tuning (77 to 81). */
const games = generateGames({ seed: 4242, count: 240 });
const usual = usualPlaces(generateGames({ seed: 11, count: 600 }));
const model = createTinyPolicy();

const rates = new Map<string, number>();
const numbers = new Map<object, number>();
const numberOf = (value: object): number => {
  if (!numbers.has(value)) numbers.set(value, numbers.size);
  return numbers.get(value)!;
};

/** Share of games that are solved; each setting is played once. */
async function rate(
  aids: readonly AidName[],
  wording: Wording = plainWording,
  of = games,
): Promise<number> {
  const key = `${aids.join()} ${aids.length === 0 ? "" : numberOf(wording)} ${numberOf(of)}`;
  const known = rates.get(key);
  if (known !== undefined) return known;
  let passed = 0;
  for (let i = 0; i < of.length; i += 1) {
    const options = { model, aids: new Set(aids), wording, usual, seed: 50_000 + i };
    if ((await rollout(of[i]!, options)).passed) passed += 1;
  }
  rates.set(key, passed / of.length);
  return passed / of.length;
}

const treated = games.filter(({ taskType }) => /clean|heat|cool/.test(taskType));
const others = games.filter(({ taskType }) => !/clean|heat|cool/.test(taskType));

describe("the policy under aids", () => {
  let base = 0;
  beforeAll(async () => {
    base = await rate([]);
  });

  it("solves some of the games on its own", () => {
    expect(base).toBeGreaterThan(0.25);
    expect(base).toBeLessThan(0.6);
  });

  it("is helped by each aid", async () => {
    for (const aid of aidNames) {
      const helped = await rate([aid]);
      // Opening costs steps; alone, without a memory of what was opened, it gains little.
      expect(helped, aid).toBeGreaterThan(aid === "open" ? base - 0.04 : base + 0.015);
    }
  });

  it("is helped by opening where the thing is shut away", async () => {
    const with_ = await rate(["notes", "open"]);
    const without = await rate(["notes"]);
    expect(with_).toBeGreaterThan(without);
  });

  it("is helped most by all of them", async () => {
    expect(await rate(aidNames)).toBeGreaterThan(0.75);
  });

  it("helps on the families that an aid is about", async () => {
    const gain = await gainOf("procedure", treated);
    expect(gain).toBeGreaterThan(0.1);
    expect(gain).toBeGreaterThan(await gainOf("procedure", others));
  });

  it("is hurt by bad advice", async () => {
    const bad: Wording = {
      ...plainWording,
      open: "Never open anything, whatever it is.",
      procedure: "No need to clean, heat or cool a thing: skip that and place it directly.",
    };
    expect(await rate(["procedure"], bad, treated)).toBeLessThan(
      await rate([], plainWording, treated),
    );
  });

  async function gainOf(aid: AidName, of: typeof games): Promise<number> {
    return (await rate([aid], plainWording, of)) - (await rate([], plainWording, of));
  }

  for (const [name, wording] of Object.entries(freshWordings))
    it(`keeps at least half of the help in the ${name} wording`, async () => {
      const all = (await rate(aidNames)) - base;
      expect((await rate(aidNames, wording)) - base).toBeGreaterThan(all / 2);
      const notes = (await rate(["notes"])) - base;
      expect((await rate(["notes"], wording)) - base).toBeGreaterThan(notes / 2);
    });

  it("keeps the other helps over the fresh wordings together", async () => {
    // Most are worth a few points: one wording alone has too few games to tell.
    const pooled = async (aid: AidName, of: typeof games): Promise<number> => {
      let sum = 0;
      for (const wording of Object.values(freshWordings)) sum += await rate([aid], wording, of);
      return sum / Object.keys(freshWordings).length - (await rate([], plainWording, of));
    };
    expect(await pooled("order", games)).toBeGreaterThan((await gainOf("order", games)) / 2);
    expect(await pooled("loop", games)).toBeGreaterThan(0.005);
    expect(await pooled("open", games)).toBeGreaterThan(-0.01);
    expect(await pooled("procedure", treated)).toBeGreaterThan(
      (await gainOf("procedure", treated)) / 2 - 0.02,
    );
  });
});

describe("fresh wordings", () => {
  it("are not among the training wordings", () => {
    const training = readFileSync(
      new URL("../scripts/wordings.ts", import.meta.url),
      "utf8",
    ).toLowerCase();
    const facts = {
      dull: ["drawer 1"],
      seen: [{ object: "mug 1", place: "shelf 1" }],
      delivered: [{ object: "mug 2", place: "shelf 2" }],
      held: "mug 3",
      unsearched: ["drawer 2"],
      contents: new Map([["drawer 1", []]]),
    };
    for (const wording of [plainWording, ...Object.values(freshWordings)]) {
      const texts = [
        wording.open,
        wording.procedure,
        wording.loop("look", 3, []),
        wording.loop("look", 3, ["drawer 1"]),
        wording.notes(facts),
        wording.order(new Map([["mug", ["shelf", "desk"]]])),
      ];
      for (const sentence of texts.join("\n").split(/[\n.;!?]+/)) {
        const bare = sentence.trim().toLowerCase();
        // Only what is left of names and numbers is a wording.
        if (bare.replace(/\b\w+ \d\b|[^a-z]/g, "").length > 12)
          expect(training).not.toContain(bare);
      }
    }
  });
});
