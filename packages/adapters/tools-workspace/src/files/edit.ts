import { tool, type Tool } from "@harnessx/core/plugin";
import { workspaceError } from "../errors.ts";
import type { WorkspaceToolsOptions } from "../options.ts";
import { contentOf, textOfBytes } from "../place/content.ts";
import { inTurn } from "../place/in-turn.ts";
import type { FindPlace } from "../place/place.ts";
import { replaceFile, requireWritable } from "../place/replace.ts";
import { withCodes } from "../result.ts";

interface EditInput {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll?: boolean;
}

/** The tool `edit`. */
export function editTool(options: WorkspaceToolsOptions, findPlace: FindPlace): Tool {
  return tool<EditInput>({
    name: "edit",
    description:
      "Replaces a piece of text in a file of the workspace. The old text must occur exactly once, unless replaceAll is set.",
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: "Relative to the workspace." },
        oldText: {
          type: "string",
          description:
            "The text to replace, exactly as it stands in the file, indentation included.",
        },
        newText: { type: "string", description: "What stands there afterwards." },
        replaceAll: { type: "boolean", default: false, description: "Replace every occurrence." },
      },
      required: ["path", "oldText", "newText"],
      additionalProperties: false,
    },
    execute: withCodes(async (input, context) => {
      const place = await findPlace(context);
      requireWritable(place, input.path);
      const { shown, count } = await inTurn(place.root, async () => {
        const { bytes } = await contentOf(place, input.path, options.maxFileBytes);
        const change = edited(textOfBytes(bytes, input.path, true), input);
        const content = Buffer.from(change.text, "utf8");
        return { ...change, ...(await replaceFile(place, input.path, content)) };
      });
      return `Changed ${shown}${count === 1 ? "" : ` in ${count} places`}.`;
    }),
  });
}

function edited(
  text: string,
  { path, oldText, newText, replaceAll = false }: EditInput,
): { readonly text: string; readonly count: number } {
  const useless =
    oldText === "" ? "the old text is empty" : oldText === newText ? "both texts are equal" : "";
  if (useless !== "") throw workspaceError("HX_WORKSPACE_EDIT_EMPTY", { path, problem: useless });
  // Models write LF; a file with CRLF keeps its line endings.
  const asInFile = (piece: string): string =>
    text.includes("\r\n") && !piece.includes("\r\n") ? piece.replaceAll("\n", "\r\n") : piece;
  const from = text.includes(oldText) ? oldText : asInFile(oldText);
  const pieces = text.split(from);
  const count = pieces.length - 1;
  if (count === 0) throw workspaceError("HX_WORKSPACE_EDIT_MISSING", { path });
  if (count > 1 && !replaceAll)
    throw workspaceError("HX_WORKSPACE_EDIT_AMBIGUOUS", { path, count });
  return { text: pieces.join(asInFile(newText)), count };
}
