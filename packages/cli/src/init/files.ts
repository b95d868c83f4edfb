import type { Manifest, ModelsFile, ToolsEntry } from "@harnessx/core";
import type { Provider } from "./providers.ts";

/** What `hx init` was told. */
export interface InitAnswers {
  readonly name: string;
  readonly provider: Provider;
  readonly model: string;
  readonly baseURL?: string;
  readonly keyEnv?: string;
  /** Whether the agent may read and change files of the folder and run programs. */
  readonly workspace: boolean;
  readonly servers: readonly ToolsEntry[];
}

/** A part of what was written and what it is for. */
export interface Explained {
  readonly id: string;
  readonly what: string;
}

/** The files that the answers come to, the packages they need, and what is in them. */
export interface InitFiles {
  readonly manifest: Manifest;
  readonly models: ModelsFile;
  readonly packages: readonly string[];
  readonly explained: readonly Explained[];
}

/** Makes `harness.json` and `models.json`. */
export function filesFor(answers: InitAnswers): InitFiles {
  const { name, provider, model, baseURL, keyEnv, workspace, servers } = answers;
  const processors = [
    {
      id: "prompt",
      use: "@harnessx/processor-system-prompt",
      options: {
        text: workspace
          ? "You are a careful assistant who works in the folder of the person you talk with. Look before you change anything, and say what you did."
          : "You are a careful assistant. Use the tools you have when they help, and say what you do not know.",
      },
      what: "the system prompt: edit its text",
    },
    {
      id: "context",
      use: "@harnessx/processor-environment-context",
      options: {},
      what: "tells the model which tools and how much budget there are",
    },
    {
      id: "compaction",
      use: "@harnessx/processor-compaction",
      options: {},
      what: "keeps long conversations within the model's window",
    },
    {
      id: "loops",
      use: "@harnessx/processor-loop-guard",
      options: {},
      what: "advises against repeating what does not help",
    },
    ...(workspace
      ? [
          {
            id: "policy",
            use: "@harnessx/processor-tool-policy",
            options: {},
            what: "asks you before dangerous calls",
          },
        ]
      : []),
  ];
  const files: ToolsEntry[] = workspace ? [{ id: "files", use: "@harnessx/tools-workspace" }] : [];
  const manifest: Manifest = {
    name,
    version: "1",
    processors: processors.map(({ id, use, options }) =>
      Object.keys(options).length > 0 ? { id, use, options } : { id, use },
    ),
    ...(files.length + servers.length > 0 ? { tools: [...files, ...servers] } : {}),
  };
  const options = provider.options({
    model,
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(keyEnv === undefined ? {} : { keyEnv }),
  });
  return {
    manifest,
    models: { roles: { main: { use: provider.use, options, retry: { times: 3 } } } },
    packages: [
      "harnessx",
      provider.use,
      ...(provider.also ?? []),
      ...processors.map(({ use }) => use),
      ...files.flatMap((entry) => ("use" in entry ? [entry.use] : [])),
    ],
    explained: [
      ...processors.map(({ id, what }) => ({ id, what })),
      ...files.map(({ id }) => ({ id, what: "reads and changes files here and runs programs" })),
      ...servers.map((entry) => ({
        id: entry.id,
        what: `the MCP server ${"mcp" in entry ? ("url" in entry.mcp ? entry.mcp.url : entry.mcp.command) : ""}`,
      })),
    ],
  };
}
