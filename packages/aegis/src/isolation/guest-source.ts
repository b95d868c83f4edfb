/**
 * The first code in every sandbox: it gives the plugin the same `run`, events and verdict rules as
 * the runtime does, and speaks JSON with the host. It returns the one function that the host calls.
 *
 * It trusts nothing that the plugin touches later: what the host must believe, the host checks. The
 * built-ins that it uses are taken before the plugin's code runs.
 */
export const GUEST_SOURCE = String.raw`(function (HOST) {
"use strict";
const { stringify, parse } = JSON;
const { freeze, keys, isFrozen } = Object;
const { isArray } = Array;
const OutOfMemory = InternalError;
const events = new WeakMap();
const hostErrors = new WeakMap();
const messages = new Map();
const tools = [];
const taps = [];
const cells = new Map();
const disposers = [];
const asks = new Map();
const waiting = new Map();
let definition;
let now = 0;

delete globalThis.performance;
delete globalThis.gc;

const deepFreeze = (value) => {
  if (typeof value !== "object" || value === null || isFrozen(value)) return value;
  freeze(value);
  for (const key of keys(value)) deepFreeze(value[key]);
  return value;
};

/* Errors ------------------------------------------------------------------------------------ */

const problemOf = (thrown) => {
  try {
    if (thrown instanceof OutOfMemory && thrown.message === "out of memory") return { memory: true };
    const known = typeof thrown === "object" && thrown !== null ? hostErrors.get(thrown) : undefined;
    if (known !== undefined) return { host: known };
    if (thrown instanceof Error) {
      return { type: thrown instanceof TypeError, message: ("" + thrown.message).slice(0, 2000) };
    }
    return { message: String(thrown).slice(0, 2000) };
  } catch {
    return { message: "a value that has no text" };
  }
};

const reviveError = (error) => {
  const thrown = error.type ? new TypeError(error.message) : new Error(error.message);
  if (error.code !== undefined) thrown.code = error.code;
  if (error.host !== undefined) hostErrors.set(thrown, error.host);
  return thrown;
};

/** Asks the host and waits for its answer. */
const host = (kind, data) => {
  const reply = parse(HOST(stringify({ kind, data })));
  if (reply.error) throw reviveError(reply.error);
  return reply.ok;
};

/** Asks the host for something that it answers later. */
const ask = (kind, data) => {
  const id = host(kind, data);
  return new Promise((resolve, reject) => asks.set(id, { resolve, reject }));
};

const random = () => host("random");
Math.random = random;

/* Messages ---------------------------------------------------------------------------------- */

const textOf = (content) => {
  if (typeof content === "string") return content;
  const parts = "role" in content ? content.content : content;
  return parts.filter((part) => part.type === "text").map((part) => part.text).join("\n");
};
const toParts = (content) =>
  typeof content === "string"
    ? freeze(content === "" ? [] : [freeze({ type: "text", text: content })])
    : deepFreeze([...content]);
const estimate = (message) =>
  message.content.reduce((sum, part) => sum + (part.type === "image" ? 800 : Math.ceil(part.text.length / 4)), 0) +
  (message.toolCalls ?? []).reduce(
    (sum, call) =>
      sum +
      Math.ceil(
        (call.name.length +
          (typeof call.input === "string" ? call.input.length : (stringify(call.input) ?? "").length)) / 4,
      ),
    0,
  );

class MessageList {
  #make;
  #items;
  constructor(length, tokens, omitted, make) {
    this.length = length;
    this.tokens = tokens;
    this.omitted = omitted;
    this.#make = make;
    freeze(this);
  }
  get #all() {
    return (this.#items ??= this.#make());
  }
  at(index) {
    return this.#all.at(index);
  }
  lastUser() {
    return this.#all.findLast((message) => message.role === "user");
  }
  slice(start, end) {
    return this.#all.slice(start, end);
  }
  [Symbol.iterator]() {
    return this.#all[Symbol.iterator]();
  }
}

const listOf = (items, tokens, omitted) => new MessageList(items.length, tokens, omitted, () => items);

const readList = ({ n, tokens, omitted, fresh, reset, parts }) => {
  if (reset) messages.clear();
  for (const message of fresh) messages.set(message.id, deepFreeze(message));
  return new MessageList(n, tokens, omitted, () => {
    const items = [];
    for (const part of parts) {
      if (isArray(part)) for (let id = part[0]; id <= part[1]; id += 1) items.push(messages.get(id));
      else items.push(deepFreeze(part));
    }
    return items;
  });
};

const readTools = ({ fresh, list }) => {
  for (const [index, tool] of fresh) tools[index] = deepFreeze(tool);
  return freeze(list.map((index) => tools[index]));
};

const draft = (id, text, images) =>
  freeze({ id, role: "user", content: freeze([...images, ...toParts(text)]) });

/* Events ------------------------------------------------------------------------------------ */

/** A changed event: the edit is for the plugin to see, the step for the host to repeat. */
const changed = (event, change, edit, step) => {
  const { origin, steps } = events.get(event);
  return build({ ...event, ...change, edits: freeze([...event.edits, freeze(edit)]) }, origin, [...steps, step]);
};

const METHODS = {
  taskStart: {
    withSystem(text) {
      text = String(text);
      return changed(this, { system: text }, { op: "system", text }, { op: "system", text });
    },
    appendSystem(text) {
      text = String(text);
      const system = this.system === "" ? text : this.system + "\n\n" + text;
      return changed(this, { system }, { op: "appendSystem", text }, { op: "appendSystem", text });
    },
  },
  stepStart: {
    evict(keep) {
      const ids = [];
      const drop = [];
      const items = this.history.slice().filter((message, index) => {
        if (message.id === -3 || message.role === "system" || keep(message, index)) return true;
        ids.push(message.id);
        drop.push(index);
        return false;
      });
      return withHistory(this, items, { op: "evict", messages: ids }, { op: "evict", drop });
    },
    summarize(start, end, summary) {
      summary = String(summary);
      const items = this.history.slice();
      const replaced = items.slice(start, end).map((message) => (message.id === -3 ? -1 : message.id));
      const next = [...items.slice(0, start), draft(-3, summary, []), ...items.slice(end)];
      return withHistory(
        this,
        next,
        { op: "summarize", messages: replaced, summary },
        { op: "summarize", start, end, summary },
      );
    },
    withTools(keep) {
      const kept = [];
      const list = this.tools.filter((tool, index) => {
        const stays = keep(tool);
        if (stays) kept.push(index);
        return stays;
      });
      return changed(
        this,
        { tools: freeze(list) },
        { op: "tools", tools: list.map((tool) => tool.name) },
        { op: "tools", kept },
      );
    },
  },
  beforeModel: {
    withLastUser(text) {
      const { last, appended, base } = drafts(this);
      const current = last ?? (base ? textOf(base) : "");
      const next = String(typeof text === "function" ? text(current) : text);
      return withDrafts(this, next, appended, { op: "lastUser", text: next });
    },
    appendUser(text) {
      text = String(text);
      const { last, appended } = drafts(this);
      const next = appended === undefined ? text : appended + "\n\n" + text;
      return withDrafts(this, last, next, { op: "appendUser", text });
    },
    withSampling(sampling) {
      const merged = freeze({ ...this.request.sampling, ...sampling });
      return changed(
        this,
        { request: freeze({ ...this.request, sampling: merged }) },
        { op: "sampling", sampling: merged },
        { op: "sampling", sampling: { ...sampling } },
      );
    },
    withRole(role) {
      role = String(role);
      return changed(this, { request: freeze({ ...this.request, role }) }, { op: "role", role }, { op: "role", role });
    },
  },
  afterModel: {
    withContent(content) {
      const parts = toParts(content);
      const response = freeze({ ...this.response, content: parts });
      return changed(this, { response }, { op: "content", content: parts }, { op: "content", content });
    },
    withToolCalls(calls) {
      const toolCalls = freeze([...calls].map((call) => freeze({ ...call })));
      const response = freeze({
        ...this.response,
        toolCalls,
        finish: toolCalls.length > 0 ? "tool_calls" : "stop",
      });
      return changed(this, { response }, { op: "toolCalls", calls: toolCalls }, { op: "toolCalls", calls: toolCalls });
    },
  },
  beforeTool: {
    withInput(input) {
      const { malformed, ...call } = this.call;
      return changed(this, { call: freeze({ ...call, input }) }, { op: "input", input }, { op: "input", input });
    },
  },
  afterTool: {
    withContent(content) {
      const next = typeof content === "string" ? content : toParts(content);
      return changed(
        this,
        { result: freeze({ ...this.result, content: next }) },
        { op: "content", content: next },
        { op: "content", content: next },
      );
    },
  },
  stepEnd: {},
  taskEnd: {
    withEvaluation(evaluation) {
      const copy = freeze({ ...evaluation });
      return changed(
        this,
        { evaluations: freeze([...this.evaluations, copy]) },
        { op: "evaluation", evaluation: copy },
        { op: "evaluation", evaluation: copy },
      );
    },
  },
};

const withHistory = (event, items, edit, step) => {
  const tokens = items.reduce((sum, message) => sum + estimate(message), 0);
  return changed(event, { history: listOf(items, tokens, event.history.omitted), tokens }, edit, step);
};

const drafts = (event) => {
  const last = event.edits.findLast((edit) => edit.op === "lastUser");
  const appended = event.edits.filter((edit) => edit.op === "appendUser").map((edit) => edit.text);
  const base = event.request.messages.slice().findLast((message) => message.role === "user" && message.id !== -2);
  return { last: last?.text, appended: appended.length > 0 ? appended.join("\n\n") : undefined, base };
};

const withDrafts = (event, last, appended, edit) => {
  const list = event.request.messages;
  const { base } = drafts(event);
  let items = list.slice();
  let { tokens } = list;
  const old = items.find((message) => message.id === -2);
  if (old) {
    tokens -= estimate(old);
    items = items.filter((message) => message.id !== -2);
  }
  if (last !== undefined && base) {
    const next = draft(-1, last, base.content.filter((part) => part.type === "image"));
    tokens += estimate(next) - estimate(base);
    items = items.map((message) => (message === base ? next : message));
  }
  if (appended !== undefined) {
    const extra = draft(-2, appended, []);
    tokens += estimate(extra);
    items.push(extra);
  }
  const request = freeze({ ...event.request, messages: listOf(items, tokens, list.omitted) });
  return changed(event, { request }, edit, edit);
};

const prototypes = {};
for (const hook of keys(METHODS)) prototypes[hook] = freeze(METHODS[hook]);

const build = (fields, origin, steps) => {
  const event = Object.create(prototypes[fields.hook]);
  for (const key of keys(fields)) event[key] = fields[key];
  events.set(event, { origin: origin ?? event, steps });
  return freeze(event);
};

const readEvent = (hook, data) => {
  const fields = { ...data, hook, edits: deepFreeze(data.edits) };
  if (data.history) fields.history = readList(data.history);
  if (data.budget) fields.budget = readBudget(data.budget);
  if (data.tools) fields.tools = readTools(data.tools);
  if (data.request) {
    const messages = readList(data.request.messages);
    fields.request = freeze({ ...data.request, messages, tools: readTools(data.request.tools) });
  }
  if (hook === "beforeTool") fields.tool = data.tool ? readTools(data.tool)[0] : undefined;
  for (const key of ["task", "totals", "response", "call", "result", "calls", "usage", "evaluations"])
    deepFreeze(fields[key]);
  return build(fields, undefined, []);
};

const readBudget = (budget) => {
  const read = {};
  for (const key of keys(budget)) read[key] = budget[key] ?? Infinity;
  return freeze(read);
};

/* Verdicts ---------------------------------------------------------------------------------- */

const stepsOf = (event, candidate) => {
  const known = typeof candidate === "object" && candidate !== null ? events.get(candidate) : undefined;
  return known?.origin === event ? known.steps : null;
};

/** A verdict as data. Whatever the plugin returns is read here, in its own sandbox. */
const writeVerdict = (event, returned) => {
  if (returned === undefined) return null;
  if (typeof returned === "function" || typeof returned === "symbol" || typeof returned === "bigint")
    return { raw: typeof returned };
  if (typeof returned !== "object" || returned === null || !("verdict" in returned)) return { raw: returned };
  const { verdict } = returned;
  switch (verdict) {
    case "replace":
      return { verdict, steps: stepsOf(event, returned.event) };
    case "split": {
      const parts = returned.events;
      return { verdict, parts: isArray(parts) ? parts.map((part) => stepsOf(event, part)) : null };
    }
    case "intercept":
      return { verdict, outcome: returned.outcome };
    case "abort":
      return { verdict, reason: returned.reason, exit: returned.exit };
    case "retry":
      return { verdict, feedback: returned.feedback };
    case "approval":
      return { verdict, reason: returned.reason };
    default:
      return { verdict: String(verdict).slice(0, 100) };
  }
};

/* The run ----------------------------------------------------------------------------------- */

const HOOKS = keys(METHODS);

const makeRun = ({ id, task }) => {
  const hooks = {};
  for (const hook of HOOKS) {
    hooks[hook] = freeze({
      tap(name, call) {
        host("tap", { hook, name });
        taps.push({ hook, call });
      },
    });
  }
  const slots = freeze({
    get: (key) => host("slotGet", key.name),
    provide: (key, value) => void host("slotProvide", { name: key.name, value }),
  });
  const signal = freeze({
    get aborted() {
      return host("aborted");
    },
    throwIfAborted() {
      if (host("aborted")) throw new Error("The run has ended.");
    },
    addEventListener() {},
    removeEventListener() {},
  });
  return freeze({
    id,
    hooks: freeze(hooks),
    task: deepFreeze(task),
    slots,
    signal,
    clock: freeze({ now: () => now }),
    get state() {
      const { step, totals, messages } = host("state");
      return freeze({ step, totals: deepFreeze(totals), messages: readList(messages) });
    },
    get budget() {
      return readBudget(host("budget"));
    },
    random,
    cell(name, initial) {
      let cell = cells.get(name);
      if (!cell) {
        const value = host("cell", { name, initial });
        cells.set(name, (cell = { value }));
      }
      return cell;
    },
    model(role) {
      host("role", role);
      return freeze({ generate: (prompt) => ask("generate", { role, prompt }) });
    },
    spawn: (task) => ask("spawn", task),
    log: (message, data) => void host("log", { message, data }),
    onDispose(dispose) {
      host("onDispose");
      disposers.push(dispose);
    },
  });
};

/* What the host calls ----------------------------------------------------------------------- */

const settle = (work, write) => {
  try {
    return stringify({ ok: write(work()) });
  } catch (thrown) {
    return stringify({ error: problemOf(thrown) });
  }
};

/** The answer of a piece of plugin code: at once, or by a later poll. */
const answer = (call, work, write) => {
  let returned;
  try {
    returned = work();
    const then = typeof returned === "object" && returned !== null ? returned.then : undefined;
    if (typeof then === "function") {
      waiting.set(call, undefined);
      Promise.resolve(returned).then(
        (value) => waiting.set(call, settle(() => value, write)),
        (thrown) => waiting.set(call, stringify({ error: problemOf(thrown) })),
      );
      return "";
    }
  } catch (thrown) {
    return stringify({ error: problemOf(thrown) });
  }
  return settle(() => returned, write);
};

const nothing = () => null;
const operations = {
  load() {
    definition = globalThis.__definition;
    delete globalThis.__definition;
    return typeof definition === "object" && definition !== null && definition.harnessx === "processor" &&
      typeof definition.setup === "function"
      ? "ok"
      : "its default export is no processor";
  },
  setup: ({ call, run, options }) =>
    answer(call, () => definition.setup(makeRun(run), deepFreeze(options)), nothing),
  tap({ call, tap, event: data }) {
    const { hook, call: body } = taps[tap];
    const event = readEvent(hook, data);
    return answer(call, () => body(event), (returned) => writeVerdict(event, returned));
  },
  asked({ id, ok, error }) {
    const { resolve, reject } = asks.get(id);
    asks.delete(id);
    if (error) reject(reviveError(error));
    else resolve(deepFreeze(ok));
    return "none";
  },
  dispose: ({ call, index }) => answer(call, () => disposers[index](), nothing),
  cell: ({ name }) => settle(() => cells.get(name).value, (value) => value),
  poll() {
    if (waiting.size === 0) return "";
    const done = [];
    for (const [call, result] of waiting) {
      if (result === undefined) continue;
      done.push([call, result]);
      waiting.delete(call);
    }
    return stringify({ done, open: [...waiting.keys()], asks: asks.size });
  },
};

return (text) => {
  const message = parse(text);
  if (message.now !== undefined) now = message.now;
  return operations[message.op](message);
};
})`;
