import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JOURNAL, openJournal, recoverInstall } from "../src/index.ts";
import { gateKey } from "../src/install/keys.ts";
import {
  disagreements,
  installWorld,
  makeFolder,
  packageOf,
  present,
  standing,
} from "./support/install-world.ts";

let child: string;
let keys: string;
let origin: string;
beforeAll(async () => {
  child = await bundleChild();
  keys = await makeFolder("keys");
  // Made on first use, which would make the first run a longer one.
  await gateKey(keys);
  process.env["HARNESSX_KEYS"] = keys;
  origin = await installWorld([packageOf(1), packageOf(2)]);
});
afterAll(async () => {
  await rm(dirname(child), { recursive: true, force: true });
  await rm(origin, { recursive: true, force: true });
  await rm(keys, { recursive: true, force: true });
});

/** One file out of the child and all it imports: it is started hundreds of times. */
async function bundleChild(): Promise<string> {
  // Below node_modules, so that what is required while it runs is found.
  const cache = join(
    dirname(createRequire(import.meta.url).resolve("vite/package.json")),
    "../.cache",
  );
  await mkdir(cache, { recursive: true });
  const outDir = await mkdtemp(join(cache, "install-child-"));
  await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@harnessx/source"] },
    ssr: {
      noExternal: true,
      external: ["typescript"],
      resolve: { conditions: ["@harnessx/source"] },
    },
    build: {
      ssr: fileURLToPath(new URL("support/install-child.ts", import.meta.url)),
      outDir,
      emptyOutDir: false,
      target: "node20",
      minify: false,
      rollupOptions: { output: { entryFileNames: "child.mjs", chunkFileNames: "[name].mjs" } },
    },
  });
  return join(outDir, "child.mjs");
}

/** Two ships and a rollback in a process of its own, which ends before its `at`-th change of a file. */
async function play(dir: string, at: number, mode: "kill" | "full") {
  const started = spawn(process.execPath, [child, dir, String(at), mode], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HARNESSX_KEYS: keys },
  });
  const out: string[] = [];
  started.stdout.on("data", (text) => out.push(String(text)));
  started.stderr.on("data", (text) => out.push(String(text)));
  const [, signal] = (await once(started, "close")) as [number | null, string | null];
  return { killed: signal === "SIGKILL", out: out.join("") };
}

async function inCopy<Value>(work: (dir: string) => Promise<Value>): Promise<Value> {
  const dir = await makeFolder("kill");
  await cp(origin, dir, { recursive: true });
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Numbers of changes from 1 to the last, two at a time. */
async function atEvery(
  last: number,
  work: (at: number) => Promise<void>,
  stride = 1,
): Promise<void> {
  let next = 1;
  const worker = async (): Promise<void> => {
    for (let at = next; at <= last; at = next) {
      next += stride;
      await work(at);
    }
  };
  await Promise.all([worker(), worker()]);
}

describe("two ships and a rollback", () => {
  let changes: number;
  beforeAll(async () => {
    const { out } = await inCopy((dir) => play(dir, 1e6, "kill"));
    changes = Number(/^done (\d+)/.exec(out)?.[1]);
  });

  it("agree at every moment, wherever the process is killed", async () => {
    expect(changes).toBeGreaterThanOrEqual(100);
    const ends: string[] = [];
    await atEvery(changes, (at) =>
      inCopy(async (dir) => {
        const { killed, out } = await play(dir, at, "kill");
        expect({ at, killed, out }).toMatchObject({ killed: true });
        // At the moment of the kill, and after recovery.
        expect({ at, found: await disagreements(dir, false) }).toEqual({ at, found: [] });
        const recovery = await recoverInstall(dir);
        expect({ at, recovery }).not.toMatchObject({ recovery: "undone" });
        expect({ at, found: await disagreements(dir, true) }).toEqual({ at, found: [] });
        expect(await recoverInstall(dir)).toBe("nothing");
        ends.push(`${(await standing(dir)).join(" ")} ${recovery}`);
      }),
    );
    expect(ends).toHaveLength(changes);
    expect([...new Set(ends)].toSorted()).toEqual([
      " nothing",
      "evolved-1 completed",
      "evolved-1 evolved-2 completed",
      "evolved-1 evolved-2 nothing",
      "evolved-1 nothing",
    ]);
  });

  it("end with a coded error and the incumbent in place, wherever the disk is full", async () => {
    const fillUp = (at: number): Promise<void> =>
      inCopy(async (dir) => {
        const { out } = await play(dir, at, "full");
        expect({ at, out }).toMatchObject({
          out: expect.stringMatching(
            /^(done|failed (HX_AEGIS_INSTALL_WRITE|HX_MANIFEST_UNWRITABLE|HX_AEGIS_KEY_INVALID|ENOSPC) )/,
          ),
        });
        expect({ at, found: await disagreements(dir, false) }).toEqual({ at, found: [] });
        // With room again, what was decided is done.
        await recoverInstall(dir, openJournal(join(dir, JOURNAL)));
        expect({ at, found: await disagreements(dir, true) }).toEqual({ at, found: [] });
        expect((await present(dir)).hash).toMatch(/^sha256-/);
      });
    await atEvery(changes, fillUp, 3);
  });
});
