/**
 * What runs in the worker thread of a plugin of the process tier: it starts a walled process for
 * each machine and carries lines between it and the host, which waits as for any sandbox thread.
 * A process that is late, floods, or sends what nobody asked for is killed.
 */
export const RELAY_SOURCE = String.raw`
const { spawn } = require("node:child_process");
const { randomBytes } = require("node:crypto");
const { parentPort, workerData } = require("node:worker_threads");
const { command, filter, code, limits, loadMs, lineBytes, shared, calls, sync } = workerData;
const flags = new Int32Array(shared);
const MAX_LATER = 1000;
const machines = new Map();

const tell = (message) => {
  sync.postMessage(message);
  Atomics.add(flags, 0, 1);
  Atomics.notify(flags, 0);
};
const unguessable = () => randomBytes(12).toString("hex");

class Walled {
  machine = 0;
  ended;
  /** Ids of the calls that it has not answered, the innermost last. */
  open = [];
  asking = false;
  asked = 0;
  laters = 0;
  rest = [];
  size = 0;

  constructor() {
    this.child = spawn(command.program, command.args, {
      stdio: ["pipe", "pipe", "ignore", "pipe", "pipe"],
      env: {},
      cwd: "/",
      ...command.identity,
    });
    const { stdin, stdout, stdio } = this.child;
    for (const stream of [stdin, stdout, stdio[3], stdio[4]]) stream.on("error", () => undefined);
    stdio[4].end(Buffer.from(filter));
    stdout.on("data", (chunk) => this.receive(chunk));
    this.child.on("error", (error) => this.end({ failed: "stopped", problem: error.message }));
    // Aborted or trapped: the engine found no memory.
    this.child.on("close", (status, signal) => {
      const abort = signal === "SIGABRT" || signal === "SIGTRAP" || status === 133 || status === 134;
      this.end(abort ? { failed: "memory" } : { failed: "stopped", problem: "its process has ended" });
    });
  }

  load() {
    return new Promise((resolve) => {
      this.first = resolve;
      this.send(this.child.stdin, { ...code }, loadMs);
    });
  }

  /** Sends a call and starts its clock. */
  send(stream, message, ms) {
    const id = unguessable();
    const timer = setTimeout(() => this.end({ failed: "time" }), ms);
    this.open.push({ id, timer });
    this.asked = 0;
    this.laters = 0;
    stream.write(JSON.stringify({ ...message, id }) + "\n");
  }

  call({ text, now }) {
    if (this.ended) return tell({ kind: "result", ...this.ended });
    this.send(this.asking ? this.child.stdio[3] : this.child.stdin, { kind: "call", text, now }, limits.deadlineMs);
    this.asking = false;
  }

  reply(text) {
    if (this.ended) return tell({ kind: "result", ...this.ended });
    this.asking = false;
    this.child.stdio[3].write(JSON.stringify({ kind: "reply", text }) + "\n");
  }

  receive(chunk) {
    if (this.ended) return;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...this.rest, chunk.subarray(from, at)]).toString();
      this.rest = [];
      this.size = 0;
      from = at + 1;
      if (line.length > lineBytes) return this.refuse("a line is too long");
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        return this.refuse("a line is no JSON");
      }
      this.take(message ?? {});
      if (this.ended) return;
    }
    if (from < chunk.length) this.rest.push(chunk.subarray(from));
    this.size += chunk.length - from;
    if (this.size > lineBytes) this.refuse("a line is too long");
  }

  take({ id, kind, result, poll, failed, problem, text }) {
    if (kind === "later" && typeof poll === "string") {
      // It may pass a call on the way.
      if ((this.laters += 1) > MAX_LATER) return this.refuse("it talks without being asked");
      if (poll !== "") calls.postMessage({ kind, machine: this.machine, answer: { poll } });
      return;
    }
    const call = this.open.at(-1);
    if (call === undefined || id !== call.id || this.asking)
      return this.refuse("it talks without being asked");
    if (kind === "host" && typeof text === "string") {
      this.asked += 1;
      const problem =
        this.asked > limits.hostCalls ? "too many requests to the host"
        : text.length > limits.outputChars ? "too much data" : undefined;
      if (this.asked > 20 * limits.hostCalls) return this.refuse(problem);
      if (problem) return this.reply(JSON.stringify({ error: { message: problem } }));
      this.asking = true;
      return tell({ kind, machine: this.machine, text });
    }
    if (kind !== "result") return this.refuse("it sends what is no answer");
    clearTimeout(call.timer);
    this.open.pop();
    // The call that asked goes on waiting for the host.
    this.asking = this.open.length > 0;
    const clean = failed === "data"
      ? { failed, problem: String(problem).slice(0, 300) }
      : typeof result !== "string" || (poll !== undefined && typeof poll !== "string")
        ? { failed: "data", problem: "the answer is no text" }
        : result.length > limits.outputChars || (poll ?? "").length > limits.outputChars + 1000
          ? { failed: "data", problem: "too much data" }
          : { result, ...(poll ? { poll } : {}) };
    this.answer(clean);
  }

  answer(answer) {
    if (this.first) {
      this.first(answer);
      this.first = undefined;
    } else tell({ kind: "result", ...answer });
  }

  refuse(problem) {
    this.end({ failed: "data", problem });
  }

  end(how) {
    if (this.ended) return;
    this.ended = how;
    this.child.kill("SIGKILL");
    for (const { timer } of this.open) clearTimeout(timer);
    if (this.open.length === 0) {
      if (this.machine !== 0) calls.postMessage({ kind: "later", machine: this.machine, answer: how });
    } else if (!this.asking) this.answer(how);
    // While it asks, the host owes the next message, and gets the end as the answer to it.
  }
}

const begin = async () => {
  const walled = new Walled();
  const { failed, problem } = await walled.load();
  if (failed) walled.end({ failed, problem });
  return { walled, failed, problem };
};

let spare;
const prepare = () => void (spare ??= begin());
const open = async (machine) => {
  const starting = spare ?? begin();
  spare = undefined;
  let { walled, failed, problem } = await starting;
  if (!failed && walled.ended) ({ walled, failed, problem } = await begin());
  if (failed) return calls.postMessage({ kind: "opened", machine, problem: problem ?? "it ran out of " + failed });
  walled.machine = machine;
  machines.set(machine, walled);
  calls.postMessage({ kind: "opened", machine });
  prepare();
};

const gone = (machine) => tell({ kind: "result", failed: "stopped", problem: "its process has ended", machine });
const call = (message) => {
  const walled = machines.get(message.machine);
  if (walled) walled.call(message);
  else gone(message.machine);
};
calls.on("message", (message) => {
  if (message.kind === "call") call(message);
  else if (message.kind === "open") void open(message.machine);
  else if (message.kind === "close") {
    machines.get(message.machine)?.end({ failed: "stopped", problem: "its run has ended" });
    machines.delete(message.machine);
  }
});
sync.on("message", (message) => {
  if (message.kind === "call") return call(message);
  const walled = machines.get(message.machine);
  if (walled) walled.reply(message.text);
  else gone(message.machine);
});

prepare();
spare.then(({ failed, problem }) => {
  parentPort.postMessage(failed ? { kind: "failed", failed, problem } : { kind: "loaded" });
});
`;
