import { MACHINE_SOURCE } from "./machine-source.ts";

/** What runs in the worker thread of a plugin. `quickjs-wasi` is the only thing it imports. */
export const WORKER_SOURCE = String.raw`
const { parentPort, workerData, receiveMessageOnPort } = require("node:worker_threads");
const { library, shared, calls, sync, ...plugin } = workerData;
const flags = new Int32Array(shared);
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

let machines;
const answer = ({ machine, text, now }) =>
  tell({ kind: "result", ...machines.call(machine, text, now) });
/** Asks the host and waits; it may call into a machine before it replies. */
const host = (machine, text) => {
  tell({ kind: "host", machine, text });
  for (;;) {
    const message = take();
    if (message.kind === "reply") return message.text;
    answer(message);
  }
};

import(library)
  .then((engine) => {
    machines = ${MACHINE_SOURCE}({ ...plugin, engine, host });
    return machines.load();
  })
  .then((failed) => {
    calls.on("message", async (message) => {
      if (message.kind === "call") answer(message);
      else if (message.kind === "close") machines.close(message.machine);
      else if (message.kind === "open") {
        await machines.open(message.machine);
        calls.postMessage({ kind: "opened", machine: message.machine });
      }
    });
    parentPort.postMessage(failed ? { kind: "failed", ...failed } : { kind: "loaded" });
  });
`;
