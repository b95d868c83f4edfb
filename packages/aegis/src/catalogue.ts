import { readArtefact } from "./artefacts.ts";
import { catalogueSchema, type CatalogueEntry } from "./evolve/index.ts";

/** Name of the file in which a package, most likely a suite's, lists what may be inserted. */
export const CATALOGUE = "catalogue.json";

/** Reads a catalogue file. Rejects with HX_AEGIS_ARTEFACT_INVALID when it is none. */
export const readCatalogue = (path: string): Promise<readonly CatalogueEntry[]> =>
  readArtefact(path, catalogueSchema);
