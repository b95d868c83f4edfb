import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandRequest } from "@harnessx/core/plugin";
import { describe, expect, it } from "vitest";
import { newFolder, toolsIn } from "./tools.ts";

const isAlive = (pid: number): boolean => {
  try {
    // A killed process may wait for its parent, which is nobody's here.
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
};

const node = (script: string) => [process.execPath, "-e", script];

describe("run", () => {
  it("passes arguments as they are, and standard input", async () => {
    const root = newFolder();
    const call = await toolsIn(root);
    const argv = ["printf", "%s|", "a b", "$HOME; rm -rf *", "`id`"];
    const result = await call("run", { argv });
    expect(result.text).toBe("Exit code 0.\nstdout:\na b|$HOME; rm -rf *|`id`|");
    expect(result.structured).toEqual({ exitCode: 0, timedOut: false, truncated: false });
    expect((await call("run", { argv: ["cat"], stdin: "in" })).text).toContain("stdout:\nin");
  });

  it("tells exit code and both outputs", async () => {
    const call = await toolsIn(newFolder());
    const script = "console.log('out'); console.error('err'); process.exit(3)";
    const result = await call("run", { argv: node(script) });
    expect(result).toMatchObject({ status: "ok", structured: { exitCode: 3 } });
    expect(result.text).toBe("Exit code 3.\nstdout:\nout\nstderr:\nerr");
    const killed = await call("run", { argv: node("process.kill(process.pid, 'SIGTERM')") });
    expect(killed.text).toContain("Ended by a signal");
  });

  it("starts bash without the user's settings", async () => {
    const root = newFolder();
    writeFileSync(join(root, ".bashrc"), "echo from the settings");
    const home = process.env["HOME"];
    process.env["HOME"] = root;
    try {
      const call = await toolsIn(root);
      const argv = ["bash", "-c", "cat; echo $HOME"];
      const { text } = await call("run", { argv, stdin: "in " });
      expect(text).toBe(`Exit code 0.\nstdout:\nin ${root}`);
    } finally {
      process.env["HOME"] = home;
    }
  });

  it("reports a program that is not there, and a folder that is not", async () => {
    const call = await toolsIn(newFolder());
    expect((await call("run", { argv: ["no-such-program"] })).error?.code).toBe(
      "HX_WORKSPACE_COMMAND",
    );
    expect((await call("run", { argv: ["true"], cwd: "none" })).error?.code).toBe(
      "HX_WORKSPACE_NOT_FOUND",
    );
  });

  it("passes no secrets of this process on", async () => {
    process.env["A_SECRET_KEY"] = "hidden";
    try {
      const call = await toolsIn(newFolder());
      const { text } = await call("run", { argv: ["env"] });
      expect(text).toContain("PATH=");
      expect(text).not.toContain("hidden");
    } finally {
      delete process.env["A_SECRET_KEY"];
    }
  });

  it("keeps head and tail of endless output", async () => {
    const call = await toolsIn(newFolder(), { maxOutputBytes: 200 });
    const script = "for (let i = 0; i < 50000; i++) process.stdout.write('line ' + i + '\\n')";
    const { text, structured } = await call("run", { argv: node(script) });
    expect(structured).toMatchObject({ exitCode: 0, truncated: true });
    expect(text.length).toBeLessThan(400);
    expect(text).toContain("line 0\n");
    expect(text).toContain("line 49999");
    expect(text).toMatch(/\[… \d+ bytes left out …\]/);
  });

  it("kills at the deadline, endless output or not", async () => {
    const call = await toolsIn(newFolder(), { maxOutputBytes: 200 });
    const result = await call("run", { argv: ["yes"], timeoutMs: 200 });
    expect(result).toMatchObject({
      status: "timeout",
      structured: { exitCode: null, timedOut: true, truncated: true },
    });
  });

  it("stops when the call is cancelled", async () => {
    const root = newFolder();
    const call = await toolsIn(root);
    const abort = new AbortController();
    const argv = node("require('fs').writeFileSync('begun', ''); setInterval(() => {}, 1000)");
    const pending = call("run", { argv }, { signal: abort.signal });
    while (!existsSync(join(root, "begun"))) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort(new Error("cancelled"));
    expect((await pending).structured).toMatchObject({ exitCode: null, timedOut: false });
    const late = call("run", { argv: ["true"] }, { signal: abort.signal });
    await expect(late).rejects.toThrow("cancelled");
  });
});

describe.runIf(process.platform === "linux")("what a command leaves behind", () => {
  it.each([
    ["children in the background", "sleep 60 & echo $! > pids; sleep 60 & echo $! >> pids"],
    ["grandchildren", "(sleep 60 & echo $! > pids; wait) & wait %1 & sleep 0.1"],
    [
      "a daemon in a session of its own",
      "setsid sh -c 'echo $$ > pids; exec sleep 60' & while [ ! -s pids ]; do sleep 0.01; done",
    ],
    [
      "a small bomb at its deadline",
      "for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3; do sleep 60 & echo $! >> pids; done; wait) & done; wait",
    ],
  ])("%s ends with it", async (what, command) => {
    const root = newFolder();
    const call = await toolsIn(root, { withoutSandbox: "all" });
    await call("shell", { command, timeoutMs: what.includes("deadline") ? 1500 : 30_000 });
    const pids = readFileSync(join(root, "pids"), "utf8").trim().split("\n").map(Number);
    expect(pids.length).toBeGreaterThan(0);
    // The kernel takes a moment to bury what was killed.
    for (let wait = 0; wait < 50 && pids.some(isAlive); wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe("shell", () => {
  const sandboxed = (requests: CommandRequest[]) =>
    ({
      slots: {
        get: (key: { readonly name: string }) =>
          key.name === "sandbox"
            ? {
                kind: "recording",
                exec: async (request: CommandRequest) => {
                  requests.push(request);
                  const said = { stdout: "said", stderr: "", truncated: false, timedOut: false };
                  return { exitCode: 0, ...said };
                },
              }
            : undefined,
      },
    }) as never;

  it("goes to the run's sandbox as one argument of bash", async () => {
    const root = newFolder();
    const call = await toolsIn(root, { timeoutMs: 5000, maxOutputBytes: 500 });
    const requests: CommandRequest[] = [];
    const command = "touch made; echo \"it's\" 'x' $(id) \\n";
    expect((await call("shell", { command }, sandboxed(requests))).text).toContain("said");
    expect(requests).toMatchObject([
      { argv: ["/bin/bash", "-c", command], cwd: root, timeoutMs: 5000, maxOutputBytes: 500 },
    ]);
    expect(existsSync(join(root, "made"))).toBe(false);
    await call("shell", { command, timeoutMs: 9_999_999 }, sandboxed(requests));
    expect(requests[1]?.timeoutMs).toBe(600_000);
  });

  it("needs a sandbox, unless the options say otherwise", async () => {
    const root = newFolder();
    writeFileSync(join(root, "f"), "");
    const usual = await toolsIn(root);
    expect(await usual("shell", { command: "rm f" })).toMatchObject({
      status: "refused",
      error: { code: "HX_WORKSPACE_NO_SANDBOX" },
    });
    const none = await toolsIn(root, { withoutSandbox: "none" });
    expect((await none("run", { argv: ["true"] })).status).toBe("refused");
    expect(existsSync(join(root, "f"))).toBe(true);
    const all = await toolsIn(root, { withoutSandbox: "all" });
    expect((await all("shell", { command: "echo a | tr a b; exit 4" })).text).toBe(
      "Exit code 4.\nstdout:\nb",
    );
  });
});
