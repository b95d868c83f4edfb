import type { ManifestEdit } from "@harnessx/core";
import type { Pathology } from "../plan/index.ts";
import { hasEntry, type Operator } from "./proposal.ts";
import { usePath } from "./templates/package.ts";
import { replacementId, replacementTool } from "./templates/replacement-tool.ts";
import type { EvolveContext, GeneratedPackage } from "./types.ts";

const answered: ReadonlySet<Pathology> = new Set<Pathology>(["tool_unusable", "tool_timeout"]);

/** Adds a tool beside the worst one that fails and that has no replacement yet. */
export const replaceTool: Operator = (direction, { mined, tools }, context) => {
  if (direction.dimension !== "tools" || !answered.has(direction.pathology)) return undefined;
  const taken = new Set(tools.map(({ tool }) => tool));
  for (const finding of mined.replacements ?? []) {
    const id = replacementId(finding.tool);
    if (hasEntry(context, id)) continue;
    const generated = replacementTool(finding, taken, `0.1.${context.round}`);
    if (!generated) continue;
    return {
      operator: `template:replacement-tool:${finding.tool}`,
      dimension: "tools",
      pathology: direction.pathology,
      bucket: "tools",
      mechanism: `A tool beside ${finding.tool}, which fails often, gets the same by the request that worked in recorded runs.`,
      evidence: finding.evidence,
      hooks: [],
      component: id,
      edits: [insertTools(context, id, generated)],
      packages: [generated],
      costRatio: 1,
    };
  }
  return undefined;
};

function insertTools(
  { manifest }: EvolveContext,
  id: string,
  generated: GeneratedPackage,
): ManifestEdit {
  const last = manifest.tools?.at(-1)?.id ?? null;
  return { op: "insert", section: "tools", after: last, entry: { id, use: usePath(generated) } };
}
