/**
 * What runs in a walled process: it loads one plugin and answers the host, line by line. Calls come
 * on descriptor 0, answers to its own requests on descriptor 3, and it writes to descriptor 1.
 *
 * It shares its realm with the plugin: the wall is around the process, not in it. What the host must
 * believe, the host checks.
 */
export const CHILD_SOURCE = String.raw`"use strict";
const { readSync, read, writeSync } = require("node:fs");
const { SourceTextModule, SyntheticModule, runInThisContext } = require("node:vm");
const { isBuiltin } = require("node:module");
const { parse, stringify } = JSON;
const EMPTY = '{"op":"poll"}';
const immediately = setImmediate;

const write = (message) => {
  const bytes = Buffer.from(stringify(message) + "\n");
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};

/** Cuts what arrives into lines. */
const lineReader = () => {
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(65536);
  return {
    chunk,
    add: (size) => void (rest = Buffer.concat([rest, chunk.subarray(0, size)])),
    next() {
      const end = rest.indexOf(10);
      if (end < 0) return undefined;
      const line = rest.toString("utf8", 0, end);
      rest = rest.subarray(end + 1);
      return line;
    },
  };
};
const replies = lineReader();
const nextReply = () => {
  for (;;) {
    const line = replies.next();
    if (line !== undefined) return parse(line);
    const size = readSync(3, replies.chunk);
    if (size === 0) process.exit(0);
    replies.add(size);
  }
};

let now = 0;
let current;
let dispatch;
let waits = false;

const host = (text) => {
  write({ id: current, kind: "host", text });
  for (;;) {
    const message = nextReply();
    if (message.kind === "reply") return message.text;
    const outer = current;
    current = message.id;
    now = message.now;
    const result = dispatch(message.text);
    if (result === "") waits = true;
    write({ id: current, kind: "result", result });
    current = outer;
  }
};
/** Something has settled by itself: the host is told after the other promises of the moment. */
let telling = false;
const settled = () => {
  if (telling || current !== undefined) return;
  telling = true;
  immediately(() => {
    telling = false;
    if (current === undefined) write({ kind: "later", poll: poll() });
  });
};
const poll = () => {
  const text = dispatch(EMPTY);
  waits = text !== "";
  return text;
};

const answer = async ({ id, text, now: time }) => {
  current = id;
  now = time;
  const result = dispatch(text);
  if (result === "") waits = true;
  let about;
  if (waits) {
    await new Promise((resolve) => immediately(resolve));
    about = poll();
  }
  write({ id, kind: "result", result, poll: about });
  current = undefined;
};

const Time = Date;
globalThis.Date = class Date extends Time {
  constructor(...given) {
    if (given.length === 0) super(now);
    else super(...given);
  }
  static now() {
    return now;
  }
};

const load = async ({ guest, files, entry, kind }) => {
  const sources = new Map(files);
  const modules = new Map();
  const resolve = (name, base) => {
    if (!/^[.][.]?[/]/.test(name)) return name;
    const path = base.split("/").slice(0, -1);
    for (const part of name.split("/")) {
      if (part === "..") path.pop();
      else if (part !== ".") path.push(part);
    }
    return path.join("/");
  };
  const moduleOf = async (name) => {
    const known = modules.get(name);
    if (known) return known;
    if (sources.has(name)) {
      const made = new SourceTextModule(sources.get(name), {
        identifier: name,
        initializeImportMeta: (meta) => void (meta.url = "file:///app/package/" + name),
        importModuleDynamically: later,
      });
      modules.set(name, made);
      return made;
    }
    if (!isBuiltin(name)) throw new Error("the import of " + name + " is refused");
    const namespace = await import(name);
    const made = new SyntheticModule(Object.keys(namespace), () => {
      for (const key of Object.keys(namespace)) made.setExport(key, namespace[key]);
    });
    modules.set(name, made);
    return made;
  };
  const link = (name, from) => moduleOf(resolve(name, from.identifier));
  const later = async (name, from) => {
    const module = await link(name, from);
    if (module.status === "unlinked") await module.link(link);
    await module.evaluate();
    return module;
  };
  const loading = () => {
    throw new Error("nothing can be asked while the plugin is loaded");
  };
  let ask = loading;
  dispatch = runInThisContext(guest, { filename: "guest.js" })((text) => ask(text), settled);
  const main = await moduleOf(entry);
  await main.link(link);
  await main.evaluate();
  globalThis.__definition = main.namespace.default;
  const problem = dispatch(stringify({ op: "load", kind }));
  if (problem !== "ok") throw new Error(problem);
  ask = host;
};

const calls = lineReader();
const nextCall = async () => {
  for (;;) {
    const line = calls.next();
    if (line !== undefined) return parse(line);
    const size = await new Promise((resolve, reject) =>
      read(0, calls.chunk, 0, calls.chunk.length, null, (error, count) => (error ? reject(error) : resolve(count))),
    );
    if (size === 0) process.exit(0);
    calls.add(size);
  }
};
process.on("unhandledRejection", () => undefined);
process.on("uncaughtException", () => undefined);

(async () => {
  const { id, ...code } = await nextCall();
  try {
    await load(code);
    write({ id, kind: "result", result: "" });
  } catch (thrown) {
    let problem = "it threw while it was loaded";
    try {
      problem = String(thrown.message).slice(0, 300);
    } catch {}
    write({ id, kind: "result", failed: "data", problem });
  }
  for (;;) await answer(await nextCall());
})();
`;
