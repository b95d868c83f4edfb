import { appendFile, cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadHarness, type OpenPlugin } from "@harnessx/core";
import { afterAll, describe, expect, it } from "vitest";
import {
  createTrustedIsolation,
  createWasmIsolation,
  openIsolated,
} from "../../src/isolation/index.ts";
import { packageWith } from "./world.ts";

const isolation = createWasmIsolation({ placement: "inline" });
afterAll(() => isolation.dispose());

/** Code that shows on the host that it was imported there. */
const telltale = (mark: string): string =>
  `globalThis.process && (globalThis[${JSON.stringify(mark)}] = true);`;
const marked = (mark: string): boolean => mark in globalThis;

const manifest = {
  name: "open",
  version: "1",
  processors: [{ id: "subject", use: "./subject" }],
};

describe("openIsolated", () => {
  it("runs nothing of a chosen package on the host, and leaves the hash as it is", async () => {
    const mark = "hxImportedIsolated";
    const root = await packageWith("", { head: telltale(mark) });
    const open = openIsolated(isolation);
    const harness = await loadHarness(manifest, { root, lock: false, open });
    expect(marked(mark)).toBe(false);
    // The evidence is one: imported, the same package leaves its mark.
    const trusted = await loadHarness(manifest, { root, lock: false });
    expect(marked(mark)).toBe(true);
    expect(harness.hash).toBe(trusted.hash);
  });

  it("imports what is not chosen", async () => {
    const mark = "hxImportedByChoice";
    const root = await packageWith("", { head: telltale(mark) });
    const seen: string[] = [];
    const open = openIsolated(isolation, {
      which: ({ entry, use, integrity }) => {
        seen.push(entry, use, integrity.slice(0, 7));
        return false;
      },
    });
    await loadHarness(manifest, { root, lock: false, open });
    expect(seen).toEqual(["subject", "./subject", "sha256-"]);
    expect(marked(mark)).toBe(true);
  });

  it("opens a package once, and a changed one again", async () => {
    const root = await packageWith("");
    const open = openIsolated(isolation);
    const setupOf = async (): Promise<unknown> =>
      (await loadHarness(manifest, { root, lock: false, open })).processors[0]!.setup;
    const first = await setupOf();
    expect(await setupOf()).toBe(first);
    await appendFile(join(root, "subject/dist/index.js"), "\n// changed\n");
    expect(await setupOf()).not.toBe(first);
  });

  it("refuses code that changed after it was admitted", async () => {
    const root = await packageWith("");
    const open: OpenPlugin = async (plugin) => {
      await appendFile(join(root, "subject/dist/index.js"), "\n// changed\n");
      return openIsolated(isolation)(plugin);
    };
    await expect(loadHarness(manifest, { root, lock: false, open })).rejects.toMatchObject({
      code: "HX_ISOLATION_LOAD_FAILED",
      message: expect.stringContaining("changed") as string,
    });
  });

  it("refuses what cannot be isolated instead of importing it", async () => {
    const mark = "hxImportedBundle";
    const root = await packageWith("", { head: telltale(mark) });
    const file = join(root, "subject/package.json");
    const found = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...found, harnessx: { api: 1, kind: "bundle" } }));
    const open = openIsolated(isolation);
    await expect(loadHarness(manifest, { root, lock: false, open })).rejects.toMatchObject({
      code: "HX_ISOLATION_LOAD_FAILED",
    });
    expect(marked(mark)).toBe(false);
  });

  it("opens a trusted tier too", async () => {
    const root = await packageWith("");
    const open = openIsolated(createTrustedIsolation());
    const harness = await loadHarness(manifest, { root, lock: false, open });
    expect(harness.hash).toBe((await loadHarness(manifest, { root, lock: false })).hash);
  });

  it("is closed with its isolation", async () => {
    const root = await packageWith("");
    const own = createWasmIsolation({ placement: "inline" });
    const moved = join(await mkdtemp(join(tmpdir(), "harnessx-isolation-")), "subject");
    await cp(join(root, "subject"), moved, { recursive: true });
    const plugin = await own.open({ id: "subject", dir: moved });
    await own.dispose();
    const { setup } = plugin.definition as { setup(run: never, options: never): Promise<void> };
    await expect(setup({} as never, {} as never)).rejects.toMatchObject({
      code: "HX_ISOLATION_STOPPED",
    });
  });
});
