import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { globTest } from "../src/search/glob-pattern.ts";
import { newFolder, toolsIn } from "./tools.ts";

function tree(files: Readonly<Record<string, string | Buffer>>): string {
  const root = newFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe("patterns", () => {
  it.each([
    ["*.ts", "a/b.ts", true],
    ["*.ts", "a/b.tsx", false],
    ["src/*.ts", "src/a/b.ts", false],
    ["src/**/*.ts", "src/b.ts", true],
    ["src/**/*.ts", "src/a/b/c.ts", true],
    ["src/**", "src/a/b", true],
    ["**/x/**/y", "a/x/b/c/y", true],
    ["?.{js,ts}", "a.ts", true],
    ["?.{js,ts}", "ab.ts", false],
    ["[!a]b", "cb", true],
    ["[!a]b", "ab", false],
    ["[a-c]", "b", true],
    ["a[!x]b/c", "a/b/c", false],
    ["a.b", "axb", false],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["(x)+$", "(x)+$", true],
    ["./src/a", "src/a", true],
    [".*", ".env", true],
  ])("%s on %s: %s", (pattern, path, fits) => {
    expect(globTest(pattern)(path)).toBe(fits);
  });

  it.each(["[a", "{a", "{{{{{{{{{a}}}}}}}}}", "x".repeat(1001), "[z-a]"])(
    "%s is refused",
    (pattern) => {
      expect(() => globTest(pattern)).toThrow(/cannot be used/);
    },
  );
});

describe("glob", () => {
  it("lists files by path and leaves out what .gitignore excludes", async () => {
    const root = tree({
      ".gitignore": "dist\n*.log\n!keep.log\n",
      "dist/a.js": "",
      "b.log": "",
      "keep.log": "",
      "src/.gitignore": "/gen\n",
      "src/gen/x.js": "",
      "src/a.js": "",
      "src/deep/gen/y.js": "",
      ".git/config": "",
    });
    symlinkSync("src", join(root, "link"));
    const call = await toolsIn(root);
    expect((await call("glob", { pattern: "**" })).text.split("\n")).toEqual([
      ".gitignore",
      "keep.log",
      "src/.gitignore",
      "src/a.js",
      "src/deep/gen/y.js",
    ]);
    expect((await call("glob", { pattern: "*.js", path: "src" })).text).toBe(
      "src/a.js\nsrc/deep/gen/y.js",
    );
    expect((await call("glob", { pattern: "a.js", path: "src", includeIgnored: true })).text).toBe(
      "src/a.js",
    );
    expect((await call("glob", { pattern: "dist/*", includeIgnored: true })).text).toBe(
      "dist/a.js",
    );
    expect((await call("glob", { pattern: "*.py" })).text).toBe("No file fits.");
    // Rules above the folder count.
    expect((await call("glob", { pattern: "**", path: "src/gen" })).text).toBe("No file fits.");
    expect((await call("glob", { pattern: "**", path: "src/deep/gen" })).text).toBe(
      "src/deep/gen/y.js",
    );
  });

  it("is bounded in results and in entries", async () => {
    const root = tree(Object.fromEntries([1, 2, 3, 4].map((n) => [`f${n}`, ""])));
    const few = await toolsIn(root, { maxResults: 2 });
    expect((await few("glob", { pattern: "*" })).text).toBe(
      "f1\nf2\n(2 more files fit; use a narrower pattern.)",
    );
    const short = await toolsIn(root, { maxEntries: 3 });
    expect((await short("glob", { pattern: "*" })).text).toContain("Stopped after 3 entries");
  });

  it("does not hang on a hostile .gitignore", async () => {
    const root = tree({
      ".gitignore": `${"*a".repeat(40)}b\n*.log`,
      ["a".repeat(200)]: "",
      "x.log": "",
    });
    const call = await toolsIn(root);
    expect((await call("glob", { pattern: "*" })).text).toBe(`.gitignore\n${"a".repeat(200)}`);
  });
});

describe("grep", () => {
  it("shows path, line and text", async () => {
    const root = tree({
      "a.ts": "one\ntwo\nthree\n",
      "b/c.md": "Two\n",
      "d.bin": Buffer.from("two\0"),
    });
    const call = await toolsIn(root);
    const grep = async (input: object) => (await call("grep", input as never)).text;
    expect(await grep({ pattern: "t(wo|hree)" })).toBe("a.ts:2:two\na.ts:3:three");
    expect(await grep({ pattern: "two", ignoreCase: true })).toBe("a.ts:2:two\nb/c.md:1:Two");
    expect(await grep({ pattern: "two", ignoreCase: true, glob: "*.md" })).toBe("b/c.md:1:Two");
    expect(await grep({ pattern: "t", filesOnly: true })).toBe("a.ts");
    expect(await grep({ pattern: "two", path: "a.ts", context: 1 })).toBe(
      "a.ts-1-one\na.ts:2:two\na.ts-3-three",
    );
    expect(await grep({ pattern: ".wo", literal: true })).toBe("No line fits.");
    expect(await grep({ pattern: "(TWO", literal: true, ignoreCase: true })).toBe("No line fits.");
  });

  it("refuses what RE2 does not have, and says so", async () => {
    const call = await toolsIn(tree({ a: "x" }));
    for (const pattern of ["(", "(a)\\1", "(?=a)"]) {
      const result = await call("grep", { pattern });
      expect(result.error?.code).toBe("HX_WORKSPACE_PATTERN");
    }
  });

  it("answers in time where backtracking would not end", async () => {
    const call = await toolsIn(tree({ a: `${"a".repeat(5000)}!` }));
    expect((await call("grep", { pattern: "(a+)+$" })).text).toBe("No line fits.");
  });

  it("stops at its limits, leaves out huge files and stops when the call is cancelled", async () => {
    const root = tree({ a: "x\n".repeat(50), z: "x".repeat(500) });
    const call = await toolsIn(root, { maxResults: 3, maxFileBytes: 200 });
    const { text } = await call("grep", { pattern: "x" });
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toContain("Stopped after 3 results");
    expect((await call("grep", { pattern: "y" })).text).toContain("Left out 1 files");
    expect((await call("grep", { pattern: "x", path: "z" })).error?.code).toBe(
      "HX_WORKSPACE_TOO_LARGE",
    );
    const signal = AbortSignal.abort(new Error("cancelled"));
    await expect(call("grep", { pattern: "x" }, { signal })).rejects.toThrow("cancelled");
  });
});
