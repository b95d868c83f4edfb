import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type {
  ConnectMcp,
  HarnessXError,
  LoadedHarness,
  LoadHarnessOptions,
  Manifest,
  OpenPlugin,
  RunStartEvent,
  SwapEvent,
  TraceEvent,
} from "@harnessx/core";
import { cliError } from "./errors.ts";
import { mcpFor } from "./mcp.ts";
import { baseHarness } from "./paths.ts";
import type { Session } from "./session.ts";

/** Loads the harness of a file or of a folder that holds harness.json; hx's base harness when none is named. */
export async function openHarness(
  session: Session,
  given: string | undefined,
): Promise<LoadedHarness> {
  const { readManifest } = await import("@harnessx/core");
  if (given === undefined) return loadFor(session, baseHarness());
  const file = await manifestFile(session, given);
  const { processors = [], tools = [] } = await readManifest(file);
  const generated = [...processors, ...tools].some(
    (entry) => "use" in entry && entry.use.startsWith(GENERATED),
  );
  return loadFor(session, file, generated ? { open: await behindTheWall(session) } : {});
}

/** Loads a harness, its MCP servers too, for as long as the command goes on. */
export async function loadFor(
  session: Session,
  source: string | Manifest,
  options: LoadHarnessOptions = {},
): Promise<LoadedHarness> {
  const { loadHarness } = await import("@harnessx/core");
  const harness = await loadHarness(source, { mcp: mcpFor(session), ...options });
  session.atEnd(() => harness.close());
  return harness;
}

/** Where packages lie that nobody wrote and nobody vouches for. */
const GENERATED = "./.harnessx/plugins/";

/** Opens generated packages in a sandbox: none of their code runs in this process's own realm. */
async function behindTheWall(session: Session): Promise<OpenPlugin> {
  const { createWasmIsolation, openIsolated } = await import("@harnessx/aegis");
  const isolation = createWasmIsolation({ placement: "inline" });
  session.atEnd(() => isolation.dispose());
  return openIsolated(isolation, { which: ({ use }) => use.startsWith(GENERATED) });
}

/** The manifest file that a path means: itself, or harness.json in it when it is a folder. */
export async function manifestFile(session: Session, given: string): Promise<string> {
  const path = session.path(given);
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ? join(path, "harness.json") : path;
}

/** The folder of a manifest that commands may change. Throws for one that is not named harness.json. */
export async function changeableManifest(
  session: Session,
  given: string,
): Promise<{ readonly file: string; readonly dir: string }> {
  const file = await manifestFile(session, given);
  if (basename(file) !== "harness.json") throw await cliError("HX_CLI_MANIFEST_NAME", { file });
  return { file, dir: dirname(file) };
}

/** The manifest that a trace records in canonical form: without what loading adds, in the order in which it ran. */
export async function recordedManifest(
  canonical: Readonly<Record<string, unknown>>,
): Promise<Manifest> {
  const { parseManifest } = await import("@harnessx/core");
  const { resolved: _resolved, order, ...rest } = canonical;
  const manifest = parseManifest(rest);
  if (!Array.isArray(order)) return manifest;
  // What a bundle stands for has its ids below the bundle's own.
  const position = (id: string): number =>
    order.findIndex((one) => one === id || String(one).startsWith(`${id}.`));
  return {
    ...manifest,
    processors: (manifest.processors ?? []).toSorted((a, b) => position(a.id) - position(b.id)),
  };
}

/**
 * Loads the harness that a trace was made with; `mcp` stands in for its servers. Its folders are looked for from the working
 * directory and from every folder above the trace, because a trace does not say where its harness lay.
 */
export async function openRecorded(
  session: Session,
  tracePath: string,
  canonical: Readonly<Record<string, unknown>>,
  mcp?: ConnectMcp,
): Promise<LoadedHarness> {
  const { HarnessXError: Coded } = await import("@harnessx/core");
  const manifest = await recordedManifest(canonical);
  let missing: HarnessXError | undefined;
  for (const root of [session.io.cwd, ...foldersAbove(tracePath)]) {
    try {
      return await loadFor(session, manifest, { root, lock: false, ...(mcp ? { mcp } : {}) });
    } catch (thrown) {
      if (!Coded.isInstance(thrown) || thrown.code !== "HX_PLUGIN_NOT_FOUND") throw thrown;
      missing ??= thrown;
    }
  }
  throw await cliError("HX_CLI_HARNESS_LOST", { package: missing?.details["package"] }, missing);
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    folders.push(at);
    if (at === dirname(at)) return folders;
  }
}

/** The harnesses that a run has moved to. */
export async function openSwaps(
  session: Session,
  tracePath: string,
  events: readonly TraceEvent[],
  mcp?: (canonical: Readonly<Record<string, unknown>>) => ConnectMcp,
): Promise<readonly LoadedHarness[]> {
  const swaps = events.filter((event): event is SwapEvent => event.type === "swap");
  return Promise.all(
    swaps.map((swap) => openRecorded(session, tracePath, swap.manifest, mcp?.(swap.manifest))),
  );
}

/** The first event of a trace. Throws HX_TRACE_CORRUPT when the process died before it was written. */
export async function startOf(path: string, events: readonly TraceEvent[]): Promise<RunStartEvent> {
  const [first] = events;
  if (first?.type === "run.start") return first;
  const { hxError } = await import("@harnessx/core");
  throw hxError("HX_TRACE_CORRUPT", { path, line: 1, problem: "it does not begin with run.start" });
}
