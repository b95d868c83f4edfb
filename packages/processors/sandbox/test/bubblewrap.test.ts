import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { textOf } from "@harnessx/core/plugin";
import { describe, expect, it } from "vitest";
import { execIn, newFolder } from "./commands.ts";

const options = { kind: "bubblewrap" };

function isAvailable(): boolean {
  try {
    const flags = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc"];
    execFileSync("env", ["bwrap", ...flags, "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const bash = (script: string) => ["bash", "-c", script];

describe.runIf(isAvailable())("walled in", () => {
  it("sees the workspace and programs, and nothing else of the machine", async () => {
    const base = newFolder();
    const root = join(base, "work");
    mkdirSync(root);
    writeFileSync(join(base, "secret"), "the secret");
    writeFileSync(join(root, "own"), "own");
    const { outcome, requests } = await execIn({ root }, options, [
      ...bash(`cat own ../secret /etc/shadow; ls -a /root /home ${base}; pwd; echo $HOME`),
    ]);
    expect(outcome.stdout).toContain("own");
    expect(outcome.stdout).toContain(`\n${root}\n/tmp/home\n`);
    expect(outcome.stdout).toContain("work");
    expect(outcome.stdout).not.toContain("secret");
    expect(outcome.stderr.match(/No such file/g)?.length).toBe(4);
    expect(textOf(requests[0]!.messages.at(0)!)).toContain("no network");
  });

  it("writes to the workspace and to /tmp alone", async () => {
    const root = newFolder();
    const { outcome } = await execIn({ root }, options, [
      ...bash("for f in made /tmp/x /usr/x /etc/x /x; do touch $f && echo wrote $f; done"),
    ]);
    expect(outcome.stdout).toBe("wrote made\nwrote /tmp/x\n");
    expect(readdirSync(root)).toEqual(["made"]);
  });

  it("cannot write to a read-only workspace", async () => {
    const root = newFolder();
    writeFileSync(join(root, "f"), "x");
    const readonly = { root, mode: "readonly" };
    const { outcome } = await execIn(readonly, options, bash("cat f; rm f; echo y > f; touch g"));
    expect(outcome.stdout).toBe("x");
    expect(readdirSync(root)).toEqual(["f"]);
  });

  it("has no network unless it is given", async () => {
    const root = newFolder();
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const connect = bash(`echo > /dev/tcp/127.0.0.1/${port} && echo in`);
    const walled = await execIn({ root }, options, connect);
    expect([walled.outcome.stdout, connections]).toEqual(["", 0]);
    const open = await execIn({ root }, { ...options, bubblewrap: { network: true } }, connect);
    server.close();
    expect([open.outcome.stdout, connections]).toEqual(["in\n", 1]);
  });

  it("sees and signals no process of the machine, and gets no secrets", async () => {
    process.env["A_SECRET_KEY"] = "hidden";
    const script = `kill -0 ${process.pid} && echo alive; ls /proc | grep -c '^[0-9]'; cat /proc/*/environ`;
    const { outcome } = await execIn({ root: newFolder() }, options, bash(script));
    delete process.env["A_SECRET_KEY"];
    expect(outcome.stdout).not.toContain("alive");
    expect(outcome.stdout).not.toContain("hidden");
    expect(Number(outcome.stdout.split("\n")[0])).toBeLessThan(10);
  });

  it("may read what the options add", async () => {
    const [root, extra] = [newFolder(), newFolder()];
    writeFileSync(join(extra, "f"), "extra");
    const given = { ...options, bubblewrap: { readable: [extra] } };
    const argv = bash(`cat ${extra}/f; touch ${extra}/g`);
    expect((await execIn({ root }, given, argv)).outcome.stdout).toBe("extra");
    expect((await execIn({ root }, options, argv)).outcome.stdout).toBe("");
    expect(readdirSync(extra)).toEqual(["f"]);
  });

  it("ends daemons with the command, at its deadline too", async () => {
    const root = newFolder();
    const script = "(while true; do echo x >> alive; sleep 0.02; done) & disown; setsid sleep 60 &";
    for (const end of ["sleep 0.2", "sleep 60"]) {
      const { outcome } = await execIn({ root }, options, bash(`${script} ${end}`), {
        timeoutMs: end === "sleep 60" ? 1000 : 20_000,
      });
      expect(outcome.timedOut).toBe(end === "sleep 60");
      const size = () => statSync(join(root, "alive"), { throwIfNoEntry: false })?.size;
      const before = size();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(size()).toBe(before);
    }
  });

  // The limit does not apply to root: the workspace, and so the command, is somebody else's.
  it.runIf(process.getuid?.() === 0)("bounds a fork bomb", async () => {
    const root = newFolder();
    chownSync(root, 65_534, 65_534);
    const { outcome } = await execIn(
      { root },
      { ...options, limits: { processes: 40 } },
      bash("id -u; bomb() { bomb | bomb & }; bomb; sleep 0.3; ls /proc | grep -c '^[0-9]'"),
      { timeoutMs: 3000 },
    );
    expect(outcome.stdout + outcome.stderr).toMatch(/Resource temporarily unavailable|retry/);
    expect(outcome.stdout).toMatch(/^65534\n/);
  });

  it("refuses folders outside, no workspace and the whole disk", async () => {
    const root = newFolder();
    for (const [workspace, cwd] of [
      [{ root }, ".."],
      [{ root: "/" }, "."],
      [undefined, "."],
    ] as const) {
      const { outcome } = await execIn(workspace, options, ["true"], { cwd });
      expect(outcome.code).toBe("HX_SANDBOX_NO_WORKSPACE");
    }
  });
});

it("does not start where bubblewrap is not installed, and falls back to nothing", async () => {
  const root = newFolder();
  const before = process.env["PATH"];
  process.env["PATH"] = newFolder();
  try {
    const { result, outcome } = await execIn({ root }, options, ["/bin/touch", "made"]);
    expect(result).toMatchObject({
      exit: "harness_fault",
      error: { code: "HX_SANDBOX_UNAVAILABLE" },
    });
    expect(outcome.code).toBe("not run");
    expect(existsSync(join(root, "made"))).toBe(false);
  } finally {
    process.env["PATH"] = before;
  }
});
