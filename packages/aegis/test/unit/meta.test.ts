import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { scriptedModel, streamTrace } from "@harnessx/core";
import type { ScriptedReply } from "@harnessx/core";
import type { ModelClient } from "@harnessx/core/plugin";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createMetaStages,
  deterministicStages,
  evolve,
  JOURNAL,
  readJournal,
  type Candidate,
  type EvolveContext,
  type MetaOptions,
  type ProposeInput,
} from "../../src/index.ts";
import { forgetfulModel, keyWorld } from "../support/key-world.ts";
import { keyWorkspace, recordKeyWorld, type Recorded } from "../support/workspace.ts";

let recorded: Recorded;
let input: ProposeInput;
let ours: Candidate;
beforeAll(async () => {
  recorded = await recordKeyWorld();
  const { harness, digest } = recorded;
  const context: EvolveContext = {
    round: 1,
    parent: harness.hash,
    manifest: harness.manifest,
    catalogue: [],
    options: {},
    exclude: new Set(),
  };
  const landscape = await deterministicStages.plan({ digest, context, history: [] });
  input = { digest, landscape, context, history: [], limit: 2 };
  ours = (await deterministicStages.propose(input))[0]!;
});
afterAll(() => rm(recorded.dir, { recursive: true, force: true }));

const write = (path: string, content: unknown): ScriptedReply => ({
  calls: [
    {
      name: "write_file",
      input: { path, text: typeof content === "string" ? content : JSON.stringify(content) },
    },
  ],
});
const submit: ScriptedReply = { calls: [{ name: "submit", input: {} }] };

/** Stages whose model says these things, whatever it is asked. */
function stagesOf(replies: readonly ScriptedReply[], more: Partial<MetaOptions> = {}) {
  const meta: ModelClient = scriptedModel(replies);
  return createMetaStages({ models: { main: scriptedModel([]), meta }, ...more });
}

/** What a model writes to propose `candidate`. */
function draftOf(candidate: Candidate): ScriptedReply[] {
  const [generated] = candidate.packages;
  const edits = candidate.edits.map((edit) =>
    edit.op === "insert" && edit.section === "processors"
      ? { ...edit, entry: { ...edit.entry, use: `generated:${generated!.name}` } }
      : edit,
  );
  const { rollback: _rollback, ...manifest } = candidate.manifest;
  return [
    write("out/mine/candidate.json", { edits, packages: ["package"], manifest }),
    ...Object.entries(generated!.files).map(([path, text]) =>
      write(`out/mine/package/${path}`, text),
    ),
  ];
}

describe("a model that does its work", () => {
  it("writes a package, of which everything that can be computed is", async () => {
    const [made] = await stagesOf([...draftOf(ours), submit]).propose(input);
    expect(made).toMatchObject({ id: ours.id, parent: ours.parent, operator: "model:mine" });
    expect(made!.edits).toEqual(ours.edits);
    expect(made!.packages).toEqual(ours.packages);
  });

  it("adds claims whose quotations are looked up, to a digest that a program made", async () => {
    const evidence = input.digest.categories[0]!.evidence.slice(0, 1);
    const claims = [{ claim: "It forgets where it has been.", evidence }];
    const stages = stagesOf([write("out/claims.json", claims), submit]);
    const digest = await stages.digest(recorded);
    expect(digest).toEqual({ ...recorded.digest, claims });
  });

  it("chooses among directions, and cannot drop the mandatory one or promise more", async () => {
    const [first, second] = input.landscape.directions;
    const wish = { ...pick(second!), expectedGain: 1e6, reason: "because" };
    const plan = await stagesOf([write("out/directions.json", [wish]), submit]).plan(input);
    expect(first!.mandatory).toBe(true);
    expect(plan.directions).toEqual([first, second]);
  });

  it("may object to a candidate, and may not clear what the program objects to", async () => {
    const bad = { ...ours, manifest: { ...ours.manifest, evidence: [] } };
    const critiques = [{ candidate: ours.id, decision: "accept", findings: ["fine"] }];
    const say = stagesOf([write("out/critiques.json", critiques), submit]);
    expect(await say.critique({ ...input, candidates: [ours] })).toMatchObject([
      { decision: "accept" },
    ]);
    const [kept] = await say.critique({ ...input, candidates: [bad] });
    expect(kept).toMatchObject({ decision: "reject" });
    const silent = stagesOf([write("out/critiques.json", []), submit]);
    const [unheard] = await silent.critique({ ...input, candidates: [ours] });
    expect(unheard).toMatchObject({ decision: "reject", findings: ["no critique"] });
  });

  it("gets two repairs after a malformed attempt", async () => {
    const replies = [write("out/mine/candidate.json", "{"), submit, ...draftOf(ours), submit];
    await expect(stagesOf(replies).propose(input)).resolves.toHaveLength(1);
  });
});

