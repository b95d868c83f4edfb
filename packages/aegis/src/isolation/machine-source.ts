/**
 * The QuickJS machines of one plugin: it is loaded into a machine once, the memory of that moment is
 * kept, and each run gets a machine that starts from it.
 *
 * Source text of a function, because two places run it: a worker thread, which needs a file of its
 * own whether this package is run from sources, bundled or installed, and the thread of the host.
 */
export const MACHINE_SOURCE = String.raw`(function (parts) {
"use strict";
const { engine, wasm, modules, entry, kind, guest, limits, host } = parts;
const EMPTY = '{"op":"poll"}';
// Date, eval (which loading needs), RegExp, JSON, Proxy, Map and Set, typed arrays, Promise, BigInt.
const INTRINSICS = 0x1ff;
const machines = new Map();
const spares = [];
let image;
let token;

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
  const reply = state.vm.newString(host(state.id, textOf(request)));
  state.garbage.push(reply);
  return reply;
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

const send = ({ vm, dispatch }, json) => {
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

const call = (machine, text, now) => {
  const state = machines.get(machine);
  if (!state) return { failed: "stopped" };
  const { fuel, asked } = state;
  state.now = now;
  state.fuel = 0;
  state.asked = 0;
  try {
    const result = send(state, text);
    drain(state);
    if (result === "") state.waits = true;
    const poll = state.waits ? send(state, EMPTY) : undefined;
    if (poll !== undefined) state.waits = poll !== "";
    if (state.fuel > limits.fuel) return { failed: "fuel" };
    return { result, poll, ticks: state.fuel };
  } catch (thrown) {
    return failure(state, thrown);
  } finally {
    state.fuel = fuel;
    state.asked = asked;
    for (const handle of state.garbage.splice(0)) handle.dispose();
  }
};

const newState = (id) => ({ id, fuel: 0, asked: 0, now: 0, waits: false, garbage: [], vm: undefined, dispatch: undefined });

/** Loads the plugin; returns how that failed. */
const load = async () => {
  const state = newState(-1);
  try {
    const vm = await engine.QuickJS.create(settingsOf(state));
    state.vm = vm;
    // References are counted: only cycles wait for the collector, which costs a millisecond each time.
    vm.gcThreshold = limits.memoryBytes >> 2;
    const hostless = vm.newFunction("host", () => {
      throw new Error("nothing can be asked while the plugin is loaded");
    });
    const start = vm.evalCode(guest, "guest.js");
    state.dispatch = vm.callFunction(start, vm.undefined, hostless);
    const main =
      'import definition from "./' + entry + '"; globalThis.__definition = definition;';
    const evaluated = vm.evalCode(main, "main.js", engine.EvalFlags.TYPE_MODULE);
    drain(state);
    if (evaluated.promiseState === 2) {
      // The reason is the plugin's: only text is taken of it.
      const taken = await vm.resolvePromise(evaluated);
      const problem = taken.error.getProp("message");
      throw new Error(problem.isString ? textOf(problem) : "it threw while it was loaded");
    }
    if (evaluated.promiseState !== 1) throw new Error("it waits for something while it is loaded");
    const problem = send(state, JSON.stringify({ op: "load", kind }));
    if (problem !== "ok") throw new Error(problem);
    if (state.fuel > limits.fuel) throw new Error("interrupted");
    token = vm.exportHandle(state.dispatch);
    image = vm.snapshot();
    vm.dispose();
    await refill();
    return undefined;
  } catch (thrown) {
    return failure(state, thrown);
  }
};

const machine = async () => {
  const state = newState(0);
  const vm = await engine.QuickJS.restore(image, settingsOf(state));
  state.vm = vm;
  vm.registerHostCallback("host", hostFunction(state));
  state.dispatch = vm.importHandle(token);
  return state;
};
const refill = async () => {
  while (spares.length < 2) spares.push(await machine());
};
const open = async (id) => {
  const state = spares.pop() ?? (await machine());
  state.id = id;
  machines.set(id, state);
  setImmediate(refill);
};
const close = (id) => {
  machines.get(id)?.vm.dispose();
  machines.delete(id);
};
return { load, open, close, call };
})`;
