import {
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder, toolsIn } from "./tools.ts";

describe("read", () => {
  it("numbers lines and shows ranges", async () => {
    const root = newFolder();
    writeFileSync(join(root, "a.txt"), "one\r\ntwo\nthree\n");
    const call = await toolsIn(root, { maxLines: 2 });
    expect((await call("read", { path: "a.txt" })).text).toBe(
      "1\tone\n2\ttwo\n(Lines 3 to 3 are not shown.)",
    );
    expect((await call("read", { path: "a.txt", offset: 2, limit: 5 })).text).toBe(
      "2\ttwo\n3\tthree",
    );
    expect((await call("read", { path: "a.txt", offset: 9 })).text).toContain("has 3 lines");
  });

  it("cuts long lines and says when a file is empty", async () => {
    const root = newFolder();
    writeFileSync(join(root, "long"), "x".repeat(30));
    writeFileSync(join(root, "empty"), "");
    const call = await toolsIn(root, { maxLineChars: 10 });
    expect((await call("read", { path: "long" })).text).toBe(
      `1\t${"x".repeat(10)} [… 20 more characters]`,
    );
    expect((await call("read", { path: "empty" })).text).toBe("(The file is empty.)");
  });

  it("shows images as images and refuses other binary files", async () => {
    const root = newFolder();
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]);
    writeFileSync(join(root, "dot.png"), png);
    writeFileSync(join(root, "program"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
    const call = await toolsIn(root);
    expect((await call("read", { path: "dot.png" })).content).toEqual([
      { type: "text", text: "dot.png: image/png, 10 bytes" },
      { type: "image", mediaType: "image/png", data: png.toString("base64") },
    ]);
    expect((await call("read", { path: "program" })).error?.code).toBe("HX_WORKSPACE_NOT_TEXT");
    const small = await toolsIn(root, { maxImageBytes: 5 });
    expect((await small("read", { path: "dot.png" })).error?.code).toBe("HX_WORKSPACE_TOO_LARGE");
  });

  it("refuses a file above the limit and takes one at it", async () => {
    const root = newFolder();
    writeFileSync(join(root, "over"), "x".repeat(101));
    writeFileSync(join(root, "at"), "x".repeat(100));
    const call = await toolsIn(root, { maxFileBytes: 100 });
    expect((await call("read", { path: "over" })).error?.code).toBe("HX_WORKSPACE_TOO_LARGE");
    expect((await call("read", { path: "at" })).status).toBe("ok");
    expect((await call("read", { path: "none" })).error?.code).toBe("HX_WORKSPACE_NOT_FOUND");
  });
});

describe("write", () => {
  it("makes folders and replaces whole files, of any size in the limit", async () => {
    const root = newFolder();
    const call = await toolsIn(root);
    const first = await call("write", { path: "a/b/c.txt", content: "été" });
    expect(first.text).toBe("Created a/b/c.txt, 5 bytes.");
    // Above 128 KB: the limit of a single argument of a program.
    const much = "x".repeat(300_000);
    expect((await call("write", { path: "a/b/c.txt", content: much })).text).toContain("Replaced");
    expect(readFileSync(join(root, "a/b/c.txt"), "utf8")).toBe(much);
    expect(readdirSync(join(root, "a/b"))).toEqual(["c.txt"]);
  });

  it("keeps the mode of a file and writes through a link inside the workspace", async () => {
    const root = newFolder();
    writeFileSync(join(root, "run.sh"), "old", { mode: 0o755 });
    symlinkSync("run.sh", join(root, "link"));
    const call = await toolsIn(root);
    await call("write", { path: "link", content: "new" });
    expect(readFileSync(join(root, "run.sh"), "utf8")).toBe("new");
    expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o755);
  });

  it("refuses folders, and too much content", async () => {
    const root = newFolder();
    mkdirSync(join(root, "sub"));
    const call = await toolsIn(root, { maxFileBytes: 3 });
    expect((await call("write", { path: "sub", content: "x" })).error?.code).toBe(
      "HX_WORKSPACE_NOT_A_FILE",
    );
    expect((await call("write", { path: "f", content: "xxxx" })).error?.code).toBe(
      "HX_WORKSPACE_TOO_LARGE",
    );
    expect(readdirSync(root)).toEqual(["sub"]);
  });
});

describe("edit", () => {
  it("replaces a unique text, or all", async () => {
    const root = newFolder();
    const file = join(root, "f");
    writeFileSync(file, "a $1 b\nb\n");
    const call = await toolsIn(root);
    const twice = await call("edit", { path: "f", oldText: "b", newText: "c" });
    expect(twice.error?.code).toBe("HX_WORKSPACE_EDIT_AMBIGUOUS");
    expect((await call("edit", { path: "f", oldText: "a $1", newText: "$& x" })).status).toBe("ok");
    const all = await call("edit", { path: "f", oldText: "b", newText: "c", replaceAll: true });
    expect(all.text).toBe("Changed f in 2 places.");
    expect(readFileSync(file, "utf8")).toBe("$& x c\nc\n");
    const none = await call("edit", { path: "f", oldText: "zzz", newText: "c" });
    expect(none.error?.code).toBe("HX_WORKSPACE_EDIT_MISSING");
    for (const [oldText, newText] of [
      ["", "c"],
      ["c", "c"],
    ])
      expect((await call("edit", { path: "f", oldText, newText })).error?.code).toBe(
        "HX_WORKSPACE_EDIT_EMPTY",
      );
  });

  it("loses nothing when a step edits one file several times", async () => {
    const root = newFolder();
    const words = ["one", "two", "three", "four", "five"];
    writeFileSync(join(root, "f"), words.join("\n"));
    const call = await toolsIn(root);
    const edits = words.map((word) =>
      call("edit", { path: "f", oldText: word, newText: word.toUpperCase() }),
    );
    const failing = call("edit", { path: "f", oldText: "zzz", newText: "" });
    for (const { status } of await Promise.all(edits)) expect(status).toBe("ok");
    expect((await failing).status).toBe("error");
    expect(readFileSync(join(root, "f"), "utf8")).toBe(words.join("\n").toUpperCase());
  });

  it("keeps line endings and a byte order mark", async () => {
    const root = newFolder();
    const file = join(root, "f");
    writeFileSync(file, "\uFEFFone\r\ntwo\r\nthree\r\n");
    const call = await toolsIn(root);
    await call("edit", { path: "f", oldText: "one\ntwo", newText: "1\n2" });
    expect(readFileSync(file, "utf8")).toBe("\uFEFF1\r\n2\r\nthree\r\n");
  });

  it("does not damage a file in another encoding", async () => {
    const root = newFolder();
    const latin = Buffer.from("caf\xe9 one", "latin1");
    writeFileSync(join(root, "f"), latin);
    const call = await toolsIn(root);
    const result = await call("edit", { path: "f", oldText: "one", newText: "two" });
    expect(result.error?.code).toBe("HX_WORKSPACE_NOT_TEXT");
    expect(readFileSync(join(root, "f"))).toEqual(latin);
    expect((await call("read", { path: "f" })).status).toBe("ok");
  });
});
