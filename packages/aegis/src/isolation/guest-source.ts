import { GUEST_TOOLS_SOURCE } from "./guest-tools-source.ts";

/**
 * The first code in every sandbox: it gives the plugin the same `run`, events and verdict rules as
 * the runtime does, and speaks JSON with the host. It returns the one function that the host calls.
 *
 * It trusts nothing that the plugin touches later: what the host must believe, the host checks. The
 * built-ins that it uses are taken before the plugin's code runs.
 */
export const GUEST_SOURCE = String.raw`(function (HOST, SETTLED) {
"use strict";
const { stringify, parse } = JSON;
const { freeze, keys } = Object;
const { isArray } = Array;
const OutOfMemory = globalThis.InternalError ?? class {};
const events = new WeakMap();
const hostErrors = new WeakMap();
/** By id; as they were sent until somebody looks at them. */
const messages = [];
/** All before it have been looked at. */
let looked = 0;
const tools = [];
const toolLists = [];
const taps = [];
const cells = new Map();
const disposers = [];
const asks = new Map();
const waiting = new Map();
let definition;
let now = 0;

delete globalThis.performance;
delete globalThis.gc;

/* In this engine a call costs what a page of JavaScript costs elsewhere: what a hook does each time is
   written without loops over keys, and nothing is built before somebody looks at it. */

const deepFreeze = (value) => {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) for (let at = 0; at < value.length; at += 1) deepFreeze(value[at]);
  else for (const key in value) if (typeof value[key] === "object") deepFreeze(value[key]);
  return freeze(value);
};
const freezeEach = (list) => {
  for (let at = 0; at < list.length; at += 1) freeze(list[at]);
  return freeze(list);
};

/* What is sent often comes as lists: an object costs several times as much to read. */

const readCall = ([id, name, input, malformed]) => {
  if (typeof input === "object") deepFreeze(input);
  return freeze(malformed === undefined ? { id, name, input } : { id, name, input, malformed });
};
const readContent = (content) =>
  typeof content === "string" ? freeze([freeze({ type: "text", text: content })]) : freezeEach(content);
const ROLES = ["system", "user", "assistant", "tool"];
const readMessage = (sent) => {
  const id = sent[0];
  const role = ROLES[sent[1]];
  const content = readContent(sent[2]);
  if (role === "assistant") return freeze({ id, role, content, toolCalls: freeze(sent[3].map(readCall)) });
  if (role === "tool") return freeze({ id, role, content, callId: sent[3], name: sent[4], status: sent[5] });
  return freeze({ id, role, content });
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

const messageAt = (id) => {
  const message = messages[id];
  return isArray(message) ? (messages[id] = readMessage(message)) : message;
};
const lookAtAll = (end) => {
  for (; looked < end; looked += 1) messageAt(looked);
};

/** Ranges of ids and drafts, put together when all of them are wanted. */
const gather = (parts) => {
  let items = [];
  for (const part of parts) {
    if (isArray(part)) lookAtAll(part[1] + 1);
    items = items.concat(isArray(part) ? messages.slice(part[0], part[1] + 1) : part);
  }
  return items;
};
const find = (parts, index) => {
  for (const part of parts) {
    const size = isArray(part) ? part[1] - part[0] + 1 : 1;
    if (index < size) return isArray(part) ? messageAt(part[0] + index) : part;
    index -= size;
  }
  return undefined;
};

class MessageList {
  #parts;
  #items;
  #user;
  constructor(length, tokens, omitted, parts, items, user) {
    this.length = length;
    this.tokens = tokens;
    this.omitted = omitted;
    this.#parts = parts;
    this.#items = items;
    this.#user = user;
    freeze(this);
  }
  static partsOf(list) {
    return list.#parts ?? list.#items;
  }
  get #all() {
    return (this.#items ??= gather(this.#parts));
  }
  at(index) {
    if (this.#items) return this.#items.at(index);
    const at = index < 0 ? this.length + index : index;
    return at >= 0 && at < this.length ? find(this.#parts, at) : undefined;
  }
  lastUser() {
    if (this.#user !== undefined) return this.#user < 0 ? undefined : this.at(this.#user);
    return this.#all.findLast((message) => message.role === "user");
  }
  slice(start, end) {
    return this.#all.slice(start, end);
  }
  [Symbol.iterator]() {
    return this.#all[Symbol.iterator]();
  }
}

const listOf = (items, tokens, omitted) => new MessageList(items.length, tokens, omitted, undefined, items);

/** Keeps what a list shows for the first time; later lists only name it. */
const remember = (sent) => {
  if (sent[6]) messages.length = looked = 0;
  const fresh = sent[4];
  for (let at = 0; at < fresh.length; at += 1) {
    const message = fresh[at];
    while (messages.length < message[0]) messages.push(undefined);
    messages[message[0]] = message;
    if (message[0] < looked) looked = message[0];
  }
  return sent;
};

/** Drafts have no number that could be named: they come whole, as a list of one. */
const readList = ([length, tokens, omitted, user, , parts]) => {
  for (let at = 0; at < parts.length; at += 1) if (parts[at].length === 1) parts[at] = readMessage(parts[at][0]);
  return new MessageList(length, tokens, omitted, parts, undefined, user);
};

/** A list of tools is sent once, and each tool once. */
const readTools = (sent) => {
  if (typeof sent === "number") return toolLists[sent];
  const [index, fresh, list] = sent;
  for (const [at, tool] of fresh) tools[at] = deepFreeze(tool);
  return (toolLists[index] = freeze(list.map((at) => tools[at])));
};

const draft = (id, text, images) =>
  freeze({ id, role: "user", content: freeze([...images, ...toParts(text)]) });

/* Events ------------------------------------------------------------------------------------ */

/** A changed event: the edit is for the plugin to see, the step for the host to repeat. */
const changed = (event, change, edit, step) => {
  const { origin, steps } = events.get(event);
  const edits = freeze([...event.edits, freeze(edit)]);
  const next = freeze({ __proto__: prototypes[event.hook], ...event, ...change, edits });
  events.set(next, { origin, steps: [...steps, step] });
  return next;
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
      const { last, appended } = drafts(this);
      const base = baseOf(this);
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

const drafts = ({ edits }) => {
  let last;
  let appended;
  for (const { op, text } of edits) {
    if (op === "lastUser") last = text;
    else if (op === "appendUser") appended = appended === undefined ? text : appended + "\n\n" + text;
  }
  return { last, appended };
};

const baseOf = (event) => {
  const list = event.request.messages;
  const newest = list.lastUser();
  return newest?.id === -2 ? list.slice().findLast(({ role, id }) => role === "user" && id !== -2) : newest;
};

/** A request with other drafts. */
const draftRequest = (event, last, appended) => {
  const list = event.request.messages;
  let parts = MessageList.partsOf(list);
  let { tokens, length } = list;
  // The appended message is the last one.
  const old = list.at(-1);
  if (old?.id === -2) {
    tokens -= estimate(old);
    length -= 1;
    parts = parts.slice(0, -1);
  }
  const base = last === undefined ? undefined : baseOf(event);
  if (base) {
    const next = draft(-1, last, base.content.filter((part) => part.type === "image"));
    tokens += estimate(next) - estimate(base);
    parts = gather(parts).map((message) => (message === base ? next : message));
  }
  if (appended !== undefined) {
    const extra = draft(-2, appended, []);
    tokens += estimate(extra);
    length += 1;
    parts = [...parts, extra];
  }
  return freeze({ ...event.request, messages: new MessageList(length, tokens, list.omitted, parts) });
};

const withDrafts = (event, last, appended, edit) => {
  const { origin, steps } = events.get(event);
  const edits = freeze([...event.edits, freeze(edit)]);
  const next = requestEvent(event.step, event.attempt, () => draftRequest(event, last, appended), edits);
  events.set(next, { origin, steps: [...steps, edit] });
  return next;
};

const requestEvent = (step, attempt, make, edits) => {
  let request;
  return freeze({
    __proto__: prototypes.beforeModel,
    hook: "beforeModel",
    step,
    attempt,
    get request() {
      return (request ??= make());
    },
    edits,
  });
};

const prototypes = {};
for (const hook of keys(METHODS)) prototypes[hook] = freeze(METHODS[hook]);

const NONE = freeze([]);
const NO_SAMPLING = freeze({});
const readEdits = (edits) => (edits === 0 ? NONE : deepFreeze(edits));
const readResult = (result) => (isArray(result) ? freeze({ status: result[0], content: result[1] }) : deepFreeze(result));

/** The lists of the view say what is new: they are kept even when nobody looks. */
const request = (view) => {
  remember(view[2]);
  const tools = readTools(view[3]);
  return () =>
    freeze({
      messages: readList(view[2]),
      tools,
      sampling: view[4] === 0 ? NO_SAMPLING : deepFreeze(view[4]),
      role: view[5],
      seed: view[6],
    });
};

const READERS = {
  taskStart: ({ task, tools, system, edits }) => ({
    __proto__: prototypes.taskStart,
    hook: "taskStart",
    task: deepFreeze(task),
    tools: readTools(tools),
    system,
    edits: readEdits(edits),
  }),
  stepStart: ({ step, history, tools, tokens, budget, totals, edits }) => ({
    __proto__: prototypes.stepStart,
    hook: "stepStart",
    step,
    history: readList(remember(history)),
    tools: readTools(tools),
    tokens,
    budget: readBudget(budget),
    totals: deepFreeze(totals),
    edits: readEdits(edits),
  }),
  beforeModel: (view) => requestEvent(view[0], view[1], request(view), readEdits(view[7])),
  afterModel: (view) => ({
    __proto__: prototypes.afterModel,
    hook: "afterModel",
    step: view[0],
    attempt: view[1],
    request: request(view)(),
    response: deepFreeze(view[8]),
    edits: readEdits(view[7]),
  }),
  beforeTool: ([step, call, tool, edits]) => ({
    __proto__: prototypes.beforeTool,
    hook: "beforeTool",
    step,
    call: readCall(call),
    tool: tool === null ? undefined : readTools(tool)[0],
    edits: readEdits(edits),
  }),
  afterTool: ([step, call, result, duration, edits]) => ({
    __proto__: prototypes.afterTool,
    hook: "afterTool",
    step,
    call: readCall(call),
    result: readResult(result),
    duration,
    edits: readEdits(edits),
  }),
  stepEnd: ({ step, finish, calls, usage, totals, edits }) => ({
    __proto__: prototypes.stepEnd,
    hook: "stepEnd",
    step,
    finish,
    calls: deepFreeze(calls),
    usage: deepFreeze(usage),
    totals: deepFreeze(totals),
    edits: readEdits(edits),
  }),
  taskEnd: ({ task, output, exit, totals, evaluations, edits }) => ({
    __proto__: prototypes.taskEnd,
    hook: "taskEnd",
    task: deepFreeze(task),
    output,
    exit,
    totals: deepFreeze(totals),
    evaluations: deepFreeze(evaluations),
    edits: readEdits(edits),
  }),
};

const readEvent = (hook, view) => {
  const event = freeze(READERS[hook](view));
  events.set(event, { origin: event, steps: NONE });
  return event;
};

const readBudget = (budget) => {
  const read = {};
  for (const key of keys(budget)) read[key] = budget[key] ?? Infinity;
  return freeze(read);
};

/** The most frequent answer. */
const NOTHING = '{"ok":null}';
const writeAny = (data) => stringify({ ok: data });

/* Verdicts ---------------------------------------------------------------------------------- */

const stepsOf = (event, candidate) => {
  const known = typeof candidate === "object" && candidate !== null ? events.get(candidate) : undefined;
  return known?.origin === event ? known.steps : null;
};

/** A verdict as JSON. Whatever the plugin returns is read here, in its own sandbox. */
const writeVerdict = (event, returned) => {
  if (returned === undefined) return NOTHING;
  if (typeof returned === "function" || typeof returned === "symbol" || typeof returned === "bigint")
    return writeAny({ raw: typeof returned });
  if (typeof returned !== "object" || returned === null || !("verdict" in returned)) return writeAny({ raw: returned });
  const { verdict } = returned;
  switch (verdict) {
    case "replace":
      return '{"ok":{"verdict":"replace","steps":' + stringify(stepsOf(event, returned.event)) + "}}";
    case "split": {
      const parts = returned.events;
      return writeAny({ verdict, parts: isArray(parts) ? parts.map((part) => stepsOf(event, part)) : null });
    }
    case "intercept":
      return writeAny({ verdict, outcome: returned.outcome });
    case "abort":
      return writeAny({ verdict, reason: returned.reason, exit: returned.exit });
    case "retry":
      return writeAny({ verdict, feedback: returned.feedback });
    case "approval":
      return writeAny({ verdict, reason: returned.reason });
    default:
      return writeAny({ verdict: String(verdict).slice(0, 100) });
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
      return freeze({ step, totals: deepFreeze(totals), messages: readList(remember(messages)) });
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
    return write(work());
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
      const settled = (text) => {
        waiting.set(call, text);
        if (SETTLED) SETTLED();
      };
      Promise.resolve(returned).then(
        (value) => settled(settle(() => value, write)),
        (thrown) => settled(stringify({ error: problemOf(thrown) })),
      );
      return "";
    }
  } catch (thrown) {
    return stringify({ error: problemOf(thrown) });
  }
  return settle(() => returned, write);
};

${GUEST_TOOLS_SOURCE}
const nothing = () => NOTHING;
const BODIES = { processor: "setup", tools: "create" };
const operations = {
  __proto__: null,
  ...toolOperations,
  load({ kind }) {
    definition = globalThis.__definition;
    delete globalThis.__definition;
    return typeof definition === "object" && definition !== null && definition.harnessx === kind &&
      typeof definition[BODIES[kind]] === "function"
      ? "ok"
      : "its default export is no definition of the kind " + kind;
  },
  setup: ({ call, run, options }) =>
    answer(call, () => definition.setup(makeRun(run), deepFreeze(options)), nothing),
  asked({ id, ok, error }) {
    const { resolve, reject } = asks.get(id);
    asks.delete(id);
    if (error) reject(reviveError(error));
    else resolve(deepFreeze(ok));
    return "none";
  },
  dispose: ({ call, index }) => answer(call, () => disposers[index](), nothing),
  cell: ({ name }) => settle(() => cells.get(name).value, writeAny),
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

const hook = (call, tap, view) => {
  const { hook, call: body } = taps[tap];
  const event = readEvent(hook, view);
  return answer(call, () => body(event), (returned) => writeVerdict(event, returned));
};

return (text) => {
  const message = parse(text);
  if (isArray(message)) {
    now = message[0];
    return hook(message[1], message[2], message[3]);
  }
  if (message.now !== undefined) now = message.now;
  return operations[message.op](message);
};
})`;
