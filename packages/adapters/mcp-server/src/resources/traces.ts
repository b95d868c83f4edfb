import {
  ResourceNotFoundError,
  ResourceTemplate,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { RunDesk } from "../runs/run-desk.ts";

const mimeType = "application/jsonl";

/** Address of a run's trace. */
export const traceUri = (id: string): string => `harnessx://runs/${id}`;

/** Registers the traces of finished runs, each client's own. */
export function registerTraces(server: McpServer, desk: RunDesk): void {
  const { finished } = desk;
  const template = new ResourceTemplate("harnessx://runs/{id}", {
    list: (context) => {
      const owner = desk.ownerOf(context);
      // Where clients cannot be told apart, only who was given the id may read.
      const runs = owner === undefined ? [] : finished.of(owner);
      return {
        resources: runs.map(({ id, exit }) => ({
          uri: traceUri(id),
          name: id,
          description: `Everything that happened in the run, which ended as ${exit}.`,
          mimeType,
        })),
      };
    },
  });
  const config = {
    title: "Traces of runs",
    description: "The trace of a finished run, an event a line.",
    mimeType,
  };
  server.registerResource("runs", template, config, (uri, { id }, context) => {
    const run = finished.get(String(id), desk.ownerOf(context) ?? "");
    if (!run) throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, mimeType, text: run.trace }] };
  });
}
