import { loadPlugin } from "@harnessx/core";
import { isolationError } from "./errors.ts";
import type { Isolation } from "./types.ts";

/** The tier without a wall: the plugin's own code in the host's process. For first-party packages and those that a person signed; never for generated ones. */
export function createTrustedIsolation(): Isolation {
  return {
    tier: "trusted",
    probe: () =>
      Promise.resolve({
        tier: "trusted",
        ok: true,
        checks: [{ attack: "none", held: true, detail: "This tier holds nothing back." }],
      }),
    async open({ id, dir }) {
      const { definition } = await loadPlugin(dir, dir);
      if (definition.harnessx !== "processor" && definition.harnessx !== "tools") {
        const problem = `a ${definition.harnessx} cannot be isolated`;
        throw isolationError("HX_ISOLATION_LOAD_FAILED", { processor: id, problem });
      }
      return {
        tier: "trusted",
        definition,
        usage: () => ({}),
        dispose: () => Promise.resolve(),
      };
    },
    usage: () => ({}),
    dispose: () => Promise.resolve(),
  };
}
