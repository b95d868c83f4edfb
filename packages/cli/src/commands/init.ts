import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Option, type Command } from "commander";
import type { ToolsEntry } from "@harnessx/core";
import { act, collect, command } from "../command.ts";
import { cliError, UsageError } from "../errors.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { filesFor, type InitFiles } from "../init/files.ts";
import { providers, type Provider } from "../init/providers.ts";
import { named, Questions } from "../init/questions.ts";
import { serverEntry } from "../init/servers.ts";
import { relativePath } from "../paths.ts";
import type { Session } from "../session.ts";

interface Options {
  readonly provider?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly keyEnv?: string;
  readonly mcp?: readonly string[];
  readonly workspace?: boolean;
  readonly install?: boolean;
  readonly yes?: true;
  readonly force?: true;
}

/** `hx init`. */
export function initCommand(session: Session): Command {
  const made = command("init", {
    summary: "start an agent: writes harness.json and models.json",
    more:
      "Asks which provider and which MCP servers, writes the two files and says what is in them. " +
      "What is given as an option is not asked; with --yes, or where nobody can be asked, nothing is.",
    examples: [
      "hx init",
      'hx init my-agent --provider anthropic --mcp "fs=npx -y @modelcontextprotocol/server-filesystem ." --yes',
      "hx init --provider compatible --base-url http://127.0.0.1:8000/v1 --model qwen3 --json",
    ],
  })
    .argument("[folder]", "where the files go (default: here)")
    .addOption(
      new Option("--provider <name>", "who serves the model").choices(
        providers.map(({ name }) => name),
      ),
    )
    .option("--model <name>", "the provider's name of the model, or the path of a GGUF file")
    .option("--base-url <url>", "address of a server that speaks the provider's protocol")
    .option("--key-env <name>", "environment variable that holds the key")
    .option("--mcp <name=target>", "an MCP server: a command or a URL; may be repeated", collect)
    .option("--workspace", "let the agent work on the files of the folder")
    .option("--no-workspace", "do not")
    .option("--install", "install the packages with npm")
    .option("--no-install", "only say which they are")
    .option("--yes", "ask nothing: take what is suggested")
    .option("--force", "overwrite files that are there");
  return act<Options>(session, made, (options, folder) => init(session, options, folder ?? "."));
}

async function init(session: Session, options: Options, folder: string): Promise<ExitCode> {
  const dir = session.path(folder);
  const paths = { harness: join(dir, "harness.json"), models: join(dir, "models.json") };
  if (options.force !== true)
    for (const path of Object.values(paths))
      if (await stat(path).catch(() => undefined))
        throw await cliError("HX_CLI_FILE_EXISTS", { path });
  const ask = session.io.interactive && !session.json && options.yes !== true;
  const files = await answer(options, new Questions(session, ask), basename(dir));
  const { parseManifest, serializeManifest } = await import("@harnessx/core");
  const manifest = serializeManifest(parseManifest(files.manifest));
  await mkdir(dir, { recursive: true });
  await writeFile(paths.harness, manifest);
  await writeFile(paths.models, `${JSON.stringify(files.models, null, 2)}\n`);
  explain(session, files, dir);
  const wanted =
    options.install ??
    (ask && (await new Questions(session, ask).yes("Install the packages now?", true)));
  const installed = wanted && (await install(session, dir, files.packages));
  next(session, files, { dir, folder, installed });
  session.result({ dir, files: Object.values(paths), packages: files.packages, installed });
  return wanted && !installed ? exitCode.failed : exitCode.ok;
}

async function answer(options: Options, ask: Questions, folder: string): Promise<InitFiles> {
  const provider: Provider =
    named(providers, options.provider ?? "") ??
    (await ask.choice("Who serves the model?", "provider", providers));
  const model = options.model ?? (await ask.text(provider.modelQuestion, "model", provider.model));
  const baseURL =
    options.baseUrl ??
    (provider.baseURL === undefined
      ? undefined
      : await ask.text("At which address?", "base-url", provider.baseURL));
  if (baseURL !== undefined && !URL.canParse(baseURL))
    throw new UsageError(`${baseURL} is no address.`, "Write it as http://host:port/v1.");
  const keyEnv =
    options.keyEnv ??
    (provider.keyEnv === undefined
      ? undefined
      : await ask.text("Which environment variable holds the key?", "key-env", provider.keyEnv));
  const workspace =
    options.workspace ??
    (await ask.yes(
      "May the agent read and change the files of this folder and run programs?",
      false,
    ));
  const servers: readonly ToolsEntry[] = options.mcp
    ? options.mcp.map(serverEntry)
    : await ask.lines("An MCP server (name=command or name=URL)?", serverEntry);
  return filesFor({
    name: folder.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-") || "agent",
    provider,
    model,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(keyEnv === undefined ? {} : { keyEnv }),
    workspace,
    servers,
  });
}

function explain(session: Session, { manifest, models, explained }: InitFiles, dir: string): void {
  const { style } = session;
  const at = (name: string): string => relativePath(session.io.cwd, join(dir, name));
  session.print(
    `${style.green("wrote")}  ${at("harness.json")}  how the agent ${manifest.name} behaves, part by part`,
  );
  for (const { id, what } of explained)
    session.print(`         ${id.padEnd(12)} ${style.dim(what)}`);
  session.print(`${style.green("wrote")}  ${at("models.json")}  which model serves which role`);
  session.print(
    `         ${"main".padEnd(12)} ${style.dim(`${models.roles.main.use}, tried again three times when it fails`)}`,
  );
}

function next(
  session: Session,
  { models, packages }: InitFiles,
  {
    dir,
    folder,
    installed,
  }: { readonly dir: string; readonly folder: string; readonly installed: boolean },
): void {
  const { style, io } = session;
  const steps: string[] = [];
  if (folder !== ".") steps.push(`cd ${relativePath(io.cwd, dir)}`);
  if (!installed) steps.push(`npm install ${packages.join(" ")}`);
  const key = (models.roles.main.options?.["apiKey"] as { readonly env?: string } | undefined)?.env;
  if (key !== undefined && io.env[key] === undefined) steps.push(`export ${key}=…`);
  steps.push("hx chat");
  session.print();
  for (const [index, step] of steps.entries())
    session.print(`${style.bold(index === 0 ? "next" : "    ")}   ${step}`);
}

/** Installs with npm; false when npm says no. */
async function install(
  session: Session,
  dir: string,
  packages: readonly string[],
): Promise<boolean> {
  const child = spawn("npm", ["install", "--no-audit", "--no-fund", ...packages], {
    cwd: dir,
    stdio: ["ignore", session.json ? "ignore" : "inherit", "inherit"],
    // npm is a script on Windows.
    shell: process.platform === "win32",
  });
  const [code] = (await once(child, "close").catch(() => [1])) as [number];
  if (code !== 0) session.note("npm could not install the packages; its own message is above.");
  return code === 0;
}
