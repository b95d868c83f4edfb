import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Environment, Tool, ToolContext, ToolResult } from "@harnessx/core/plugin";
import { testPlugin } from "@harnessx/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { createSuite, type WikiSuite } from "../src/index.ts";
import { auditAnswer, judge } from "../src/judge.ts";

const suite = createSuite({});
const other = createSuite({});
afterAll(async () => {
  await suite.close();
  await other.close();
});

const context = { signal: new AbortController().signal } as ToolContext;

async function call(environment: Environment, name: string, input: object): Promise<ToolResult> {
  const found = environment.tools.find((tool) => tool.name === name) as Tool;
  return (await found.execute(input as never, context)) as ToolResult;
}

const originOf = ({ observation }: Environment): string =>
  /http:\/\/127\.0\.0\.1:\d+/.exec(observation)![0];
const startOf = ({ observation }: Environment): string => /Start at: (\S+)$/.exec(observation)![1]!;

/** The tasks of a suite with a filter, opened under one seed. */
async function opened(from: WikiSuite, split = "train", seed = 5) {
  const tasks = (await from.tasks()).filter((task) => task.split === split);
  return Promise.all(
    tasks.map(async (task) => ({ task, environment: await from.open(task.id, { seed }) })),
  );
}

describe("tasks", () => {
  test("are as many as asked for, each family in one split, all clusters in each", async () => {
    const tasks = await suite.tasks();
    const count = (split: string): number => tasks.filter((task) => task.split === split).length;
    expect(["train", "validation", "sealed", "canary"].map(count)).toEqual([80, 60, 60, 8]);
    const splits = new Map<string, string>();
    for (const { family, split } of tasks) {
      expect(splits.get(family) ?? split).toBe(split);
      splits.set(family, split);
    }
    for (const split of ["train", "validation", "sealed"]) {
      const clusters = new Set(
        tasks.filter((task) => task.split === split).map(({ cluster }) => cluster),
      );
      expect(clusters.size).toBe(5);
    }
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(208);
  });

  test("have ids and a verifier that no port changes, and that another seed changes", async () => {
    await suite.open((await suite.tasks())[0]!.id, { seed: 1 });
    await other.open((await other.tasks())[0]!.id, { seed: 1 });
    expect(await other.tasks()).toEqual(await suite.tasks());
    expect(other.verifier).toBe(suite.verifier);
    const changed = createSuite({ seed: 2 });
    expect(changed.verifier).not.toBe(suite.verifier);
    expect((await changed.tasks())[0]!.id).not.toBe((await suite.tasks())[0]!.id);
  });

  test("are refused beyond the questions that there are", () => {
    expect(() => createSuite({ train: 100_000 })).toThrow(RangeError);
  });

  test("the cluster can be seen in the text", async () => {
    for (const { text, cluster } of await suite.tasks()) {
      const [articles, asked] = cluster.split(", ");
      expect(/\bthat (?:town|river|architect|founder)\b/.test(text)).toBe(
        articles === "two articles",
      );
      const kind = /year was/.test(text)
        ? "year"
        : /^(?:Who|Which|In which town)/.test(text)
          ? "name"
          : "number";
      expect(kind).toBe(asked);
    }
  });
});

