import { generateKeyPairSync } from "node:crypto";
import {
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  JOURNAL,
  openJournal,
  requireWorkspace,
  usePath,
  verifyWorkspace,
  type EntryCheckName,
} from "../../src/index.ts";
import { seal, statementKind } from "../../src/install/envelope.ts";
import { gateKey, trustedKeys } from "../../src/install/keys.ts";
import { installWorld, makeFolder, packageOf, ship } from "../support/install-world.ts";

const [first, second] = [packageOf(1), packageOf(2)];
let keys: string;
let origin: string;
let dir: string;
beforeAll(async () => {
  keys = await makeFolder("keys");
  process.env["HARNESSX_KEYS"] = keys;
  origin = await installWorld([first, second]);
  await ship(origin, first, "verdict-1");
  await ship(origin, second, "verdict-2");
});
beforeEach(async () => {
  dir = await makeFolder("signed");
  await cp(origin, dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));
afterAll(async () => {
  await rm(keys, { recursive: true, force: true });
  await rm(origin, { recursive: true, force: true });
});

const journal = () => openJournal(join(dir, JOURNAL));
const lockFile = (): string => join(dir, "harness.lock.json");

/** The checks that fail, by entry. */
async function failures(
  options: Parameters<typeof verifyWorkspace>[1] = {},
): Promise<Record<string, { readonly checks: EntryCheckName[]; readonly damaged: boolean }>> {
  const { entries } = await verifyWorkspace(dir, options);
  return Object.fromEntries(
    entries
      .filter(({ ok }) => !ok)
      .map(({ id, checks, damaged }) => [
        id,
        { checks: checks.filter(({ ok }) => !ok).map(({ check }) => check), damaged },
      ]),
  );
}

async function attestationOf(entry: string): Promise<string> {
  const folder = join(dir, ".harnessx/attestations");
  const name = (await readdir(folder)).find((one) => one.startsWith(`${entry}-`));
  return join(folder, name!);
}

/** Flips one bit in the middle of a file. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}

async function editLock(change: (entries: Record<string, any>) => void): Promise<void> {
  const lock = JSON.parse(await readFile(lockFile(), "utf8"));
  change(lock.entries);
  await writeFile(lockFile(), JSON.stringify(lock));
}

/** What was done to a workspace, the checks that must catch it, and whether it is damage. */
const attacks: readonly [string, EntryCheckName[], boolean, () => Promise<void>][] = [
  [
    "a changed source",
    ["package", "digest"],
    true,
    () => flip(join(dir, usePath(first), "src/index.ts")),
  ],
  [
    "a changed build",
    ["digest", "lock"],
    true,
    () => flip(join(dir, usePath(first), "dist/index.js")),
  ],
  [
    "a file more",
    ["digest", "lock"],
    true,
    () => writeFile(join(dir, usePath(first), "dist/more.js"), "1"),
  ],
  [
    "a link in the package",
    ["package"],
    true,
    () => symlink("/etc/hostname", join(dir, usePath(first), "link")),
  ],
  [
    "a package that is gone",
    ["package", "lock"],
    true,
    () => rm(join(dir, usePath(first)), { recursive: true }),
  ],
  [
    "a swapped package",
    ["package", "digest", "lock"],
    true,
    async () => {
      await rm(join(dir, usePath(first)), { recursive: true });
      await cp(join(dir, usePath(second)), join(dir, usePath(first)), { recursive: true });
    },
  ],
  [
    "a changed attestation",
    ["attestation"],
    true,
    async () => flip(await attestationOf("evolved-1")),
  ],
  ["no attestation", ["attestation"], true, async () => rm(await attestationOf("evolved-1"))],
  [
    "an attestation of another entry",
    ["digest", "lock"],
    true,
    async () => cp(await attestationOf("evolved-2"), await attestationOf("evolved-1")),
  ],
  [
    "a signature by another key under the trusted key's name",
    ["attestation"],
    true,
    async () => {
      const path = await attestationOf("evolved-1");
      const envelope = JSON.parse(await readFile(path, "utf8"));
      const strange = await makeFolder("strange");
      const { privateKey, publicPem } = await gateKey(strange);
      const kind = statementKind<object>("x", {});
      const own = JSON.parse(
        seal(kind, { x: "1" }, {}, { id: envelope.signatures[0].keyid, privateKey, publicPem }),
      );
      await writeFile(path, JSON.stringify({ ...envelope, signatures: own.signatures }));
      await rm(strange, { recursive: true });
    },
  ],
  [
    "a grant that nobody gave",
    ["lock"],
    false,
    () =>
      editLock((entries) => void (entries["evolved-1"].capabilities = { net: ["evil.example"] })),
  ],
  [
    "another verdict in the lock",
    ["lock"],
    false,
    () => editLock((entries) => void (entries["evolved-1"].decidedBy = "human")),
  ],
  ["no lock entry", ["lock"], false, () => editLock((entries) => void delete entries["evolved-1"])],
  ["no lock", ["lock"], false, () => rm(lockFile())],
];

describe("verifyWorkspace", () => {
  it("finds everything in order", async () => {
    const { ok, entries } = await verifyWorkspace(dir, { tier: "wasm" });
    expect(ok).toBe(true);
    expect(entries.map(({ id }) => id).toSorted()).toEqual(["evolved-1", "evolved-2"]);
    for (const { checks } of entries)
      expect(checks.map(({ check }) => check)).toEqual([
        "package",
        "attestation",
        "digest",
        "lock",
        "tier",
      ]);
  });

  it.each(attacks)("catches %s", async (_what, checks, damaged, attack) => {
    await attack();
    const found = await failures();
    expect(found["evolved-1"]).toEqual({ checks, damaged });
  });

  it("catches both entries when their packages change places in manifest and lock", async () => {
    for (const name of ["harness.json", "harness.lock.json"]) {
      const path = join(dir, name);
      const text = await readFile(path, "utf8");
      const [a, b] = [usePath(first), usePath(second)];
      await writeFile(path, text.replaceAll(a, "#").replaceAll(b, a).replaceAll("#", b));
    }
    expect(Object.keys(await failures()).toSorted()).toEqual(["evolved-1", "evolved-2"]);
  });

  it("tells a key that it does not know from a signature that does not hold", async () => {
    const elsewhere = await makeFolder("elsewhere");
    const expected = { checks: ["attestation"], damaged: false };
    // No key at all, then one that is not the signer's.
    expect((await failures({ keys: elsewhere }))["evolved-1"]).toEqual(expected);
    await gateKey(elsewhere);
    expect((await failures({ keys: elsewhere }))["evolved-1"]).toEqual(expected);
    // Trusted by hand, it counts.
    await mkdir(join(elsewhere, "trusted"));
    const [published] = await readdir(join(dir, ".harnessx/keys"));
    await cp(join(dir, ".harnessx/keys", published!), join(elsewhere, "trusted/gate.pem"));
    expect(await failures({ keys: elsewhere })).toEqual({});
    await rm(elsewhere, { recursive: true });
  });

  it("lets nothing run behind a weaker wall than it was verified for", async () => {
    expect(await failures({ tier: "wasm" })).toEqual({});
    for (const tier of ["process", "trusted"] as const)
      expect((await failures({ tier }))["evolved-1"]).toEqual({ checks: ["tier"], damaged: false });
  });
});

describe("requireWorkspace", () => {
  it("moves what is damaged into quarantine, with the reason, and refuses to start", async () => {
    await flip(join(dir, usePath(first), "dist/index.js"));
    const refused = { code: "HX_AEGIS_WORKSPACE_DAMAGED" };
    await expect(requireWorkspace(dir, journal())).rejects.toMatchObject(refused);
    const name = basename(usePath(first));
    const place = join(dir, ".harnessx/quarantine", name);
    const reason = JSON.parse(await readFile(join(place, "reason.json"), "utf8"));
    expect(reason).toMatchObject({
      entry: "evolved-1",
      why: expect.stringContaining("dist/index.js"),
    });
    expect(await readdir(join(place, name))).toContain("package.json");
    expect(await readdir(join(dir, dirname(usePath(first))))).toEqual([basename(usePath(second))]);
    expect(journal().events.at(-1)).toMatchObject({ t: "quarantine", entry: "evolved-1" });
    // The manifest stays, so it refuses again, and says so only once.
    await expect(requireWorkspace(dir, journal())).rejects.toMatchObject(refused);
    expect(journal().events.filter(({ t }) => t === "quarantine")).toHaveLength(1);
  });

  it("moves nothing when only the lock, the key or the tier is at fault", async () => {
    const elsewhere = await makeFolder("elsewhere");
    const refused = { code: "HX_AEGIS_WORKSPACE_DAMAGED" };
    await expect(requireWorkspace(dir, journal(), { keys: elsewhere })).rejects.toMatchObject(
      refused,
    );
    await expect(requireWorkspace(dir, journal(), { tier: "trusted" })).rejects.toMatchObject(
      refused,
    );
    await rm(lockFile());
    await expect(requireWorkspace(dir, journal())).rejects.toMatchObject(refused);
    expect(await readdir(join(dir, dirname(usePath(first))))).toHaveLength(2);
    expect(journal().events.at(-1)!.t).toBe("ship");
    await rm(elsewhere, { recursive: true });
  });
});

describe("the key", () => {
  it("is made once, for its owner alone, and is the same from then on", async () => {
    const folder = join(dir, "deep/keys");
    const [one, other] = await Promise.all([gateKey(folder), gateKey(folder)]);
    expect(one.id).toBe(other.id);
    const { stat } = await import("node:fs/promises");
    expect((await stat(join(folder, "gate.pem"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["gate.pem"]);
    expect([...(await trustedKeys(folder)).keys()]).toEqual([one.id]);
  });

  it.each([
    ["others may read", (path: string) => chmod(path, 0o644)],
    ["is no key", (path: string) => writeFile(path, "-----BEGIN-----")],
    [
      "is of another kind",
      (path: string) =>
        writeFile(
          path,
          generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
            type: "pkcs8",
            format: "pem",
          }),
        ),
    ],
  ])("is refused when %s", async (_what, spoil) => {
    await gateKey(dir);
    await spoil(join(dir, "gate.pem"));
    await expect(gateKey(dir)).rejects.toMatchObject({ code: "HX_AEGIS_KEY_INVALID" });
    await expect(trustedKeys(dir)).rejects.toMatchObject({ code: "HX_AEGIS_KEY_INVALID" });
  });

  it("does not take a private key as one to trust", async () => {
    await gateKey(dir);
    await mkdir(join(dir, "trusted"));
    await rename(join(dir, "gate.pem"), join(dir, "trusted/theirs.pem"));
    await expect(trustedKeys(dir)).rejects.toMatchObject({ code: "HX_AEGIS_KEY_INVALID" });
  });
});
