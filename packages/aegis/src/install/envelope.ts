import { sign, verify, type KeyObject } from "node:crypto";
import { canonicalJson, validatorFor } from "@harnessx/core";
import { document, listOf, record, text } from "../schema.ts";
import type { GateKey } from "./keys.ts";

/** A signed statement: DSSE around in-toto. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** An in-toto statement: a claim about things that are named by their hash. */
export interface Statement<Predicate = unknown> {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly {
    readonly name: string;
    readonly digest: { readonly sha256: string };
  }[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

const PAYLOAD = "application/vnd.in-toto+json";
const STATEMENT = "https://in-toto.io/Statement/v1";

const envelopeSchema = document(
  "DSSE envelope",
  record({
    payloadType: { const: PAYLOAD },
    payload: text,
    signatures: { ...listOf(record({ keyid: text, sig: text })), minItems: 1, maxItems: 8 },
  }),
);

const statementSchema = (predicateType: string, predicate: object) =>
  document(
    "in-toto statement",
    record({
      _type: { const: STATEMENT },
      subject: { ...listOf(record({ name: text, digest: record({ sha256: text }) })), minItems: 1 },
      predicateType: { const: predicateType },
      predicate,
    }),
  );

/** What statements of one kind say. */
export interface StatementKind<Predicate> {
  readonly type: string;
  readonly schema: object;
  /** Carries the type alone. */
  readonly predicate?: Predicate;
}

/** A kind of statement; `predicate` is the JSON Schema of what it says. */
export const statementKind = <Predicate>(
  type: string,
  predicate: object,
): StatementKind<Predicate> => ({ type, schema: statementSchema(type, predicate) });

/** Signs a statement about files or folders, each named with its SHA-256. */
export function seal<Predicate>(
  { type }: StatementKind<Predicate>,
  subjects: Readonly<Record<string, string>>,
  predicate: Predicate,
  key: GateKey,
): string {
  const statement: Statement<Predicate> = {
    _type: STATEMENT,
    subject: Object.entries(subjects).map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: type,
    predicate,
  };
  const payload = Buffer.from(canonicalJson(statement));
  const envelope: Envelope = {
    payloadType: PAYLOAD,
    payload: payload.toString("base64"),
    signatures: [
      { keyid: key.id, sig: sign(null, encoded(payload), key.privateKey).toString("base64") },
    ],
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** What became of reading a signed statement. An unknown key says nothing against the content. */
export type Unsealed<Predicate> =
  | { readonly ok: true; readonly statement: Statement<Predicate>; readonly key: string }
  | { readonly ok: false; readonly because: "invalid" | "unknown-key"; readonly problem: string };

/** Reads a signed statement. Nothing in it counts before its signature was checked. */
export function unseal<Predicate>(
  { schema }: StatementKind<Predicate>,
  text: string,
  trusted: ReadonlyMap<string, KeyObject>,
): Unsealed<Predicate> {
  const invalid = (problem: string) => ({ ok: false, because: "invalid", problem }) as const;
  const envelope = parse(text) as Envelope;
  const malformed = validatorFor(envelopeSchema)(envelope);
  if (malformed) return invalid(`it is no signed statement: ${malformed}`);
  const payload = Buffer.from(envelope.payload, "base64");
  const known = envelope.signatures.filter(({ keyid }) => trusted.has(keyid));
  if (known.length === 0) {
    const ids = envelope.signatures.map(({ keyid }) => keyid.slice(0, 12)).join(", ");
    return { ok: false, because: "unknown-key", problem: `key ${ids} is not trusted here` };
  }
  const signer = known.find(({ keyid, sig }) =>
    verify(null, encoded(payload), trusted.get(keyid)!, Buffer.from(sig, "base64")),
  );
  if (!signer) return invalid("its signature does not fit its content");
  const statement = parse(payload.toString("utf8")) as Statement<Predicate>;
  const problem = validatorFor(schema)(statement);
  if (problem) return invalid(`it says something else: ${problem}`);
  return { ok: true, statement, key: signer.keyid };
}

/** DSSE's pre-authentication encoding: what is signed says how it is to be read. */
const encoded = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD.length} ${PAYLOAD} ${payload.length} `), payload]);

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
