import { sha256Hex } from "@harnessx/core";

const MAX_NAME = 64;
const MAX_SERVER = 24;
const HASH = 8;

/**
 * Names for the tools of one server: `server__tool`, of letters, digits, `_` and `-`, 64 at most.
 *
 * The part before the first `__` belongs to one server alone, so tools of two servers never share a
 * name, and no server can give a tool a name outside of its own. What had to be changed to fit
 * carries a hash of what it was.
 */
export class ToolNames {
  readonly #prefix: string;
  readonly #taken = new Map<string, string>();

  constructor(server: string) {
    this.#prefix = `${serverPart(server)}__`;
  }

  /** Takes a name before any tool of the server can. */
  reserve(name: string): string {
    this.#taken.set(name, `\0${name}`);
    return this.#prefix + name;
  }

  /** The name for what the server calls `tool`; the same at every call. */
  of(tool: string): string {
    const room = MAX_NAME - this.#prefix.length;
    const plain = /^[\w-]+$/.test(tool) && tool.length <= room ? tool : hashed(tool, room);
    for (let name = plain, more = 1; ; name = hashed(`${tool}\0${more++}`, room, tool)) {
      const owner = this.#taken.get(name);
      if (owner !== undefined && owner !== tool) continue;
      this.#taken.set(name, tool);
      return this.#prefix + name;
    }
  }
}

function serverPart(server: string): string {
  const plain = /^[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*$/.test(server) && server.length <= MAX_SERVER;
  if (plain) return server;
  const readable = server.replace(/[^A-Za-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
  return `${readable.slice(0, MAX_SERVER - HASH - 1)}-${sha256Hex(server).slice(0, HASH)}`;
}

function hashed(of: string, room: number, shown = of): string {
  const readable = shown.replace(/[^\w-]+/g, "_");
  return `${readable.slice(0, room - HASH - 1)}-${sha256Hex(of).slice(0, HASH)}`;
}