function pick({ dimension, pathology }: { dimension: string; pathology: string }) {
  return { dimension, pathology };
}

describe("a model that does not", () => {
  const failed = (problem: RegExp) => ({
    code: "HX_AEGIS_STAGE_FAILED",
    message: expect.stringMatching(problem),
  });
  const cases: [string, readonly ScriptedReply[], RegExp][] = [
    ["is lazy", [{ text: "I have improved everything." }], /without handing anything in/],
    [
      "is malformed for ever",
      [write("out/mine/candidate.json", "{"), submit, submit, submit, submit],
      /never well-formed/,
    ],
    ["fails", [{ error: new Error("overloaded") }], /overloaded/],
    [
      "talks until its budget ends",
      Array.from({ length: 60 }, () => ({ calls: [{ name: "list_files", input: {} }] })),
      /./,
    ],
    [
      "edits what is not there",
      [
        write("out/mine/candidate.json", {
          edits: [{ op: "configure", id: "nobody", to: {} }],
          packages: [],
          manifest: {},
        }),
        submit,
        { text: "so be it" },
      ],
      /without handing anything in/,
    ],
  ];
  it.each(cases)("%s: the stage fails with a reason", async (_name, replies, problem) => {
    await expect(stagesOf(replies).propose(input)).rejects.toMatchObject(failed(problem));
  });

  it("has no model for the role", async () => {
    const stages = createMetaStages({ models: { main: scriptedModel([]) } });
    await expect(stages.propose(input)).rejects.toMatchObject(failed(/role meta/));
  });

  it("invents evidence: the claim goes back, and the stage fails", async () => {
    const { trace } = input.digest.categories[0]!.evidence[0]!;
    for (const evidence of [
      [{ trace, seq: 1, quote: "nobody ever said this" }],
      [{ trace: "no-such-run", seq: 1, quote: "x" }],
    ]) {
      const claims = [{ claim: "It is so.", evidence }];
      const replies = [write("out/claims.json", claims), submit, { text: "it is so" }];
      await expect(stagesOf(replies).digest(recorded)).rejects.toMatchObject(failed(/./));
    }
  });

  let traceDir: string;
  beforeEach(async () => {
    traceDir = join(recorded.dir, "meta");
    await rm(traceDir, { recursive: true, force: true });
  });

  async function refusals(): Promise<string[]> {
    const [file] = await readdir(traceDir);
    const found: string[] = [];
    for await (const event of streamTrace(join(traceDir, file!)))
      if (event.type === "tool.result" && event.status === "refused") found.push(event.name);
    return found;
  }

  it("writes outside its scope: refused, and nothing was written", async () => {
    const paths = ["harness.json", "../out/x", "out/../../x", "/etc/x", "out/.hidden"];
    const replies = [...paths.map((path) => write(path, "x")), ...draftOf(ours), submit];
    const [made] = await stagesOf(replies, { traceDir }).propose(input);
    expect(Object.keys(made!.packages[0]!.files)).toEqual(Object.keys(ours.packages[0]!.files));
    expect(await refusals()).toEqual(paths.map(() => "write_file"));
  });

  it("writes what it must not know: refused by name, never by content", async () => {
    const leaks = (text: string) => (text.includes("Ouagadougou") ? ["answer"] : []);
    const cheat = write("out/mine/package/src/answers.ts", "export default 'Ouagadougou';");
    const replies = [cheat, ...draftOf(ours), submit];
    const [made] = await stagesOf(replies, { traceDir, leaks }).propose(input);
    expect(made!.packages[0]!.files).not.toHaveProperty("src/answers.ts");
    expect(await refusals()).toEqual(["write_file"]);
  });
});

describe("evolve with a model that returns nothing", () => {
  it("leaves the harness as it was, with the reason in the journal", async () => {
    const dir = await keyWorkspace();
    const meta = scriptedModel([{ text: "No." }]);
    const report = await evolve({
      dir,
      suite: keyWorld({ tasks: 24 }),
      models: { main: forgetfulModel() },
      stages: createMetaStages({ models: { main: forgetfulModel(), meta } }),
      seed: 1,
      rounds: 1,
    });
    expect(report.after).toBe(report.before);
    expect(report.rounds[0]!.failed).toMatch(/digest came to nothing/);
    expect(readJournal(join(dir, JOURNAL)).find(({ t }) => t === "failed")).toMatchObject({
      stage: "digest",
      problem: expect.stringMatching(/without handing anything in/),
    });
    await rm(dir, { recursive: true, force: true });
  });
});