describe("episodes", () => {
  test("pages need JavaScript, and most do not load in time; a few do", async () => {
    const episodes = await opened(suite);
    let timeouts = 0;
    for (const { environment } of episodes) {
      const result = await call(environment, "open_page", { url: startOf(environment) });
      if (result.status === "timeout") timeouts += 1;
      else expect(result.content).toMatch(/^.+\n\n.+ is a|^.+\n\n.+ was a/);
      const raw = await call(environment, "http_get", { url: startOf(environment) });
      expect(raw.content).toMatch(/<noscript>This page needs JavaScript/);
      expect(raw.content).toMatch(/rel="EditURI" type="application\/rsd\+xml" href="http:\/\/127/);
      const gold = environment.oracle![0]!.input as { text: string };
      expect(raw.content).not.toContain(`${gold.text}.`);
    }
    expect(timeouts).toBeGreaterThan(episodes.length * 0.7);
    expect(timeouts).toBeLessThan(episodes.length);
  });

  test("the same seed gives the same replies, whatever the port", async () => {
    const play = async (from: WikiSuite, seed: number): Promise<string[]> => {
      const replies: string[] = [];
      for (const { environment } of (await opened(from, "validation", seed)).slice(0, 20)) {
        for (const name of ["open_page", "open_page", "http_get"]) {
          const { content } = await call(environment, name, { url: startOf(environment) });
          replies.push((content as string).replaceAll(originOf(environment), "ORIGIN"));
        }
      }
      return replies;
    };
    expect(await play(suite, 3)).toEqual(await play(other, 3));
    expect(await play(suite, 3)).not.toEqual(await play(other, 4));
  });

  test("every answer stands in the article that holds it", async () => {
    for (const { task, environment } of await opened(suite, "sealed")) {
      const { text } = environment.oracle![0]!.input as { text: string };
      const url = `${originOf(environment)}/w/api.php?action=query&prop=extracts&explaintext&format=json&titles=${encodeURIComponent(task.family)}`;
      const { content } = await call(environment, "http_get", { url });
      const { query } = JSON.parse(content as string);
      const [page] = Object.values(query.pages) as { extract: string }[];
      expect(page!.extract).toContain(text.replace(/ \(.*/, ""));
    }
  });

  test("the gold answer passes both judgements, others pass neither", async () => {
    for (const { environment } of await opened(suite, "validation")) {
      const { text } = environment.oracle![0]!.input as { text: string };
      expect(environment.score()).toMatchObject({ passed: false, audit: false });
      await call(environment, "answer", { text });
      expect(environment.score()).toMatchObject({ passed: true, audit: true });
      await call(environment, "answer", { text: "no, something else" });
      expect(environment.score()).toMatchObject({ passed: true });
    }
    const [first] = await opened(suite, "sealed");
    await call(first!.environment, "answer", { text: "1" });
    expect(first!.environment.score()).toMatchObject({ passed: false, audit: false });
  });

  test("a canary asks about a page that does not exist and tells no answer", async () => {
    const canaries = await opened(suite, "canary");
    expect(canaries).toHaveLength(8);
    for (const { environment } of canaries) {
      expect(environment.oracle).toBeUndefined();
      const opening = await call(environment, "open_page", { url: startOf(environment) });
      expect(opening).toMatchObject({ status: "error", error: { code: "HTTP_ERROR" } });
    }
  });

  test("nothing but the local server can be reached", async () => {
    const [{ environment } = never()] = await opened(suite, "canary");
    for (const url of ["http://127.0.0.1:1/", "https://example.org/", "file:///etc/passwd", "x"])
      for (const tool of ["open_page", "http_get"])
        expect(await call(environment, tool, { url })).toMatchObject({
          status: "error",
          error: { code: "UNREACHABLE" },
        });
  });
});

function never(): never {
  throw new Error("there is none");
}

describe("judgements", () => {
  test.each([
    ["12,480", "12480", true],
    ["12480 inhabitants", "12,480", false],
    ["In 1877.", "1877", true],
    ["The Ister", "Ister (river)", true],
    ["1877 or 1878", "1877", false],
    ["ada eskman", "Ada Eskman", true],
    ["Eskman", "Ada Eskman", false],
  ])("%s for %s: %s", (given, gold, passed) => {
    expect(judge(given, gold).passed).toBe(passed);
  });

  test("the audit refuses lists, other numbers and parts of words", () => {
    expect(auditAnswer("about 12,480 people", "12,480")).toBe(true);
    expect(auditAnswer("12,480 or 12,481", "12,480")).toBe(false);
    expect(auditAnswer("112480", "12,480")).toBe(false);
    expect(auditAnswer("Fennhavens", "Fennhaven")).toBe(false);
    expect(auditAnswer("one two three four five six seven Fennhaven", "Fennhaven")).toBe(false);
  });
});

test("conforms to the contract", async () => {
  const report = await testPlugin(fileURLToPath(new URL("..", import.meta.url)));
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

test("the server keeps no process alive", async () => {
  const source = `
    import { createSuite } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
    const suite = createSuite({ train: 5, validation: 0, sealed: 0, canary: 0 });
    const [task] = await suite.tasks();
    const { tools, observation } = await suite.open(task.id, { seed: 1 });
    const { content } = await tools[1].execute({ url: observation.split(" ").at(-1) }, { signal: new AbortController().signal });
    console.log(content.length > 100);
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@harnessx/source", "--import", "tsx", "--input-type=module", "-e", source],
    { timeout: 30_000 },
  );
  expect(stdout.trim()).toBe("true");
}, 40_000);
