import type { Command } from "commander";
import { group } from "../command.ts";
import type { Session } from "../session.ts";
import { manifestCheckCommand } from "./manifest-check.ts";
import { manifestDiffCommand } from "./manifest-diff.ts";
import { manifestHashCommand } from "./manifest-hash.ts";

/** `hx manifest …`. */
export const manifestCommands = (session: Session): Command =>
  group("manifest", "compare, hash and check harness manifests", [
    manifestCheckCommand(session),
    manifestDiffCommand(session),
    manifestHashCommand(session),
  ]);
