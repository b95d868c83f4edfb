import {
  mkdtemp,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
  utimes,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Memory, MemoryStore } from "@harnessx/core/plugin";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locked } from "../src/files/lock.ts";
import { fileNameOf, fromMarkdown, toMarkdown } from "../src/markdown/format.ts";
import { openStore } from "../src/open.ts";
import type { MemoryStoreOptions } from "../src/options.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 0, 31);
let folder: string;
let stores: MemoryStore[];
let count = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hx-memory-"));
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close?.();
  await rm(folder, { recursive: true, force: true });
});

const kinds = ["in-memory", "sqlite", "markdown"] as const;
type Kind = (typeof kinds)[number];

function open(kind: Kind, options: Partial<MemoryStoreOptions> = {}): MemoryStore {
  const path = join(folder, kind === "sqlite" ? "deep/memory.sqlite" : "notes");
  const all = { kind, name: folder, path, maxMemories: 0, halfLifeDays: 30, ...options };
  const store = openStore(all);
  stores.push(store);
  return store;
}
const memory = (id: string, text: string, age = 0, more: Partial<Memory> = {}): Memory => ({
  id,
  text,
  at: now - age * day,
  ...more,
});
const ids = async (store: MemoryStore, query: string, limit = 10): Promise<string[]> =>
  (await store.search(query, { limit, now })).map(({ id }) => id);

describe.each(kinds)("the store %s", (kind) => {
  it("gives back what it was given, to every user of it", async () => {
    const given = memory("a", "Sheep\n\nsay **baa**.", 2, {
      tags: ["farm"],
      metadata: { task: "t", deep: [1, null] },
    });
    await open(kind).add([given]);
    const [found] = await open(kind).search("sheep", { limit: 1, now });
    const { score, ...back } = found!;
    expect(back).toEqual(given);
    expect(score).toBeGreaterThan(0);
  });

  it("finds nothing before anything was added, and for queries without words", async () => {
    const store = open(kind);
    expect(await ids(store, "sheep")).toEqual([]);
    await store.add([memory("a", "Sheep say baa.")]);
    expect(await ids(store, "?! the")).toEqual([]);
    expect(await ids(store, "goat")).toEqual([]);
    expect(await ids(store, "sheep", 0)).toEqual([]);
  });

  it("puts the best match first", async () => {
    const store = open(kind);
    await store.add([
      memory("one", "The barn is red, and so is the door of the house by the road."),
      memory("both", "Red sheep live in the barn."),
      memory("none", "Cows moo."),
    ]);
    expect(await ids(store, "Which red sheep?")).toEqual(["both", "one"]);
    expect(await ids(store, "red", 1)).toHaveLength(1);
  });

  it("lets age count, and not on request", async () => {
    const texts = [memory("old", "Sheep say baa baa.", 60), memory("new", "Sheep say only baa.")];
    const store = open(kind);
    await store.add(texts);
    expect(await ids(store, "baa")).toEqual(["new", "old"]);
    expect(await ids(open(kind, { halfLifeDays: 0 }), "baa")).toEqual(["old", "new"]);
    const [first, second] = await store.search("say", { limit: 2, now });
    // Sixty days are two half-lives; the texts are of one length.
    expect(second!.score / first!.score).toBeCloseTo(0.25, 5);
  });

  it("replaces a memory of the same id, and removes", async () => {
    const store = open(kind);
    await store.add([memory("a", "Sheep say moo."), memory("b", "Sheep run.")]);
    await store.add([memory("a", "Sheep say baa.", -1)]);
    expect(await ids(store, "moo")).toEqual([]);
    expect(await ids(store, "baa")).toEqual(["a"]);
    await store.remove(["a", "unknown"]);
    expect(await ids(open(kind), "sheep")).toEqual(["b"]);
  });

  it("forgets the oldest beyond its bound", async () => {
    const store = open(kind, { maxMemories: 2 });
    await store.add([memory("b", "Sheep two.", 2), memory("c", "Sheep three.", 3)]);
    await store.add([memory("a", "Sheep one.", 1)]);
    expect((await ids(store, "sheep")).sort()).toEqual(["a", "b"]);
  });

  it("keeps what many add at once", async () => {
    const [one, two] = [open(kind), open(kind)];
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? one : two).add([memory(`m${index}`, `Sheep number ${index}.`)]),
      ),
    );
    expect(await ids(open(kind), "sheep", 50)).toHaveLength(12);
  });

  it("finds without regard to case, accents and scripts", async () => {
    const store = open(kind);
    await store.add([
      memory("fr", "Le Café d'été"),
      memory("zh", "红色的羊"),
      memory("de", "Größe"),
    ]);
    expect(await ids(store, "CAFE")).toEqual(["fr"]);
    expect(await ids(store, "羊")).toEqual(["zh"]);
    expect(await ids(store, "größe")).toEqual(["de"]);
  });

  it("takes a query for words, not for a language", async () => {
    const store = open(kind);
    await store.add([memory("a", "Sheep say baa.")]);
    const hostile = `sheep" OR words:* NEAR/1 ') ; drop table memory; -- ../../etc`;
    expect(await ids(store, hostile)).toEqual(["a"]);
    expect(await ids(store, "sheep")).toEqual(["a"]);
  });

  it.each([
    ["no id", { id: "" }, "id"],
    ["a long id", { id: "x".repeat(201) }, "id"],
    ["no text", { text: "  " }, "text"],
    ["a long text", { text: "x".repeat(20_001) }, "text"],
    ["no time", { at: Number.NaN }, "time"],
  ])("refuses a memory with %s", async (_what, wrong, named) => {
    const store = open(kind);
    const adding = store.add([memory("ok", "Sheep."), { ...memory("a", "Sheep."), ...wrong }]);
    await expect(adding).rejects.toMatchObject({ code: "HX_MEMORY_INVALID" });
    await expect(adding).rejects.toThrow(named);
    // All or nothing.
    expect(await ids(store, "sheep")).toEqual([]);
  });
});

