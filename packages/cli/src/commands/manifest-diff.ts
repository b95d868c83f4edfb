import type { Command } from "commander";
import type { ManifestEdit } from "@harnessx/core";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { manifestFile } from "../harness.ts";
import type { Style } from "../output/style.ts";
import type { Session } from "../session.ts";

/** `hx manifest diff`. */
export function manifestDiffCommand(session: Session): Command {
  const made = command("diff", {
    summary: "list the edits that lead from one manifest to another",
    more: "Applied to the first manifest the edits give exactly the second. Exit code 1 means that there are any.",
    examples: ["hx manifest diff a/harness.json b/harness.json"],
  })
    .argument("<a>", "harness.json or its folder")
    .argument("<b>", "the other one");
  return act<object>(session, made, (_options, a, b) => compare(session, a ?? "", b ?? ""));
}

async function compare(session: Session, a: string, b: string): Promise<ExitCode> {
  const { canonicalManifest, diff, hashManifest, readManifest } = await import("@harnessx/core");
  const [from, to] = await Promise.all(
    [a, b].map(async (given) => readManifest(await manifestFile(session, given))),
  );
  const edits = diff(from!, to!);
  const hashes = {
    a: hashManifest(canonicalManifest(from!)),
    b: hashManifest(canonicalManifest(to!)),
  };
  session.result({ same: edits.length === 0, hashes, edits });
  if (edits.length === 0) session.print(`${session.style.green("same")}  ${hashes.a}`);
  for (const edit of edits) session.print(editText(edit, session.style));
  return edits.length === 0 ? exitCode.ok : exitCode.failed;
}

function editText(edit: ManifestEdit, style: Style): string {
  const json = (value: unknown): string =>
    value === undefined ? "nothing" : JSON.stringify(value);
  switch (edit.op) {
    case "insert":
      return `${style.green("+")} ${edit.entry.id}  ${json(edit.entry)}  ${place(edit.after)}`;
    case "remove":
      return `${style.red("-")} ${edit.entry.id}  ${json(edit.entry)}`;
    case "replace":
      return `${style.yellow("~")} ${edit.from.id}  ${json(edit.from)}\n  → ${json(edit.to)}`;
    case "configure":
      return `${style.yellow("~")} ${edit.id}.options  ${json(edit.from)} → ${json(edit.to)}`;
    case "reorder":
      return `${style.yellow("~")} order of ${edit.section}  ${edit.from.join(", ")} → ${edit.to.join(", ")}`;
    case "set":
      return `${style.yellow("~")} ${edit.path.join(".")}  ${json(edit.from)} → ${json(edit.to)}`;
  }
}

const place = (after: string | null): string => (after === null ? "(first)" : `(after ${after})`);
