import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { slot, workspaceSlot } from "@harnessx/core/plugin";
import { describe, expect, it } from "vitest";
import { newFolder, toolsIn } from "./tools.ts";

/** A workspace beside a folder that nobody may see. */
function besideSecret() {
  const base = newFolder();
  const [root, outside] = [join(base, "work"), join(base, "outside")];
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "the secret");
  writeFileSync(join(root, "own"), "own");
  return { base, root, outside };
}

describe("paths that lead out", () => {
  it.each([
    ["..", "../outside/secret"],
    ["an absolute path", "/etc/passwd"],
    ["a link to a file", "file-link"],
    ["a link to a folder", "folder-link/secret"],
    ["dots behind a folder", "a/../../outside/secret"],
    ["something outside that is not there", "../outside/none"],
    ["a sibling with the same beginning", "../work-2/secret"],
    ["proc", "/proc/self/environ"],
    ["a link that leads nowhere outside", "dangling"],
  ])("%s is refused for reading and writing", async (_, path) => {
    const { base, root, outside } = besideSecret();
    mkdirSync(join(root, "a"));
    mkdirSync(join(base, "work-2"));
    writeFileSync(join(base, "work-2", "secret"), "the secret");
    symlinkSync(join(outside, "secret"), join(root, "file-link"));
    symlinkSync(outside, join(root, "folder-link"));
    symlinkSync(join(outside, "new"), join(root, "dangling"));
    const call = await toolsIn(root);
    for (const [tool, input] of [
      ["read", { path }],
      ["write", { path, content: "changed" }],
      ["edit", { path, oldText: "secret", newText: "changed" }],
      ["grep", { pattern: "secret", path }],
    ] as const) {
      const result = await call(tool, input);
      expect(result.text).not.toContain("the secret");
      const codes = path === "dangling" ? ["HX_WORKSPACE_NOT_FOUND"] : ["HX_WORKSPACE_OUTSIDE"];
      expect([tool, ...codes]).toEqual([tool, result.error?.code]);
    }
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("the secret");
    expect(readdirSync(outside)).toEqual(["secret"]);
  });

  it("folders outside are not made, listed or worked in", async () => {
    const { root, outside } = besideSecret();
    symlinkSync(outside, join(root, "link"));
    const call = await toolsIn(root);
    const made = await call("write", { path: "link/x/y/z", content: "" });
    expect(made).toMatchObject({ status: "refused", error: { code: "HX_WORKSPACE_OUTSIDE" } });
    expect((await call("glob", { pattern: "**" })).text).toBe("own");
    expect((await call("glob", { pattern: "**", path: "link" })).status).toBe("refused");
    expect((await call("run", { argv: ["ls"], cwd: "link" })).status).toBe("refused");
    expect(readdirSync(outside)).toEqual(["secret"]);
  });

  it("links inside the workspace, and its absolute path, are no breach", async () => {
    const { base, root } = besideSecret();
    symlinkSync("own", join(root, "link"));
    symlinkSync(root, join(base, "alias"));
    const call = await toolsIn(root);
    for (const path of ["own", "link", join(root, "own"), join(base, "alias", "own"), "./x/../own"])
      expect((await call("read", { path })).text).toBe("1\town");
    const written = await call("write", { path: join(base, "alias", "sub", "f"), content: "x" });
    expect(written.text).toBe("Created sub/f, 1 bytes.");
  });

  it("NUL characters and endless paths are refused", async () => {
    const { root } = besideSecret();
    const call = await toolsIn(root);
    for (const path of ["own\0.png", "x".repeat(5000), ""])
      expect((await call("read", { path })).error?.code).toBe("HX_WORKSPACE_PATH");
  });
});

