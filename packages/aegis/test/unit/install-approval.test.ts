import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  approve,
  beyondPolicy,
  candidateGrowth,
  capabilityGrowth,
  grantsOf,
  JOURNAL,
  openJournal,
  pendingApprovals,
  requestApproval,
  ungranted,
  verifyWorkspace,
} from "../../src/index.ts";
import {
  insertEdit,
  installWorld,
  makeFolder,
  packageOf,
  present,
  ship,
} from "../support/install-world.ts";

const wiki = packageOf(1, { net: ["wiki.example"] });
const plain = packageOf(2);
let keys: string;
let dir: string;
beforeAll(async () => {
  keys = await makeFolder("keys");
  process.env["HARNESSX_KEYS"] = keys;
});
beforeEach(async () => {
  dir = await installWorld([wiki, plain]);
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(() => rm(keys, { recursive: true, force: true }));

const journal = () => openJournal(join(dir, JOURNAL));
const growth = [{ entry: "evolved-1", capability: "net:wiki.example" }];
const asked = { candidate: "c1", growth, why: "the page tool times out" };

describe("capabilityGrowth", () => {
  it("counts entry by entry", () => {
    const before = [{ id: "a", capabilities: { net: ["x"], fs: { read: ["./d"] } } }];
    const after = [
      { id: "a", capabilities: { net: ["x", "y"], fs: { read: ["./d"], write: ["./d"] } } },
      { id: "b", capabilities: { net: ["x"], env: ["E"], model: ["small"], spawn: true } },
    ];
    expect(
      capabilityGrowth(before, after).map(({ entry, capability }) => `${entry} ${capability}`),
    ).toEqual(["a net:y", "a fs.write:./d", "b net:x", "b env:E", "b model:small", "b spawn"]);
  });

  it("reads what a candidate's packages declare, and believes no more than texts", async () => {
    const before = grantsOf(await present(dir));
    const candidate = {
      edits: [...insertEdit(wiki), ...insertEdit(plain)],
      packages: [wiki, plain],
    };
    expect(candidateGrowth(candidate, before)).toEqual(growth);
    const strange = {
      ...wiki,
      files: {
        "package.json": '{"harnessx":{"capabilities":{"net":[1,"n"],"fs":7,"spawn":"yes"}}}',
      },
    };
    expect(candidateGrowth({ edits: insertEdit(strange), packages: [strange] }, before)).toEqual([
      { entry: "evolved-1", capability: "net:n" },
    ]);
    const broken = { ...wiki, files: { "package.json": "{" } };
    expect(candidateGrowth({ edits: insertEdit(broken), packages: [broken] }, before)).toEqual([]);
  });

  it("is measured against what the lock grants", async () => {
    const before = grantsOf(await present(dir));
    await ship(dir, wiki, "verdict-1");
    expect(capabilityGrowth(before, grantsOf(await present(dir)))).toEqual(growth);
    expect(beyondPolicy(growth, { net: ["wiki.example"] })).toEqual([]);
    expect(beyondPolicy(growth, { net: ["other.example"] })).toEqual(growth);
  });
});

describe("approve", () => {
  it("grants what a candidate waits for, to that candidate alone", async () => {
    await requestApproval(dir, asked);
    expect(await pendingApprovals(dir)).toEqual([{ v: 1, ...asked }]);
    expect(await ungranted(dir, "c1", growth)).toEqual(growth);
    expect(await approve({ dir, id: "c1", who: "ann", journal: journal() })).toEqual({
      id: "c1",
      kind: "candidate",
      growth,
    });
    expect(await pendingApprovals(dir)).toEqual([]);
    expect(await ungranted(dir, "c1", growth)).toEqual([]);
    expect(await ungranted(dir, "c2", growth)).toEqual(growth);
    const more = { entry: "evolved-1", capability: "net:evil.example" };
    expect(await ungranted(dir, "c1", [...growth, more])).toEqual([more]);
    expect(journal().events).toMatchObject([
      { t: "human", who: "ann", act: "granted net:wiki.example (evolved-1) to the candidate c1" },
    ]);
  });

  it.each([
    ["changed", (text: string) => text.replace(/[A-Z]/, (one) => one.toLowerCase())],
    ["made up", () => JSON.stringify({ growth, who: "ann", candidate: "c1" })],
  ])("does not count an approval that was %s", async (_what, spoil) => {
    await requestApproval(dir, asked);
    await approve({ dir, id: "c1", who: "ann", journal: journal() });
    const path = join(dir, ".harnessx/approvals/c1.approved.json");
    await writeFile(path, spoil(await readFile(path, "utf8")));
    expect(await ungranted(dir, "c1", growth)).toEqual(growth);
  });

  it("does not count one that was given to another candidate, or by a key of elsewhere", async () => {
    await requestApproval(dir, asked);
    await approve({ dir, id: "c1", who: "ann", journal: journal() });
    const folder = join(dir, ".harnessx/approvals");
    await writeFile(
      join(folder, "c2.approved.json"),
      await readFile(join(folder, "c1.approved.json"), "utf8"),
    );
    expect(await ungranted(dir, "c2", growth)).toEqual(growth);
    const elsewhere = await makeFolder("elsewhere");
    expect(await ungranted(dir, "c1", growth, elsewhere)).toEqual(growth);
    await rm(elsewhere, { recursive: true });
  });

  it.each(["nobody", "../../harness", "", "evolved-2"])(
    "knows nothing to approve under %j",
    async (id) => {
      await ship(dir, plain, "verdict-1");
      await expect(approve({ dir, id, who: "ann", journal: journal() })).rejects.toMatchObject({
        code: "HX_AEGIS_APPROVAL_UNKNOWN",
      });
      expect(journal().events.at(-1)!.t).toBe("ship");
    },
  );

  it("gives an entry back what its lock holds back, and signs for that", async () => {
    await ship(dir, wiki, "verdict-1");
    const { hash } = await present(dir);
    const path = join(dir, "harness.lock.json");
    const full = await readFile(path, "utf8");
    // A person narrowed it: the gate's word is for another grant, so that alone does not do.
    const narrow = JSON.parse(full);
    narrow.entries["evolved-1"].capabilities = {};
    await writeFile(path, JSON.stringify(narrow));
    expect((await verifyWorkspace(dir)).ok).toBe(false);
    const granted = await approve({ dir, id: "evolved-1", who: "ann", journal: journal() });
    expect(granted).toEqual({ id: "evolved-1", kind: "entry", growth });
    expect((await verifyWorkspace(dir)).ok).toBe(true);
    expect((await present(dir)).hash).toBe(hash);
    expect(journal().events.at(-1)).toMatchObject({ t: "human", who: "ann" });
    expect(await readdir(join(dir, ".harnessx/attestations"))).toHaveLength(1);
  });
});
