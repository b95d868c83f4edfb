import type { Session } from "./session.ts";

/** The folder of signing keys that the surroundings name, as an option of the engine. */
export function keysOf(session: Session): { readonly keys?: string } {
  const folder = session.io.env["HARNESSX_KEYS"];
  return folder ? { keys: session.path(folder) } : {};
}