describe("the store in-memory", () => {
  it("keeps 200 by default, and its own copies", async () => {
    const store = open("in-memory", { name: `many ${(count += 1)}` });
    const all = Array.from({ length: 205 }, (_, index) => memory(`${index}`, "sheep", 300 - index));
    await store.add(all);
    const found = await ids(store, "sheep", 500);
    expect(found).toHaveLength(200);
    expect(found).not.toContain("4");
    const mutable = { id: "m", text: "goat", at: now, tags: ["x"] };
    await store.add([mutable]);
    mutable.tags.push("y");
    const [goat] = await store.search("goat", { limit: 1, now });
    (goat!.tags as string[]).push("z");
    expect((await store.search("goat", { limit: 1, now }))[0]!.tags).toEqual(["x"]);
  });
});

describe("the store sqlite", () => {
  it("never writes over a file that is no store", async () => {
    const path = join(folder, "diary.txt");
    await writeFile(path, "Dear diary, this is not a database. ".repeat(50));
    const store = open("sqlite", { path });
    const search = store.search("dear", { limit: 1, now });
    await expect(search).rejects.toMatchObject({ code: "HX_MEMORY_UNREADABLE" });
    const adding = store.add([memory("a", "Sheep.")]);
    await expect(adding).rejects.toMatchObject({ code: "HX_MEMORY_UNREADABLE" });
    expect(await readFile(path, "utf8")).toMatch(/^Dear diary/);
    expect(await readdir(folder)).toEqual(["diary.txt"]);
  });

  it("sees what another process wrote, and leaves no lock behind", async () => {
    const one = open("sqlite");
    await one.add([memory("a", "Sheep.")]);
    expect(await ids(one, "sheep goats")).toEqual(["a"]);
    const two = open("sqlite");
    await two.add([memory("b", "Goats.")]);
    expect((await ids(one, "sheep goats")).sort()).toEqual(["a", "b"]);
    expect(await readdir(join(folder, "deep"))).toEqual(["memory.sqlite"]);
  });

  it("breaks the lock of a process that died", async () => {
    const store = open("sqlite");
    await mkdir(join(folder, "deep"));
    const lock = join(folder, "deep/memory.sqlite.lock");
    await writeFile(lock, "");
    await utimes(lock, 1, 1);
    await store.add([memory("a", "Sheep.")]);
    expect(await ids(store, "sheep")).toEqual(["a"]);
  });

  it("reads the target of a link that stands for its file", async () => {
    await open("sqlite").add([memory("a", "Sheep.")]);
    await symlink(join(folder, "deep/memory.sqlite"), join(folder, "link.sqlite"));
    const linked = open("sqlite", { path: join(folder, "link.sqlite") });
    await linked.add([memory("b", "Sheep, too.")]);
    expect((await ids(open("sqlite"), "sheep")).sort()).toEqual(["a", "b"]);
  });
});

