import { fileURLToPath } from "node:url";
import { hasStandardData, standardFolder } from "@harnessx/adapter-tau-retail";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where the data of tau retail are, on machines that have them. */
export const folder = standardFolder(root);
export const hasData = hasStandardData(root);

/** Ends up in the titles of skipped tests. */
export const why = hasData ? "" : " (skipped: no data of tau retail; set HARNESSX_DATA)";
