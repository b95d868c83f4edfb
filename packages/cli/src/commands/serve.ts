import { Option, type Command } from "commander";
import { chatDefaults } from "../chat/defaults.ts";
import { act, command, integer } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness } from "../harness.ts";
import { mainModel, openModels } from "../models.ts";
import { traceFolder } from "../paths.ts";
import {
  listenOptions,
  tokenOf,
  untilInterrupted,
  type ListenOptions,
  type ServedOptions,
} from "../serve-options.ts";
import type { Session } from "../session.ts";

interface Options extends ListenOptions, ServedOptions {
  readonly name?: string;
  readonly system: "text" | "ignore" | "refuse";
  readonly final?: boolean;
  readonly showTools?: boolean;
  readonly showThinking?: boolean;
}

/** `hx serve`. */
export function serveCommand(session: Session): Command {
  const made = command("serve", {
    summary: "serve an agent as an OpenAI-compatible endpoint",
    more:
      "Every request to /v1/chat/completions or /v1/responses is a run of the harness, streamed or not; " +
      "a client that goes away aborts its run. Listens on this machine alone and asks for a token unless told " +
      "otherwise; calls that need approval are refused. Ctrl-C ends it. With --json one line says where it listens.",
    examples: [
      "hx serve --harness harness.json --models models.json",
      "hx serve --model tiny-policy --port 8080 --token-env AGENT_TOKEN",
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
      .option("--name <name>", "what clients give as model (default: the harness's name)"),
  )
    .addOption(
      new Option(
        "--system <mode>",
        "system messages of clients: put before the text, ignored or refused",
      )
        .choices(["text", "ignore", "refuse"])
        .default("text"),
    )
    .option("--final", "stream the answer alone, and not what is said before it")
    .option("--show-tools", "show calls of tools and their results in the text")
    .option("--show-thinking", "show what the model thinks, as reasoning_content")
    .option("--max-runs <n>", "runs at the same time", integer(1))
    .option("--trace-dir <dir>", "where the traces go", traceFolder);
  return act<Options>(session, made, (options) => serve(session, options));
}

async function serve(session: Session, options: Options): Promise<ExitCode> {
  const token = tokenOf(session, options);
  const files = await chatDefaults(session, options);
  const models = await openModels(session, files);
  const harness = await openHarness(session, files.harness);
  session.atEnd(() => harness.close());
  const { createAgent } = await import("@harnessx/core");
  const { serveOpenAi } = await import("@harnessx/adapter-openai-server");
  const agent = createAgent({
    harness,
    models,
    trace: { dir: session.path(options.traceDir) },
  });
  const server = await serveOpenAi({
    agent,
    host: options.host,
    port: options.port,
    system: options.system,
    show: {
      text: options.final ? "final" : "live",
      tools: options.showTools ?? false,
      thinking: options.showThinking ?? false,
    },
    ...(token === undefined ? {} : { token }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.allowHost ? { allowedHosts: options.allowHost } : {}),
    ...(options.allowOrigin ? { allowedOrigins: options.allowOrigin } : {}),
    ...(options.maxRuns === undefined ? {} : { maxRuns: options.maxRuns }),
  });
  session.atEnd(() => server.close());
  const { baseURL, model } = server;
  // A token that the caller gave is not repeated.
  const made = token === undefined ? { token: server.token } : {};
  const { policy } = mainModel(models);
  if (session.json)
    session.io.stdout.write(`${JSON.stringify({ baseURL, model, policy, ...made })}\n`);
  session.print(`${session.style.bold("base URL")}  ${baseURL}`);
  session.print(`${session.style.bold("model")}     ${model}`);
  if (made.token !== undefined) session.print(`${session.style.bold("API key")}   ${made.token}`);
  session.print(session.style.dim("Ctrl-C ends it."));
  await untilInterrupted(session);
  await server.close();
  return exitCode.ok;
}
