import type { Readable, Writable } from "node:stream";
import type { McpServer, ServerOptions } from "@modelcontextprotocol/server";
import type { Agent, ModelsInput, RunOptions } from "@harnessx/core";

/** Where an HTTP server listens and whom it answers. */
export interface McpHttpOptions {
  /** Address to bind (127.0.0.1). */
  readonly host?: string;
  /** Port, 0 for any that is free (0). */
  readonly port?: number;
  /** Path of the endpoint (/mcp). */
  readonly path?: string;
  /** Bearer token that every request must carry; `false` asks for none, on loopback only (random). */
  readonly token?: string | false;
  /** Host names that requests may be addressed to (loopback names and `host`). */
  readonly allowedHosts?: readonly string[];
  /** Host names of web pages that may call (loopback names on a loopback address, otherwise none). */
  readonly allowedOrigins?: readonly string[];
  /** Bytes of a request's body at most (4 MiB). */
  readonly maxBodyBytes?: number;
  /** Open connections at most (512). */
  readonly maxConnections?: number;
  /** Sessions of clients before 2026-07-28 at most; one more ends the one that was quiet for longest (64). */
  readonly maxSessions?: number;
  /** Milliseconds after which a quiet session ends (1,800,000). */
  readonly sessionIdleMs?: number;
  /** Milliseconds in which a client must have sent the head of a request (10,000). */
  readonly headerTimeoutMs?: number;
  /** Milliseconds in which a client must have sent a whole request (30,000). */
  readonly requestTimeoutMs?: number;
}

/** Streams of a stdio server; nothing else may write to `output`. */
export interface McpStdioOptions {
  /** (standard input) */
  readonly input?: Readable;
  /** (standard output) */
  readonly output?: Writable;
}

/** Things of the SDK's own that are served beside the agent. */
export interface McpExtension {
  /** Laid over the options with which servers are made, such as more `capabilities`. */
  readonly server?: ServerOptions;
  /**
   * Registers tools, resources and prompts. Called for every connection before 2026-07-28 and for
   * every request since: it must be quick and keep nothing.
   */
  readonly register?: (server: McpServer, context: { readonly era: "legacy" | "modern" }) => void;
}

/** What is served, and how it runs. */
export interface ServeMcpOptions {
  readonly agent: Agent;
  /** How clients reach the server. */
  readonly transport:
    | "stdio"
    | { readonly stdio: McpStdioOptions }
    | { readonly http: McpHttpOptions };
  /** What clients are offered: the agent as one tool, the harness's own tools, or both (agent). */
  readonly expose?: "agent" | "tools" | "both";
  /** Name of the agent's tool (run_agent). */
  readonly toolName?: string;
  /** What the agent's tool is for, as clients and their models read it (a sentence with the harness's name). */
  readonly description?: string;
  /** Runs in progress at most, those that wait for a person included (32). */
  readonly maxRuns?: number;
  /** Milliseconds that a person has for an answer; then the run ends (600,000). */
  readonly answerTimeoutMs?: number;
  /** Traces of finished runs to keep as resources of the client that asked; 0 keeps none (0). */
  readonly keepTraces?: number;
  /** Bytes of a trace above which it is not kept (1 MiB). */
  readonly maxTraceBytes?: number;
  /** Passed on to every run. Calls that need approval are put to the client's person unless `approve` decides. */
  readonly run?: Pick<RunOptions, "approve" | "interruptOn" | "limits" | "trace">;
  /** Models for roles beside `main` when a tool of the harness is called alone: no model plays `main` then. */
  readonly roles?: Omit<ModelsInput, "main">;
  readonly extend?: McpExtension;
}
