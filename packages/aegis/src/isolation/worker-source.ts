/**
 * What runs in the worker thread of a plugin: it loads the plugin into a QuickJS machine once,
 * keeps the memory of that moment, and gives each run a machine that starts from it.
 *
 * Source text, because a thread needs a file and this package is run from sources, bundled and
 * installed. `quickjs-wasi` is the only thing it imports.
 */
export const WORKER_SOURCE = String.raw`
const { parentPort, workerData, receiveMessageOnPort } = require("node:worker_threads");
const { library, wasm, modules, entry, guest, limits, shared, calls, sync } = workerData;
const flags = new Int32Array(shared);
const EMPTY = '{"op":"poll"}';
// Date, eval (which loading needs), RegExp, JSON, Proxy, Map and Set, typed arrays, Promise, BigInt.
const INTRINSICS = 0x1ff;
const machines = new Map();
let engine;
let image;
let token;
let received = 0;

const tell = (message) => {
  sync.postMessage(message);
  Atomics.add(flags, 0, 1);
  Atomics.notify(flags, 0);
};
const take = () => {
  while (Atomics.load(flags, 1) === received) Atomics.wait(flags, 1, received);
  received = (received + 1) | 0;
  return receiveMessageOnPort(sync).message;
};

const settingsOf = (state) => ({
  wasm,
  memoryLimit: limits.memoryBytes,
  maxStackSize: limits.stackBytes,
  intrinsics: INTRINSICS,
  timezoneOffset: 0,
  interruptHandler: () => (state.fuel += 1) > limits.fuel,
  wasi: (memory) => ({
    clock_time_get(_clock, _precision, at) {
      new DataView(memory.buffer).setBigUint64(at, BigInt(Math.trunc(state.now)) * 1000000n, true);
      return 0;
    },
    random_get(at, length) {
      new Uint8Array(memory.buffer, at, length).fill(7);
      return 0;
    },
    fd_write: () => 8,
  }),
  moduleLoader: {
    normalize: (base, name) => {
      if (name === "@harnessx/core/plugin") return name;
      if (!/^[.][.]?[/]/.test(name)) throw new Error("the import of " + name + " is refused");
      const path = base.split("/").slice(0, -1);
      for (const part of name.split("/")) {
        if (part === "..") path.pop();
        else if (part !== ".") path.push(part);
      }
      return path.join("/");
    },
    load: (name) => {
      if (!modules.has(name)) throw new Error("the import of " + name + " is refused");
      return modules.get(name);
    },
  },
});

const hostFunction = (state) => (request) => {
  state.asked += 1;
  if (state.asked > limits.hostCalls) throw new Error("too many requests to the host");
  if (!request.isString) throw new Error("a request is text");
  tell({ kind: "host", machine: state.id, text: textOf(request) });
  for (;;) {
    const message = take();
    if (message.kind === "reply") {
      const reply = state.vm.newString(message.text);
      state.garbage.push(reply);
      return reply;
    }
    tell({ kind: "result", ...call(message) });
  }
};

// The length of a string value is the engine's own: nothing of the plugin runs.
const textOf = (handle) => {
  if (handle.length > limits.outputChars) throw new Error("too much data");
  return handle.toString();
};

// Small jobs burn no tick of fuel, but each can queue the next.
const JOBS_PER_TICK = 50;
const drain = (state) => {
  const { qjs_is_job_pending, qjs_execute_pending_job } = state.vm._getExports();
  for (let jobs = 1; qjs_is_job_pending(); jobs += 1) {
    if (jobs % JOBS_PER_TICK === 0 && (state.fuel += 1) > limits.fuel) throw new Error("out of fuel");
    if (qjs_execute_pending_job() < 0) throw new Error("a job failed: " + state.vm.getException().toString());
  }
};

const failure = (state, thrown) => {
  if (state.fuel > limits.fuel) return { failed: "fuel" };
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (/out of memory/.test(text)) return { failed: "memory" };
  return { failed: "data", problem: String(text).slice(0, 300) };
};

const call = ({ machine, text, now }) => {
  const state = machines.get(machine);
  if (!state) return { failed: "stopped" };
  const { vm, dispatch } = state;
  state.now = now;
  const outer = { fuel: state.fuel, asked: state.asked };
  state.fuel = 0;
  state.asked = 0;
  try {
    const send = (json) => {
      const argument = vm.newString(json);
      const result = vm.callFunction(dispatch, vm.undefined, argument);
      argument.dispose();
      try {
        if (!result.isString) throw new Error("the answer is no text");
        return textOf(result);
      } finally {
        result.dispose();
      }
    };
    const result = send(text);
    drain(state);
    if (result === "") state.waits = true;
    const poll = state.waits ? send(EMPTY) : undefined;
    if (poll !== undefined) state.waits = poll !== "";
    if (state.fuel > limits.fuel) return { failed: "fuel" };
    return { result, poll, ticks: state.fuel };
  } catch (thrown) {
    return failure(state, thrown);
  } finally {
    Object.assign(state, outer);
    for (const handle of state.garbage.splice(0)) handle.dispose();
  }
};

const newState = (id) => ({ id, fuel: 0, asked: 0, now: 0, waits: false, garbage: [] });

async function load() {
  engine = await import(library);
  const state = newState(-1);
  try {
    const vm = await engine.QuickJS.create(settingsOf(state));
    state.vm = vm;
    const host = vm.newFunction("host", () => {
      throw new Error("nothing can be asked while the plugin is loaded");
    });
    const start = vm.evalCode(guest, "guest.js");
    const dispatch = vm.callFunction(start, vm.undefined, host);
    const contract = "@harnessx/core/plugin";
    const main =
      'import definition from "./' + entry + '"; globalThis.__definition = definition;';
    if (!modules.has(contract)) throw new Error("the contract is missing");
    const evaluated = vm.evalCode(main, "main.js", engine.EvalFlags.TYPE_MODULE);
    drain(state);
    if (evaluated.promiseState === 2) {
      // The reason is the plugin's: only text is taken of it.
      const taken = await vm.resolvePromise(evaluated);
      const problem = taken.error.getProp("message");
      throw new Error(problem.isString ? textOf(problem) : "it threw while it was loaded");
    }
    if (evaluated.promiseState !== 1) throw new Error("it waits for something while it is loaded");
    const ask = vm.newString('{"op":"load"}');
    const answer = vm.callFunction(dispatch, vm.undefined, ask);
    const problem = answer.isString ? textOf(answer) : "its answer is no text";
    if (problem !== "ok") throw new Error(problem);
    if (state.fuel > limits.fuel) throw new Error("interrupted");
    token = vm.exportHandle(dispatch);
    image = vm.snapshot();
    vm.dispose();
    parentPort.postMessage({ kind: "loaded" });
  } catch (thrown) {
    parentPort.postMessage({ kind: "failed", ...failure(state, thrown) });
  }
}

const spares = [];
async function machine() {
  const state = newState(0);
  const vm = await engine.QuickJS.restore(image, settingsOf(state));
  state.vm = vm;
  vm.registerHostCallback("host", hostFunction(state));
  state.dispatch = vm.importHandle(token);
  return state;
}
const refill = async () => {
  while (spares.length < 2) spares.push(await machine());
};

load().then(() => {
  calls.on("message", async (message) => {
    if (message.kind === "call") tell({ kind: "result", ...call(message) });
    else if (message.kind === "close") {
      machines.get(message.machine)?.vm.dispose();
      machines.delete(message.machine);
    } else if (message.kind === "open") {
      const state = spares.pop() ?? (await machine());
      state.id = message.machine;
      machines.set(state.id, state);
      calls.postMessage({ kind: "opened", machine: state.id });
      setImmediate(refill);
    }
  });
  if (image) return refill();
});
`;
