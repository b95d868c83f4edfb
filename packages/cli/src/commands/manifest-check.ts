import type { Command } from "commander";
import type { LoadedHarness } from "@harnessx/core";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { loadFor, manifestFile } from "../harness.ts";
import { table } from "../output/table.ts";
import { plural } from "../output/text.ts";
import type { Session } from "../session.ts";

/** `hx manifest check`. */
export function manifestCheckCommand(session: Session): Command {
  const made = command("check", {
    summary: "load everything a manifest names and show the order in which it runs",
    examples: ["hx manifest check harness.json"],
  }).argument("<file>", "harness.json or its folder");
  return act<object>(session, made, (_options, file) => check(session, file ?? ""));
}

async function check(session: Session, given: string): Promise<ExitCode> {
  const file = await manifestFile(session, given);
  const harness = await loadFor(session, file);
  session.result({ file, ...factsOf(harness) });
  const { style } = session;
  session.print(
    `${style.bold("harness")}  ${harness.manifest.name} version ${harness.manifest.version}`,
  );
  session.print(`${style.bold("hash")}     ${harness.hash}`);
  session.print();
  session.print(processorTable(session, harness));
  if (harness.tools.length > 0) {
    session.print();
    session.print(`${style.bold("tools")}    ${harness.tools.map((tool) => tool.name).join(", ")}`);
  }
  return exitCode.ok;
}

/** What loading found out about a harness. */
export function factsOf(harness: LoadedHarness): object {
  return {
    name: harness.manifest.name,
    version: harness.manifest.version,
    hash: harness.hash,
    processors: harness.processors.map((processor) => ({
      id: processor.id,
      use: processor.use,
      package: processor.package,
      version: processor.version,
      stage: stageOf(harness, processor.id),
      hooks: processor.metadata.hooks ?? [],
      ...(processor.metadata.group === undefined ? {} : { group: processor.metadata.group }),
      onError: processor.onError,
      integrity: processor.integrity,
    })),
    tools: harness.tools.map((tool) => tool.name),
    limits: harness.limits,
  };
}

/** A processor's stage: the entry's own word before the package's. */
export function stageOf(harness: LoadedHarness, id: string): number {
  const entry = harness.manifest.processors?.find((one) => one.id === id);
  return entry?.stage ?? harness.processors.find((one) => one.id === id)?.metadata.stage ?? 0;
}

/** The processors in the order in which they run. */
export function processorTable(session: Session, harness: LoadedHarness): string {
  if (harness.processors.length === 0)
    return `${plural(0, "processor")}: the model and its tools, nothing else`;
  const rows = harness.processors.map((processor, index) => [
    String(index + 1),
    processor.id,
    processor.package,
    processor.version,
    String(stageOf(harness, processor.id)),
    (processor.metadata.hooks ?? []).join(" "),
  ]);
  const columns = [
    { title: "", align: "right" as const },
    { title: "id" },
    { title: "package" },
    { title: "version" },
    { title: "stage", align: "right" as const },
    { title: "hooks", flexible: true },
  ];
  return table(columns, rows, session.width);
}
