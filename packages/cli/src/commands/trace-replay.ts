import type { Command } from "commander";
import type { LoadedHarness, ReplayResult, TraceEvent } from "@harnessx/core";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { openHarness, openRecorded, openSwaps, startOf } from "../harness.ts";
import { recordedMcp } from "../mcp.ts";
import { eventLine } from "../output/event-line.ts";
import { plural, shortHash } from "../output/text.ts";
import { traceFolder } from "../paths.ts";
import type { Session } from "../session.ts";
import { tracePath } from "../trace-path.ts";

interface Options {
  readonly harness?: string;
  readonly traceDir: string;
}

/** `hx trace replay`. */
export function traceReplayCommand(session: Session): Command {
  const made = command("replay", {
    summary: "drive a harness through a recorded run, without any model or tool",
    more: "Loads the harness that the trace records, or another one to see where it would first do something else. Exit code 1 means that it differs.",
    examples: ["hx trace replay latest", "hx trace replay latest --harness harness.json"],
  })
    .argument("<trace>", "a file, a run id or its start, or latest")
    .option("--harness <file>", "harness.json or its folder, in place of the recorded harness")
    .option("--trace-dir <dir>", "where run ids are looked for", traceFolder);
  return act<Options>(session, made, (options, trace) => replay(session, options, trace ?? ""));
}

async function replay(session: Session, options: Options, given: string): Promise<ExitCode> {
  const { createAgent, readTrace, scriptedModel } = await import("@harnessx/core");
  const path = await tracePath(session, given, options.traceDir);
  const { events } = await readTrace(path);
  const started = await startOf(path, events);
  const harness = options.harness
    ? await openHarness(session, options.harness)
    : await openRecorded(session, path, started.manifest, recordedMcp(started.manifest));
  const harnesses = await openSwaps(session, path, events, recordedMcp);
  // Never asked: every answer comes from the recording.
  const agent = createAgent({ harness, models: { main: scriptedModel([]) } });
  const result = await agent.replay(events, { harnesses });
  return report(session, { path, events, recorded: started.harness.executed, harness, result });
}

interface Replayed {
  readonly path: string;
  readonly events: readonly TraceEvent[];
  /** Hash of the harness that made the trace. */
  readonly recorded: string;
  readonly harness: LoadedHarness;
  readonly result: ReplayResult;
}

function report(session: Session, { path, events, recorded, harness, result }: Replayed): ExitCode {
  const { style } = session;
  const { identical, divergence } = result;
  session.result({
    path,
    identical,
    recordedHarness: recorded,
    replayedHarness: harness.hash,
    events: events.length,
    ...(divergence ? { divergence } : {}),
  });
  const which =
    recorded === harness.hash
      ? "the recorded harness"
      : `harness ${shortHash(harness.hash)} instead of ${shortHash(recorded)}`;
  if (identical) {
    session.print(`${style.green("identical")}  ${plural(events.length, "event")}, ${which}`);
    return exitCode.ok;
  }
  session.print(
    `${style.red("differs")}    at event ${divergence?.seq ?? result.events.length} of ${events.length}, ${which}`,
  );
  session.print(style.bold("recorded"));
  session.print(
    divergence?.recorded
      ? eventLine(session, divergence.recorded)
      : "       nothing: the trace has ended",
  );
  session.print(style.bold("replayed"));
  session.print(divergence?.replayed ? eventLine(session, divergence.replayed) : "       nothing");
  return exitCode.failed;
}
