import { describe, expect, test } from "vitest";
import { clusterOf } from "../src/cluster.ts";
import { briefOf } from "../src/customer/brief.ts";
import { ScriptedCustomer } from "../src/customer/customer.ts";
import { inFirstPerson } from "../src/customer/first-person.ts";
import { createRandom } from "../src/random.ts";

const scenario = {
  reason:
    "You want to exchange your lamp. Make sure you mention the lamp first. If the agent asks for confirmation, you change your mind and want to return it. If the agent asks for the reason, say that it is too bright. (It is a gift, but do not reveal it to the agent.)",
  known: "You are Ada Ashby in zip code 12345.",
  unknown: "You do not remember your email address.",
  manner: "You are brief. If asked for the color, say it is green.",
};
const customer = (): ScriptedCustomer =>
  new ScriptedCustomer(briefOf(scenario), createRandom("customer", 1));

describe("the brief", () => {
  test("directions are left out, conditions wait", () => {
    expect(briefOf(scenario)).toEqual({
      opening: "I want to exchange my lamp.",
      onDemand: [
        { when: "confirmation", say: "I change my mind and want to return it." },
        { when: ["reaso"], say: "It is too bright." },
        { when: ["color"], say: "It is green." },
      ],
      known: "I am Ada Ashby in zip code 12345.",
      unknown: "I do not remember my email address.",
    });
  });

  test.each([
    ["You want your money back, and you're sad.", "I want my money back, and I'm sad."],
    ["You were told to help yourself.", "I was told to help myself."],
    ["You ask the agent how much you get.", "Tell me how much I get."],
    ["If the agent doesn't agree, it matters to you.", "If you don't agree, it matters to me."],
  ])("%s becomes %s", (told, said) => {
    expect(inFirstPerson(told)).toBe(said);
  });
});

describe("the customer", () => {
  test("introduces itself once, then only repeats the request, and gives up", () => {
    const one = customer();
    expect(one.reply("May I have your email address?")).toBe(
      "I am Ada Ashby in zip code 12345. I do not remember my email address.",
    );
    expect(one.reply("And your name, please?")).toBe("I am Ada Ashby in zip code 12345.");
    expect(one.reply("And your name, please?")).toMatch(/^As I said: I want to exchange/);
    expect(one.reply("What else?")).toMatch(/^As I said/);
    expect(one.reply("What else?")).toBeUndefined();
  });

  test("says what it keeps back when it is asked, once", () => {
    const one = customer();
    expect(one.reply("What is the reason?")).toBe("It is too bright.");
    expect(one.reply("I will exchange it. Do you confirm (yes/no)?")).toBe(
      "I change my mind and want to return it.",
    );
    expect(one.reply("I will return it. Do you confirm (yes/no)?")).toMatch(/^Yes/);
  });

  test("ends at a statement, at a good-bye and at a handover", () => {
    expect(customer().reply("It is done.")).toBeUndefined();
    expect(customer().reply("Is there anything else?")).toBeUndefined();
    expect(
      customer().reply("YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON."),
    ).toBeUndefined();
  });

  test("never talks for ever", () => {
    const one = customer();
    const replies = Array.from({ length: 40 }, () => one.reply("Do you confirm?"));
    expect(replies.filter((reply) => reply !== undefined)).toHaveLength(30);
  });
});

test.each([
  ["I want to cancel my order.", "cancel"],
  ["I want to change my address.", "address"],
  ["I want to return the lamp and exchange the mat.", "several"],
  ["How many shirts are there?", "question"],
])("%s is of the kind %s", (text, cluster) => {
  expect(clusterOf(text)).toBe(cluster);
});
