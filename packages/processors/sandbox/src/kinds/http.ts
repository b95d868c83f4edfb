import type { CommandRequest, CommandResult, CommandSandbox, Slots } from "@harnessx/core/plugin";
import { sandboxError } from "../errors.ts";
import type { SandboxOptions } from "../options.ts";
import { relativeFolder, requireWorkspace } from "../workspace.ts";

/** Time for the way there and back, beyond the command's own. */
const GRACE_MS = 10_000;
/** Room for what is around the outputs. */
const ENVELOPE_BYTES = 64 * 1024;
/** A control character takes six bytes in JSON. */
const JSON_BYTES_PER_BYTE = 6;

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"] as const;

/** Why the server cannot be used; undefined when it can. */
export function serverProblem({ http: { url, token } }: SandboxOptions): string | undefined {
  if (url === undefined) return "http.url is missing";
  if (!URL.canParse(url)) return `${url} is no URL`;
  const { protocol, hostname, username } = new URL(url);
  const isLocal = (LOOPBACK as readonly string[]).includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isLocal))
    return "http.url must be https, or http on this machine";
  if (username !== "") return "http.url holds a user name: use http.token";
  return token && !process.env[token.env]
    ? `the environment variable ${token.env} is not set`
    : undefined;
}

/** Commands of another machine, by one request for each. */
export function httpSandbox(slots: Pick<Slots, "get">, options: SandboxOptions): CommandSandbox {
  const kind = "http";
  const { url = "", token, enforcesReadonly } = options.http;
  return {
    kind,
    async exec(request) {
      const workspace = await requireWorkspace(slots, kind);
      if (workspace.isReadonly && !enforcesReadonly)
        throw sandboxError("HX_SANDBOX_READONLY", { kind });
      const secret = token && process.env[token.env];
      const { argv, stdin, timeoutMs, maxOutputBytes } = request;
      const answer = await ask(request, url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        },
        body: JSON.stringify({
          version: 1,
          argv,
          cwd: relativeFolder(workspace, request.cwd ?? ".", kind),
          readonly: workspace.isReadonly,
          env: { ...options.env, ...request.env },
          ...(stdin === undefined ? {} : { stdin }),
          timeoutMs,
          maxOutputBytes,
        }),
      });
      return capped(readAnswer(answer), maxOutputBytes);
    },
  };
}

async function ask(
  { signal, timeoutMs, maxOutputBytes }: CommandRequest,
  url: string,
  init: RequestInit,
): Promise<string> {
  const limit = 2 * JSON_BYTES_PER_BYTE * maxOutputBytes + ENVELOPE_BYTES;
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs + GRACE_MS)]);
  try {
    // A redirect would take the token to another place.
    const answer = await fetch(url, { ...init, redirect: "error", signal: until });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new Error(`the server answered with status ${answer.status}`);
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > limit) throw new Error(`the answer is longer than ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, cause } = thrown as Error;
    const problem = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw sandboxError("HX_SANDBOX_REMOTE", { problem }, thrown);
  }
}

function readAnswer(text: string): CommandResult {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (thrown) {
    throw sandboxError("HX_SANDBOX_REMOTE", { problem: "the answer is no JSON" }, thrown);
  }
  const { exitCode, stdout, stderr, truncated, timedOut } = (answer ?? {}) as Record<
    string,
    unknown
  >;
  const fits =
    (exitCode === null || Number.isInteger(exitCode)) &&
    typeof stdout === "string" &&
    typeof stderr === "string" &&
    typeof truncated === "boolean" &&
    typeof timedOut === "boolean";
  if (!fits)
    throw sandboxError("HX_SANDBOX_REMOTE", {
      problem: "the answer lacks exitCode, stdout, stderr, truncated or timedOut",
    });
  return { exitCode: exitCode as number | null, stdout, stderr, truncated, timedOut };
}

/** A server that does not keep the limit must not flood the model. */
function capped(result: CommandResult, maxBytes: number): CommandResult {
  const cut = (text: string): string => {
    const bytes = Buffer.from(text, "utf8");
    if (bytes.length <= 2 * maxBytes) return text;
    return `${bytes.subarray(0, maxBytes).toString("utf8")}\n[… ${bytes.length - maxBytes} bytes left out …]`;
  };
  const [stdout, stderr] = [cut(result.stdout), cut(result.stderr)];
  const isShorter = stdout !== result.stdout || stderr !== result.stderr;
  return { ...result, stdout, stderr, truncated: result.truncated || isShorter };
}
