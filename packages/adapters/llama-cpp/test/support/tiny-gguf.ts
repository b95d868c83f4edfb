import { writeFileSync } from "node:fs";

/** Kinds of metadata values in a GGUF file. */
const KIND = { u32: 4, f32: 6, text: 8, list: 9 } as const;

type Value =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly f32s: readonly number[] }
  | { readonly i32s: readonly number[] };

const EMBEDDING = 32;
const HEADS = 2;
const FEED_FORWARD = 48;
const LAYERS = 1;
const CONTEXT = 2048;
const ALIGNMENT = 32;

/** What a token is: 1 normal, 2 unknown, 3 control, 6 a byte. */
const VOCABULARY: readonly { readonly text: string; readonly kind: number }[] = [
  { text: "<unk>", kind: 2 },
  { text: "<s>", kind: 3 },
  { text: "</s>", kind: 3 },
  ...Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    kind: 6,
  })),
  { text: "\u2581", kind: 1 },
];

/**
 * Writes a model of the llama architecture with random weights and a vocabulary of bytes: some
 * 60 KB. It knows nothing; what it says is random but for the grammar that holds it.
 */
export function writeTinyModel(path: string, seed = 1): void {
  const random = randomFrom(seed);
  const tensors = tensorShapes().map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const isNorm = name.includes("norm");
    for (let index = 0; index < values.length; index += 1)
      values[index] = isNorm ? 1 : (random() - 0.5) * 0.6;
    return { name, shape, bytes: Buffer.from(values.buffer) };
  });
  const metadata = metadataOf();
  const head: Buffer[] = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.length)];
  for (const [key, value] of metadata) head.push(text(key), encoded(value));
  let offset = 0;
  for (const { name, shape, bytes } of tensors) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    offset += padded(bytes.length);
  }
  const beginning = Buffer.concat(head);
  const data = tensors.flatMap(({ bytes }) => [bytes, fill(bytes.length)]);
  writeFileSync(path, Buffer.concat([beginning, fill(beginning.length), ...data]));
}

function tensorShapes(): { readonly name: string; readonly shape: number[] }[] {
  const square = [EMBEDDING, EMBEDDING];
  const layer = (at: number) => [
    { name: `blk.${at}.attn_norm.weight`, shape: [EMBEDDING] },
    { name: `blk.${at}.attn_q.weight`, shape: square },
    { name: `blk.${at}.attn_k.weight`, shape: square },
    { name: `blk.${at}.attn_v.weight`, shape: square },
    { name: `blk.${at}.attn_output.weight`, shape: square },
    { name: `blk.${at}.ffn_norm.weight`, shape: [EMBEDDING] },
    { name: `blk.${at}.ffn_gate.weight`, shape: [EMBEDDING, FEED_FORWARD] },
    { name: `blk.${at}.ffn_up.weight`, shape: [EMBEDDING, FEED_FORWARD] },
    { name: `blk.${at}.ffn_down.weight`, shape: [FEED_FORWARD, EMBEDDING] },
  ];
  return [
    { name: "token_embd.weight", shape: [EMBEDDING, VOCABULARY.length] },
    ...Array.from({ length: LAYERS }, (_, at) => layer(at)).flat(),
    { name: "output_norm.weight", shape: [EMBEDDING] },
    { name: "output.weight", shape: [EMBEDDING, VOCABULARY.length] },
  ];
}

function metadataOf(): [string, Value][] {
  return [
    ["general.architecture", { text: "llama" }],
    ["general.name", { text: "tiny random" }],
    ["general.file_type", { u32: 0 }],
    ["general.alignment", { u32: ALIGNMENT }],
    ["llama.context_length", { u32: CONTEXT }],
    ["llama.embedding_length", { u32: EMBEDDING }],
    ["llama.block_count", { u32: LAYERS }],
    ["llama.feed_forward_length", { u32: FEED_FORWARD }],
    ["llama.attention.head_count", { u32: HEADS }],
    ["llama.attention.head_count_kv", { u32: HEADS }],
    ["llama.attention.layer_norm_rms_epsilon", { f32: 1e-5 }],
    ["llama.rope.dimension_count", { u32: EMBEDDING / HEADS }],
    ["llama.vocab_size", { u32: VOCABULARY.length }],
    ["tokenizer.ggml.model", { text: "llama" }],
    ["tokenizer.ggml.tokens", { texts: VOCABULARY.map((token) => token.text) }],
    ["tokenizer.ggml.scores", { f32s: VOCABULARY.map(() => 0) }],
    ["tokenizer.ggml.token_type", { i32s: VOCABULARY.map(({ kind }) => kind) }],
    ["tokenizer.ggml.unknown_token_id", { u32: 0 }],
    ["tokenizer.ggml.bos_token_id", { u32: 1 }],
    ["tokenizer.ggml.eos_token_id", { u32: 2 }],
  ];
}

function encoded(value: Value): Buffer {
  if ("u32" in value) return Buffer.concat([u32(KIND.u32), u32(value.u32)]);
  if ("f32" in value) return Buffer.concat([u32(KIND.f32), f32(value.f32)]);
  if ("text" in value) return Buffer.concat([u32(KIND.text), text(value.text)]);
  if ("texts" in value) return list(KIND.text, value.texts.map(text));
  if ("f32s" in value) return list(KIND.f32, value.f32s.map(f32));
  return list(5, value.i32s.map(u32));
}

const list = (kind: number, items: readonly Buffer[]): Buffer =>
  Buffer.concat([u32(KIND.list), u32(kind), u64(items.length), ...items]);

const text = (value: string): Buffer =>
  Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

const padded = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

const fill = (length: number): Buffer => Buffer.alloc(padded(length) - length);

/** A small generator of numbers in [0, 1) (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
