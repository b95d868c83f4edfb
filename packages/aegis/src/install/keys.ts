import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf, sha256Hex } from "@harnessx/core";
import { aegisError } from "../errors.ts";

/** The key with which the gate signs. Its private half never leaves the process and the key folder. */
export interface GateKey {
  /** SHA-256 of the public key. */
  readonly id: string;
  readonly privateKey: KeyObject;
  /** The public half as PEM. */
  readonly publicPem: string;
}

const FILE = "gate.pem";
/** Public keys of other machines whose signatures count here, too. */
const TRUSTED = "trusted";

/**
 * The folder of keys: the given one, else `HARNESSX_KEYS`, else `harnessx/keys` in the user's
 * configuration folder. It lies outside the workspace, so that who can write there cannot sign.
 */
export function keysFolder(given?: string): string {
  const { HARNESSX_KEYS, XDG_CONFIG_HOME } = process.env;
  if (given !== undefined) return given;
  if (HARNESSX_KEYS) return HARNESSX_KEYS;
  return join(XDG_CONFIG_HOME ? XDG_CONFIG_HOME : join(homedir(), ".config"), "harnessx", "keys");
}

/** The gate's key, made on first use. Throws HX_AEGIS_KEY_INVALID. */
export async function gateKey(folder: string): Promise<GateKey> {
  const path = join(folder, FILE);
  try {
    const known = await readKey(path);
    if (known) return known;
    await makeKey(folder, path);
    const made = await readKey(path);
    if (made) return made;
    throw new Error("it vanished");
  } catch (thrown) {
    throw aegisError("HX_AEGIS_KEY_INVALID", { path, problem: messageOf(thrown) }, thrown);
  }
}

/** Public keys whose signatures count, by id: the gate's own and those that a person put into `trusted`. */
export async function trustedKeys(folder: string): Promise<ReadonlyMap<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  const own = join(folder, FILE);
  let path = own;
  try {
    const key = await readKey(own);
    if (key) keys.set(key.id, createPublicKey(key.privateKey));
    for (const name of await readdir(join(folder, TRUSTED)).catch(() => [])) {
      if (!name.endsWith(".pem")) continue;
      path = join(folder, TRUSTED, name);
      const text = await readFile(path, "utf8");
      if (text.includes("PRIVATE")) throw new Error("a private key does not belong here");
      const other = createPublicKey(text);
      keys.set(idOf(other), other);
    }
  } catch (thrown) {
    throw aegisError("HX_AEGIS_KEY_INVALID", { path, problem: messageOf(thrown) }, thrown);
  }
  return keys;
}

async function readKey(path: string): Promise<GateKey | undefined> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (text === undefined) return undefined;
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw new Error(`others may use it (mode ${(mode & 0o777).toString(8)}, not 600)`);
  const privateKey = createPrivateKey(text);
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("it is not an ed25519 key");
  const publicKey = createPublicKey(privateKey);
  const publicPem = publicKey.export({ type: "spki", format: "pem" }) as string;
  return { id: idOf(publicKey), privateKey, publicPem };
}

/** Whole or not at all, and never in place of another: two processes may want the first key at once. */
async function makeKey(folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

const idOf = (key: KeyObject): string => sha256Hex(key.export({ type: "spki", format: "der" }));
