import { hashPackage } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import { readCode } from "./modules.ts";
import { loadError, openCode, type TierWall } from "./plugin.ts";
import type { IsolatedPlugin, Isolation, ProbeReport } from "./types.ts";

/** An isolation of a tier that has a wall: it holds, or nothing is opened. */
export function createWalledIsolation(
  wall: TierWall,
  probe: () => Promise<ProbeReport>,
  end: () => Promise<void> = () => Promise.resolve(),
): Isolation {
  const opened = new Map<IsolatedPlugin, string>();
  let report: Promise<ProbeReport> | undefined;
  const probed = (): Promise<ProbeReport> => (report ??= probe());
  return {
    tier: wall.tier,
    probe: probed,
    async open({ id, dir, integrity }) {
      const { ok, checks } = await probed();
      if (!ok) {
        const failed = checks
          .filter(({ held }) => !held)
          .map(({ attack, detail }) => `${attack}: ${detail}`);
        throw isolationError("HX_ISOLATION_UNAVAILABLE", {
          tier: wall.tier,
          problem: failed.join("; "),
        });
      }
      const code = await readCode(dir).catch((thrown: unknown) => {
        throw loadError(id, thrown);
      });
      // After the reading: what was read is what was admitted.
      if (integrity !== undefined && (await hashPackage(dir, code.entryFile)) !== integrity)
        throw loadError(id, new Error("it changed while it was loaded"));
      const plugin = await openCode(id, code, wall);
      const { dispose } = plugin;
      const tracked: IsolatedPlugin = {
        ...plugin,
        async dispose() {
          opened.delete(tracked);
          await dispose();
        },
      };
      opened.set(tracked, id);
      return tracked;
    },
    usage() {
      const all: Record<string, Record<string, number>> = {};
      for (const [plugin, id] of opened) {
        const counts = (all[id] ??= {});
        for (const [kind, count] of Object.entries(plugin.usage()))
          counts[kind] = (counts[kind] ?? 0) + count;
      }
      return all;
    },
    async dispose() {
      await Promise.all([...opened.keys()].map((plugin) => plugin.dispose()));
      await end();
    },
  };
}
