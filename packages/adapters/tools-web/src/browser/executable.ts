import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { webError } from "../errors.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"] as const;
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
] as const;

/** The browser to start: the given one, or one that is installed. HX_WEB_NO_BROWSER when there is none. */
export async function findBrowser(given: string | undefined): Promise<string> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const usual = [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...PLACES,
  ];
  for (const path of given === undefined ? usual : [given]) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  const problem = given === undefined ? "no Chromium is installed" : `${given} does not exist`;
  throw webError("HX_WEB_NO_BROWSER", { problem });
}
