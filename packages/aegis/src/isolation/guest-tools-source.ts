/** The part of the guest's code that is for packages of tools; it uses names of the rest. */
export const GUEST_TOOLS_SOURCE = String.raw`
const toolList = [];

/** The host answers when the call ends: true when it was aborted. */
const makeSignal = (execution) => {
  const listeners = [];
  let watched = false;
  const ended = () => host("aborted", execution);
  const reason = () => new Error("The call is over.");
  const signal = freeze({
    get aborted() {
      return ended();
    },
    get reason() {
      return ended() ? reason() : undefined;
    },
    throwIfAborted() {
      if (ended()) throw reason();
    },
    addEventListener(type, listener) {
      if (type !== "abort" || !listener) return;
      listeners.push(listener);
      if (watched) return;
      watched = true;
      ask("abort", execution).then((aborted) => {
        for (const each of aborted ? listeners.splice(0) : [])
          typeof each === "function" ? each.call(signal, { type }) : each.handleEvent({ type });
      });
    },
    removeEventListener(_type, listener) {
      const at = listeners.indexOf(listener);
      if (at >= 0) listeners.splice(at, 1);
    },
  });
  return signal;
};

const makeContext = (execution, { callId, runId, step, idempotencyKey }) => {
  let signal;
  return freeze({
    callId,
    runId,
    step,
    idempotencyKey,
    get signal() {
      return (signal ??= makeSignal(execution));
    },
    now: () => host("now", execution),
    log: (message, data) => void host("toolLog", { execution, message, data }),
    spawn: (task) => ask("toolSpawn", { execution, task }),
  });
};

const writeTools = (list) => {
  if (!isArray(list)) throw new TypeError("create returned no list of tools");
  const specs = list.map((tool) => {
    toolList.push(tool);
    const { name, description, inputSchema, outputSchema, tags, timeoutMs, onLostResult } = tool;
    return { name, description, inputSchema, outputSchema, tags, timeoutMs, onLostResult };
  });
  return writeAny(specs);
};

/** A list of one: a result that is nothing is not the result null. */
const writeResult = (result) => {
  const text = stringify(result);
  return '{"ok":[' + (text === undefined ? "" : text) + "]}";
};

const toolOperations = {
  create: ({ call, options, root }) =>
    answer(
      call,
      () => definition.create(deepFreeze(options), freeze({ root, http: (request) => ask("http", request), onClose: () => undefined })),
      writeTools,
    ),
  execute: ({ call, tool, input, execution, context }) =>
    answer(call, () => toolList[tool].execute(input, makeContext(execution, context)), writeResult),
};
`;
