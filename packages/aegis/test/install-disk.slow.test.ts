import { spawnSync } from "node:child_process";
import { cp, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JOURNAL, openJournal, recoverInstall } from "../src/index.ts";
import {
  disagreements,
  installWorld,
  makeFolder,
  packageOf,
  ship,
  standing,
} from "./support/install-world.ts";

/** Kilobytes of a file system of its own; there is none where nobody may mount. */
const SIZE = 192;
const PAGE = 4096;
const system = (name: string, ...args: string[]): boolean => spawnSync(name, args).status === 0;
let keys: string;
let disk: string;
let mounted = false;
beforeAll(async () => {
  keys = await makeFolder("keys");
  process.env["HARNESSX_KEYS"] = keys;
  disk = await makeFolder("disk");
  mounted = system("mount", "-t", "tmpfs", "-o", `size=${SIZE}k`, "tmpfs", disk);
});
afterAll(async () => {
  if (mounted) system("umount", disk);
  await rm(disk, { recursive: true, force: true });
  await rm(keys, { recursive: true, force: true });
});

it("survives a disk that has any amount of room left", async ({ skip }) => {
  skip(!mounted, "nobody may mount a file system here");
  const origin = await installWorld([packageOf(1)]);
  const ends = new Set<string>();
  for (let pages = 0; pages <= 24; pages += 1) {
    const dir = join(disk, `w${pages}`);
    await cp(origin, dir, { recursive: true });
    const filler = join(disk, "filler");
    // Filled to the last byte, then given back as many pages as this case has.
    let filled = 0;
    try {
      for (; ; filled += PAGE) await writeFile(filler, Buffer.alloc(PAGE), { flag: "a" });
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "ENOSPC" });
    }
    await truncate(filler, Math.max(0, filled - pages * PAGE));
    const journal = openJournalOrNothing(dir);
    const end = await (journal
      ? ship(dir, packageOf(1), "verdict-1", { journal }).then(
          () => "shipped",
          (thrown: { code?: string }) => String(thrown.code),
        )
      : Promise.resolve("ENOSPC"));
    ends.add(end);
    expect({ pages, end }).toMatchObject({
      end: expect.stringMatching(
        /^(shipped|ENOSPC|HX_AEGIS_INSTALL_WRITE|HX_MANIFEST_UNWRITABLE)$/,
      ),
    });
    expect({ pages, found: await disagreements(dir, false) }).toEqual({ pages, found: [] });
    await rm(filler);
    await recoverInstall(dir, openJournal(join(dir, JOURNAL)));
    expect({ pages, found: await disagreements(dir, true) }).toEqual({ pages, found: [] });
    if (end !== "ENOSPC") expect(await standing(dir)).toEqual(["evolved-1"]);
    await rm(dir, { recursive: true });
  }
  expect(ends).toContain("shipped");
  expect(ends).toContain("HX_AEGIS_INSTALL_WRITE");
  await rm(origin, { recursive: true });
});

function openJournalOrNothing(dir: string) {
  try {
    return openJournal(join(dir, JOURNAL));
  } catch {
    return undefined;
  }
}
