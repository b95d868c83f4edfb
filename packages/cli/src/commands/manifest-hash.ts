import type { Command } from "commander";
import { act, command } from "../command.ts";
import { exitCode, type ExitCode } from "../exit-codes.ts";
import { loadFor, manifestFile } from "../harness.ts";
import type { Session } from "../session.ts";

/** `hx manifest hash`. */
export function manifestHashCommand(session: Session): Command {
  const made = command("hash", {
    summary: "print the version of a harness",
    more: "Packages are loaded: their versions and code are part of what a harness is. --text hashes the manifest alone.",
    examples: ["hx manifest hash harness.json"],
  })
    .argument("<file>", "harness.json or its folder")
    .option("--text", "of the manifest alone, without loading what it names");
  return act<{ readonly text?: boolean }>(session, made, (options, file) =>
    hash(session, options, file ?? ""),
  );
}

async function hash(
  session: Session,
  options: { readonly text?: boolean },
  given: string,
): Promise<ExitCode> {
  const { canonicalManifest, hashManifest, readManifest } = await import("@harnessx/core");
  const file = await manifestFile(session, given);
  const value = options.text
    ? hashManifest(canonicalManifest(await readManifest(file)))
    : (await loadFor(session, file)).hash;
  session.result({ file, of: options.text ? "manifest" : "harness", hash: value });
  session.print(value);
  return exitCode.ok;
}
