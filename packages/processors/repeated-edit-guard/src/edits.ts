/** A file and how often it was edited. */
export type EditedFile = {
  path: string;
  count: number;
  /** Step of the edit that was one too many; 0 while the file is not blocked. */
  blockedAt: number;
};

/** The files that were edited last, newest last; plain JSON, because a swap hands it over. */
export type EditedFiles = { list: EditedFile[] };

/** State before anything was edited. */
export function noEdits(): EditedFiles {
  return { list: [] };
}

/** A file that was not edited for so long is not edited again and again. */
const maxFiles = 100;

/** A file that was edited; nothing for any other. */
export function editsOf(files: EditedFiles, path: string): EditedFile | undefined {
  return files.list.find((file) => file.path === path);
}

/** Counts an edit and returns what is known of the file now. */
export function countEdit(
  files: EditedFiles,
  path: string,
  { step, blockAt }: { readonly step: number; readonly blockAt: number },
): EditedFile {
  const before = editsOf(files, path);
  const count = (before?.count ?? 0) + 1;
  const file: EditedFile = { path, count, blockedAt: blockAt > 0 && count >= blockAt ? step : 0 };
  files.list = [...files.list.filter((other) => other !== before), file].slice(-maxFiles);
  return file;
}

/** Ends the blocks that began before `step`; the files begin again at `count` edits. */
export function lift(files: EditedFiles, step: number, count: number): void {
  for (const file of files.list) {
    if (file.blockedAt === 0 || file.blockedAt >= step) continue;
    file.blockedAt = 0;
    file.count = count;
  }
}