describe("the store markdown", () => {
  const notes = () => join(folder, "notes");

  it("reads what people write, with a head or without", async () => {
    await mkdir(notes());
    await writeFile(join(notes(), "farm.md"), "Sheep say baa.\n");
    await writeFile(
      join(notes(), "goat.md"),
      "---\r\nid: goat\r\nat: 2026-01-01\r\ntags: [farm, horns]\r\n---\r\n\r\nGoats climb.\r\n",
    );
    const store = open("markdown");
    expect(await ids(store, "baa")).toEqual(["file:farm.md"]);
    const [goat] = await store.search("horns", { limit: 1, now });
    expect(goat).toMatchObject({ id: "goat", at: Date.UTC(2026, 0, 1), tags: ["farm", "horns"] });
    await store.remove(["goat", "file:farm.md"]);
    expect(await readdir(notes())).toEqual([]);
  });

  it("keeps hostile ids inside its folder", async () => {
    const store = open("markdown");
    const hostile = ["../../escaped", "/etc/passwd", "a\0b", "x\n---\nid: y", "..", "CON"];
    await store.add(hostile.map((id) => memory(id, `../../${id} sheep`)));
    expect((await ids(store, "sheep")).sort()).toEqual([...hostile].sort());
    expect(await readdir(folder)).toEqual(["notes"]);
    const names = await readdir(notes());
    expect(names).toHaveLength(hostile.length);
    for (const name of names) expect(name).toMatch(/^2026-01-31-[a-z0-9-]+-[0-9a-f]{16}\.md$/);
    await store.remove(hostile);
    expect(await readdir(notes())).toEqual([]);
  });

  it("follows no link and reads nothing else", async () => {
    const secret = join(folder, "secret.md");
    await writeFile(secret, "The secret sheep.");
    await mkdir(join(notes(), "folder.md"), { recursive: true });
    await symlink(secret, join(notes(), "link.md"));
    await writeFile(join(notes(), "big.md"), `sheep ${"x".repeat(200_000)}`);
    await writeFile(join(notes(), "sheep.txt"), "sheep");
    await writeFile(join(notes(), "x.md.1.part"), "sheep");
    await writeFile(join(notes(), "empty.md"), "\n");
    await writeFile(join(notes(), "good.md"), "A sheep.");
    expect(await ids(open("markdown"), "sheep")).toEqual(["file:good.md"]);
  });

  it("replaces a link in its way rather than writing through it", async () => {
    const victim = join(folder, "victim.txt");
    await writeFile(victim, "untouched");
    const sheep = memory("a", "Sheep.");
    await mkdir(notes());
    await symlink(victim, join(notes(), fileNameOf(sheep)));
    await open("markdown").add([sheep]);
    expect(await readFile(victim, "utf8")).toBe("untouched");
    expect(await ids(open("markdown"), "sheep")).toEqual(["a"]);
  });

  it("never forgets files that people named", async () => {
    await mkdir(notes());
    await writeFile(join(notes(), "mine.md"), "---\nat: 2001-01-01\n---\nOld sheep.");
    const store = open("markdown", { maxMemories: 2, halfLifeDays: 0 });
    await store.add([memory("a", "Sheep one.", 2), memory("b", "Sheep two.", 1)]);
    expect((await ids(store, "sheep")).sort()).toEqual(["b", "file:mine.md"]);
  });

  it("says when its path is no folder", async () => {
    await writeFile(notes(), "x");
    const store = open("markdown");
    await expect(store.search("sheep", { limit: 1, now })).rejects.toMatchObject({
      code: "HX_MEMORY_UNREADABLE",
    });
    await expect(store.add([memory("a", "Sheep.")])).rejects.toMatchObject({
      code: "HX_MEMORY_UNWRITABLE",
    });
  });
});

describe("a lock", () => {
  it("lets one after the other work, and is gone when work fails", async () => {
    const path = join(folder, "x");
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => locked(path, work)));
    expect(most).toBe(1);
    await expect(locked(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is waited for only so long", async () => {
    await writeFile(join(folder, "x.lock"), "");
    const waiting = locked(join(folder, "x"), () => Promise.resolve(1), 1);
    await expect(waiting).rejects.toMatchObject({ code: "HX_MEMORY_BUSY" });
    expect(await readdir(folder)).toEqual(["x.lock"]);
  });
});

describe("a file", () => {
  const file = { name: "f.md", mtimeMs: 5 };

  it.each([
    memory("a", "Plain."),
    memory('q"\n---\n', "---\nid: fake\n---\nText that looks like a head."),
    memory("t", "Text", 1, { tags: ["a b", "c"], metadata: "word" }),
  ])("holds %j as it is", (given) => {
    expect(fromMarkdown(toMarkdown(given), file)).toEqual(given);
  });

  it("that begins with a rule has no head", () => {
    const text = "---\nNot a field\n---\nMore";
    expect(fromMarkdown(text, file)).toEqual({ id: "file:f.md", text, at: 5 });
  });
});
