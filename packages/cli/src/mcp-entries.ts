import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { LockEntry, Manifest, McpEndpoint, ToolsEntry } from "@harnessx/core";
import type { JsonObject, Tool } from "@harnessx/core/plugin";
import type { McpServer } from "@harnessx/adapter-mcp";
import { cliError, UsageError } from "./errors.ts";
import { changeableManifest } from "./harness.ts";
import { completeLock, readLockBeside } from "./locking.ts";
import { consentOf } from "./mcp.ts";
import type { Session } from "./session.ts";

/** An MCP server of a manifest. */
export type McpEntry = Extract<ToolsEntry, { readonly mcp: McpEndpoint }>;

/** A manifest with its place. */
export interface OpenManifest {
  readonly file: string;
  readonly dir: string;
  readonly manifest: Manifest;
}

/** The manifest that `hx mcp` works on; with `start`, an empty one where there is none. */
export async function openManifest(
  session: Session,
  given: string | undefined,
  start = false,
): Promise<OpenManifest> {
  const { readManifest } = await import("@harnessx/core");
  const { file, dir } = await changeableManifest(session, given ?? "harness.json");
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  const manifest =
    there || !start || given !== undefined
      ? await readManifest(file)
      : { name: basename(dirname(file)) || "harness", version: "1" };
  return { file, dir, manifest };
}

export const mcpEntries = (manifest: Manifest): readonly McpEntry[] =>
  (manifest.tools ?? []).filter((entry): entry is McpEntry => "mcp" in entry);

/** The server of a name. Throws HX_CLI_ENTRY_UNKNOWN. */
export async function mcpEntry({ file, manifest }: OpenManifest, id: string): Promise<McpEntry> {
  const entries = mcpEntries(manifest);
  const found = entries.find((entry) => entry.id === id);
  if (found) return found;
  const known = entries.map((entry) => entry.id).join(", ") || "none is an MCP server";
  throw await cliError("HX_CLI_ENTRY_UNKNOWN", { file, id, known });
}

/** Connects to one server, until the command is over. */
export async function openServer(
  session: Session,
  { id, mcp, options }: McpEntry,
  root: string,
): Promise<McpServer> {
  const { openMcp } = await import("@harnessx/adapter-mcp");
  const server = await openMcp(mcp, {
    server: id,
    root,
    ...(options ? { options } : {}),
    ...(await consentOf(session)),
    onReport: ({ message }) => session.note(`${id}: ${message}`),
    onOpened: (opened) => session.atEnd(() => opened.close()),
  });
  return server;
}

/** A server as it was pinned. */
export interface Pinned {
  readonly lock: LockEntry;
  /** As the server calls itself. */
  readonly server: string;
  readonly tools: readonly Tool[];
}

/** Records the tools that a server has now; writes manifest and lock together. */
export async function writePinned(
  session: Session,
  { file, dir, manifest }: OpenManifest,
  id: string,
): Promise<Pinned> {
  const { emptyLock, loadHarness, withLockEntry, withoutLockEntry, writeManifestAndLock } =
    await import("@harnessx/core");
  const { mcpFor } = await import("./mcp.ts");
  const before = await readLockBeside(file);
  const others = before && withoutLockEntry(before, id);
  const complete = await completeLock(manifest, others, dir);
  const harness = await loadHarness(manifest, { root: dir, lock: complete, mcp: mcpFor(session) });
  session.atEnd(() => harness.close());
  const group = harness.toolGroups.find((one) => one.id === id)!;
  const entry: LockEntry = {
    use: group.use,
    version: group.version,
    integrity: group.integrity,
    capabilities: group.capabilities,
    decidedBy: "human",
  };
  await writeManifestAndLock(dir, manifest, withLockEntry(complete ?? emptyLock, id, entry));
  return { lock: entry, server: group.package, tools: group.tools };
}

/** What a target on the command line means: an address, or a program with its arguments. */
export function endpointOf(
  target: readonly string[],
  {
    env = [],
    header = [],
  }: { readonly env?: readonly string[]; readonly header?: readonly string[] },
): McpEndpoint {
  const [first = "", ...args] = target;
  if (first === "")
    throw new UsageError(
      "There is no server to add.",
      "Give an address, or a command after --: hx mcp add fs -- npx -y @modelcontextprotocol/server-filesystem .",
    );
  if (/^https?:\/\//.test(first)) {
    if (args.length > 0 || env.length > 0)
      throw new UsageError(
        "An address takes no arguments and no --env.",
        "Headers are --header Name=…",
      );
    return { url: first, ...(header.length > 0 ? { headers: pairs(header) } : {}) };
  }
  if (header.length > 0)
    throw new UsageError("A program takes no --header.", "Its environment is --env NAME=…");
  return {
    command: first,
    ...(args.length > 0 ? { args } : {}),
    ...(env.length > 0 ? { env: pairs(env) } : {}),
  };
}

/** `NAME=value`, or `NAME` alone for the environment variable of that name, which keeps secrets out of the file. */
function pairs(given: readonly string[]): JsonObject {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 0) return [one, { env: one }];
      const value = one.slice(at + 1);
      return [one.slice(0, at), /^\$[A-Za-z_]\w*$/.test(value) ? { env: value.slice(1) } : value];
    }),
  );
}

/** An endpoint in one line. */
export const endpointText = (mcp: McpEndpoint): string =>
  "url" in mcp ? mcp.url : [mcp.command, ...(mcp.args ?? [])].join(" ");
