import { Writable } from "node:stream";
import { Option, type Command } from "commander";
import type { ModelsInput } from "@harnessx/core";
import { chatDefaults } from "../chat/defaults.ts";
import { act, collect, command, integer } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness } from "../harness.ts";
import { openModels, type ModelChoice } from "../models.ts";
import { traceFolder } from "../paths.ts";
import {
  listenOptions,
  tokenOf,
  untilInterrupted,
  type ListenOptions,
  type ServedOptions,
} from "../serve-options.ts";
import type { Session } from "../session.ts";

type Expose = "agent" | "tools" | "both";

interface Options extends ListenOptions, ServedOptions {
  readonly http?: boolean;
  readonly expose: Expose;
  readonly toolName?: string;
  readonly interruptOn?: readonly string[];
  readonly keepTraces?: number;
}

/** `hx mcp serve`. */
export function mcpServeCommand(session: Session): Command {
  const made = command("serve", {
    summary: "serve an agent over MCP",
    more:
      "On standard input and output, as MCP clients start servers, or with --http at an address, where it " +
      "listens on this machine alone and asks for a token unless told otherwise. Clients of every protocol " +
      "revision are served. Calls that need approval are put to the client's person, and refused where there is " +
      "none. With --http and --json one line says where it listens.",
    examples: [
      "hx mcp serve --harness harness.json --models models.json",
      "hx mcp serve --http --port 8080 --expose both",
    ],
  });
  listenOptions(
    made
      .option(
        "--harness <file>",
        "harness.json or its folder (default: the one here, if there is one)",
      )
      .option("--models <file>", "models.json (default: the one here, if there is one)")
      .option("--model <name>", "one model: a package or a folder")
      .option("--http", "listen at an address"),
  )
    .addOption(
      new Option("--expose <what>", "what clients are offered")
        .choices(["agent", "tools", "both"])
        .default("agent"),
    )
    .option("--tool-name <name>", "name of the agent's tool (default: run_agent)")
    .option("--interrupt-on <tool>", "calls of this tool need approval; may be repeated", collect)
    .option("--keep-traces <n>", "traces of finished runs that clients may read", integer(0))
    .option("--max-runs <n>", "runs at the same time", integer(1))
    .option("--trace-dir <dir>", "where the traces go", traceFolder);
  return act<Options>(session, made, (options) => serve(session, options));
}

async function serve(session: Session, options: Options): Promise<ExitCode> {
  const token = tokenOf(session, options);
  // Before anything is loaded that might print.
  const output = options.http ? undefined : ownOutput();
  const files = await chatDefaults(session, options);
  const models = await modelsFor(session, files, options.expose);
  const harness = await openHarness(session, files.harness);
  session.atEnd(() => harness.close());
  const { createAgent } = await import("@harnessx/core");
  const { serveMcp } = await import("@harnessx/adapter-mcp-server");
  const { main: _main, ...roles } = models;
  const serving = await serveMcp({
    agent: createAgent({ harness, models, trace: { dir: session.path(options.traceDir) } }),
    roles,
    expose: options.expose,
    ...(options.toolName === undefined ? {} : { toolName: options.toolName }),
    ...(options.keepTraces === undefined ? {} : { keepTraces: options.keepTraces }),
    ...(options.maxRuns === undefined ? {} : { maxRuns: options.maxRuns }),
    ...(options.interruptOn ? { run: { interruptOn: options.interruptOn } } : {}),
    transport: output
      ? { stdio: { output } }
      : {
          http: {
            host: options.host,
            port: options.port,
            ...(token === undefined ? {} : { token }),
            ...(options.allowHost ? { allowedHosts: options.allowHost } : {}),
            ...(options.allowOrigin ? { allowedOrigins: options.allowOrigin.map(hostOf) } : {}),
          },
        },
  });
  session.atEnd(() => serving.close());
  if (!output) tell(session, serving.url, token === undefined ? serving.token : undefined);
  await untilInterrupted(session, serving.closed);
  await serving.close();
  return exitCode.ok;
}

/** Tools alone need no model. */
async function modelsFor(
  session: Session,
  choice: ModelChoice,
  expose: Expose,
): Promise<ModelsInput> {
  if (expose !== "tools" || choice.model !== undefined || choice.models !== undefined)
    return openModels(session, choice);
  const { scriptedModel } = await import("@harnessx/core");
  return { main: scriptedModel([]) };
}

function tell(session: Session, url: string | undefined, token: string | undefined): void {
  const facts = { url, ...(token === undefined ? {} : { token }) };
  if (session.json) session.io.stdout.write(`${JSON.stringify(facts)}\n`);
  session.print(`${session.style.bold("URL")}    ${url}`);
  if (token !== undefined) session.print(`${session.style.bold("token")}  ${token}`);
  session.print(session.style.dim("Ctrl-C ends it."));
}

/** The host of an origin such as `https://chat.example:8080`. */
const hostOf = (origin: string): string => origin.replace(/^\w+:\/\//, "").replace(/:\d+$/, "");

/** Standard output for the protocol alone: whatever else prints there goes to standard error from now on. */
function ownOutput(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(chunk, done);
    },
  });
}
