import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { acquireWorkspace, withWorkspace } from "../../src/index.ts";
import { makeFolder } from "../support/install-world.ts";

let dir: string;
beforeEach(async () => {
  dir = await makeFolder("held");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const busy = { code: "HX_AEGIS_WORKSPACE_BUSY" };
const place = (): string => join(dir, ".harnessx/workspace.lock");

async function leave(owner: object | string): Promise<void> {
  await mkdir(join(dir, ".harnessx"), { recursive: true });
  await writeFile(place(), typeof owner === "string" ? owner : JSON.stringify(owner));
}

/** A process that is alive, and one that has ended. */
async function processes() {
  const alive = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const ended = spawn(process.execPath, ["-e", ""]);
  await once(ended, "exit");
  return { alive, ended };
}

it("lets one in at a time", async () => {
  const held = await acquireWorkspace(dir);
  await expect(acquireWorkspace(dir)).rejects.toMatchObject({
    ...busy,
    details: { pid: process.pid },
  });
  await held.release();
  const next = await acquireWorkspace(dir);
  // A second release of the first does not give away what the second holds.
  await held.release();
  await expect(acquireWorkspace(dir)).rejects.toMatchObject(busy);
  await next.release();
  expect(await readdir(join(dir, ".harnessx"))).toEqual([]);
});

it("lets exactly one of many in", async () => {
  const tried = await Promise.allSettled(Array.from({ length: 12 }, () => acquireWorkspace(dir)));
  expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

it("gives back what it held when the work fails", async () => {
  const work = withWorkspace(dir, () => Promise.reject(new Error("no")));
  await expect(work).rejects.toThrow("no");
  expect(await withWorkspace(dir, () => Promise.resolve(7))).toBe(7);
});

it("takes over from a process that is gone, also when many want it", async () => {
  const { alive, ended } = await processes();
  alive.kill();
  await leave({ host: hostname(), pid: ended.pid, started: "1" });
  const tried = await Promise.allSettled(Array.from({ length: 8 }, () => acquireWorkspace(dir)));
  expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(JSON.parse(await readFile(place(), "utf8"))).toMatchObject({ pid: process.pid });
  expect(await readdir(join(dir, ".harnessx"))).toEqual(["workspace.lock"]);
});

it("takes over from a number that another process has by now, and not from its owner", async () => {
  const { alive } = await processes();
  await leave({ host: hostname(), pid: alive.pid, started: "long ago" });
  await (await acquireWorkspace(dir)).release();
  await leave({ host: "another-machine", pid: 1, started: "" });
  await expect(acquireWorkspace(dir)).rejects.toMatchObject(busy);
  await leave({ host: hostname(), pid: alive.pid, started: "" });
  await expect(acquireWorkspace(dir)).rejects.toMatchObject(busy);
  alive.kill();
});

it.each(["", "{", "null", '{"pid":"x"}', '{"host":"h","pid":-1,"started":""}'])(
  "takes over a lock that says %j",
  async (text) => {
    await leave(text);
    await (await acquireWorkspace(dir)).release();
  },
);

it("finishes a takeover that was itself cut off", async () => {
  const { alive, ended } = await processes();
  alive.kill();
  const gone = { host: hostname(), pid: ended.pid, started: "1" };
  await leave(gone);
  await writeFile(`${place()}.takeover`, JSON.stringify(gone));
  await (await acquireWorkspace(dir)).release();
  expect(await readdir(join(dir, ".harnessx"))).toEqual([]);
});

it("says what is in the way when the lock cannot be written", async () => {
  await writeFile(join(dir, ".harnessx"), "a file");
  await expect(acquireWorkspace(dir)).rejects.toMatchObject({ code: "HX_AEGIS_INSTALL_WRITE" });
});