describe("a link that is swapped in", () => {
  // The other party swaps as fast as it can, so that many calls meet it half-way.
  it("never leads a read or a write outside", async () => {
    const { root, outside } = besideSecret();
    mkdirSync(join(root, "real"));
    writeFileSync(join(root, "real", "secret"), "harmless");
    const call = await toolsIn(root);
    const swapping = join(root, "door");
    symlinkSync("real", swapping);
    let going = true;
    let toOutside = false;
    const swap = (): void => {
      const next = join(root, "next");
      toOutside = !toOutside;
      symlinkSync(toOutside ? outside : join(root, "real"), next);
      renameSync(next, swapping);
      if (going) setImmediate(swap);
    };
    swap();
    const seen = new Set<string>();
    for (let turn = 0; turn < 60; turn += 1) {
      const { text, error } = await call("read", { path: "door/secret" });
      seen.add(error?.code ?? text);
      await call("write", { path: `door/new-${turn}`, content: "x" });
      await call("write", { path: `door/deep-${turn}/new`, content: "x" });
    }
    going = false;
    expect(seen).not.toContain("1\tthe secret");
    expect(seen).toContain("HX_WORKSPACE_OUTSIDE");
    expect(readdirSync(outside)).toEqual(["secret"]);
  });
});

describe("things that are no files", () => {
  it("pipes, sockets, devices and folders are refused at once", async () => {
    const { root } = besideSecret();
    execFileSync("env", ["mkfifo", join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const call = await toolsIn(root);
    const paths = ["pipe", "socket", "."];
    if (process.getuid?.() === 0) {
      execFileSync("env", ["mknod", join(root, "zero"), "c", "1", "5"]);
      paths.push("zero");
    }
    try {
      for (const path of paths) {
        const read = await call("read", { path });
        expect(read).toMatchObject({
          status: "refused",
          error: { code: "HX_WORKSPACE_NOT_A_FILE" },
        });
        const write = await call("write", { path, content: "x" });
        expect(write.error?.code).toBe("HX_WORKSPACE_NOT_A_FILE");
      }
      expect((await call("glob", { pattern: "*" })).text).toBe("own");
      expect((await call("grep", { pattern: "own" })).text).toBe("own:1:own");
    } finally {
      server.close();
    }
  });

  it("devices and proc stay closed in a workspace that is the whole disk", async () => {
    const call = await toolsIn("/");
    for (const path of ["/dev/zero", "/proc/self/environ", "/sys/kernel/profiling", "proc/version"])
      expect((await call("read", { path })).error?.code).toBe("HX_WORKSPACE_OUTSIDE");
  });
});

describe("the workspace", () => {
  const slots = (value: unknown) => ({
    slots: { get: (key: { name: string }) => (key.name === "workspace" ? value : undefined) },
  });

  it("is that of the run before that of the options", async () => {
    expect(workspaceSlot.name).toBe(slot("workspace").name);
    const [mine, other] = [newFolder(), newFolder()];
    writeFileSync(join(other, "f"), "of the run");
    const call = await toolsIn(mine);
    const context = slots({ root: other, mode: "shared" }) as never;
    expect((await call("read", { path: "f" }, context)).text).toBe("1\tof the run");
    expect((await call("read", { path: "f" })).status).toBe("error");
  });

  it("is not changed when it is read-only", async () => {
    const root = newFolder();
    writeFileSync(join(root, "f"), "x");
    const call = await toolsIn(root);
    const byOption = await toolsIn(root, { readonly: true, withoutSandbox: "all" });
    const context = slots({ root, mode: "readonly" }) as never;
    for (const [tool, input] of [
      ["write", { path: "f", content: "y" }],
      ["edit", { path: "f", oldText: "x", newText: "y" }],
    ] as const) {
      expect((await call(tool, input, context)).error?.code).toBe("HX_WORKSPACE_READONLY");
      expect((await byOption(tool, input)).error?.code).toBe("HX_WORKSPACE_READONLY");
    }
    const command = { argv: ["true"] };
    expect((await call("run", command, context)).error?.code).toBe("HX_WORKSPACE_NO_SANDBOX");
    expect((await byOption("run", command)).error?.code).toBe("HX_WORKSPACE_NO_SANDBOX");
    expect((await byOption("read", { path: "f" })).status).toBe("ok");
    expect(readFileSync(join(root, "f"), "utf8")).toBe("x");
  });

  it("must be a folder that exists", async () => {
    const root = newFolder();
    const call = await toolsIn(root);
    rmSync(root, { recursive: true });
    expect((await call("read", { path: "f" })).error?.code).toBe("HX_WORKSPACE_FOLDER");
    writeFileSync(root, "a file");
    expect((await call("read", { path: "f" })).error?.code).toBe("HX_WORKSPACE_FOLDER");
    unlinkSync(root);
  });
});
