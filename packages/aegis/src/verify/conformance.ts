import {
  messageOf,
  type AnyDefinition,
  type JsonObject,
  type ToolsDefinition,
} from "@harnessx/core";
import { testPlugin } from "@harnessx/core/testing";
import type { Files } from "./files.ts";
import { judged, late, type Outcome } from "./outcome.ts";
import { standIn } from "./stand-in.ts";
import { setupOf, type Subject } from "./subject.ts";
import { watched, type Notes } from "./watch.ts";

/** The conformance kit of the SDK, on a stand-in: the code of the candidate stays behind the wall. */
export async function judgeConformance(
  subject: Subject,
  staging: string,
  files: Files,
  dist: Files,
  notes: Notes,
  options: JsonObject | undefined,
): Promise<Outcome> {
  const stands = await standIn(staging, files, dist, watchedDefinition(subject, notes));
  try {
    const report = await testPlugin(stands.dir, options ? { options } : {});
    if (notes.late) return late("time ran out in the conformance kit");
    const findings = report.checks
      .filter(({ ok }) => !ok)
      .map(({ name, detail }) => `${name}: ${detail}`);
    if (notes.ended && findings.length === 0) findings.push(messageOf(notes.ended.error));
    return judged(findings, { laws: report.checks.length, events: notes.events });
  } finally {
    stands.close();
  }
}

function watchedDefinition(subject: Subject, notes: Notes): AnyDefinition {
  const setup = setupOf(subject);
  if (setup) return { harnessx: "processor", setup: watched(setup, notes) } as AnyDefinition;
  const { create } = subject.isolated.definition as ToolsDefinition<never>;
  return {
    harnessx: "tools",
    async create(options, context) {
      try {
        return await create(options, context);
      } catch (thrown) {
        notes.failed(thrown);
        throw thrown;
      }
    },
  };
}
