import { messageOf } from "../errors/index.ts";
import type { BundleDefinition } from "../plugin/define.ts";
import type { JsonObject } from "../plugin/json.ts";
import { Findings, type ConformanceCheck } from "./report.ts";

/** Judges the laws of a bundle. Whether the packages that it names are installed is not its own matter. */
export function bundleLaws(definition: BundleDefinition, options: JsonObject): ConformanceCheck[] {
  const findings = new Findings();
  let count = 0;
  try {
    const entries = definition.expand(options);
    count = entries.length;
    if (count === 0) findings.against("entries", "It expands to nothing.");
    const ids = entries.map(({ id }) => id);
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) {
      findings.against("entries", `The id ${id} is used twice.`);
    }
    for (const { id, use } of entries) {
      if (typeof id !== "string" || id === "") findings.against("entries", "An entry has no id.");
      if (typeof use !== "string" || use === "")
        findings.against("entries", `The entry ${id} names no package.`);
    }
  } catch (thrown) {
    findings.against("entries", `Expanding it failed: ${messageOf(thrown)}`);
  }
  return [findings.check("entries", `${count} entries with unique ids`)];
}
