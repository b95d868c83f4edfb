/** A path taken apart: where it begins, and its folders from there. */
export interface ParsedPath {
  /** Empty for a relative path, `/`, `c:` or `//server/share`. */
  readonly anchor: string;
  readonly segments: readonly string[];
}

/** Why a text is no path that can be judged. */
export interface Unreadable {
  readonly problem: string;
}

/**
 * Reads a path as the most permissive system would: both slashes separate, drives and shares count,
 * and what programs expand (home folders, variables, devices) is not judged but refused.
 */
export function parsePath(text: string): ParsedPath | Unreadable {
  if (hasControl(text)) return { problem: "it contains a control character" };
  const path = text.trim().replaceAll("\\", "/");
  if (path.startsWith("~")) return { problem: "it begins with a home folder" };
  if (/^(?:\$[\w({]|%[a-z_]{3,}\w*%)/i.test(path)) return { problem: "it begins with a variable" };
  if (/^[a-z][a-z\d+.-]+:\//i.test(path)) return { problem: "it is an address" };
  if (/^\/\/[?.](?:\/|$)/.test(path)) return { problem: "it names a device" };
  if (/^[a-z]:[^/]/i.test(path)) return { problem: "it names a drive without a folder" };
  const { anchor, rest } = anchored(path);
  const segments: string[] = [];
  for (const segment of rest.split("/")) {
    if (segment === "" || segment === ".") continue;
    // Some systems drop dots and spaces at the end of a name, and then this is another one.
    if (/^\.{2,}[. ]*$/.test(segment) && segment !== "..")
      return { problem: `it contains ${JSON.stringify(segment)}` };
    if (/[{,]\.\.(?:[,}]|$)/.test(segment)) return { problem: "it hides a parent folder" };
    if (segment !== ".." || segments.length === 0 || segments.at(-1) === "..") {
      // The parent of the top is the top itself.
      if (segment !== ".." || anchor === "") segments.push(segment);
    } else {
      segments.pop();
    }
  }
  return { anchor, segments };
}

function anchored(path: string): { readonly anchor: string; readonly rest: string } {
  const drive = /^([a-z]):/i.exec(path);
  if (drive) return { anchor: `${drive[1]!.toLowerCase()}:`, rest: path.slice(2) };
  const share = /^\/\/([^/]+)\/([^/]+)/.exec(path);
  if (share) {
    return { anchor: `//${share[1]}/${share[2]}`.toLowerCase(), rest: path.slice(share[0].length) };
  }
  return path.startsWith("/") ? { anchor: "/", rest: path } : { anchor: "", rest: path };
}

/** `path` as seen from the folder `base`. */
export function resolvePath(path: ParsedPath, base: ParsedPath): ParsedPath {
  if (path.anchor !== "") return path;
  const segments = [...base.segments];
  for (const segment of path.segments) {
    if (segment !== "..") segments.push(segment);
    else if (segments.length > 0 && segments.at(-1) !== "..") segments.pop();
    else if (base.anchor === "") segments.push(segment);
  }
  return { anchor: base.anchor, segments };
}

/** Whether `path` is `root` or lies under it. */
export function isWithin(path: ParsedPath, root: ParsedPath): boolean {
  if (path.anchor !== root.anchor) return false;
  const fold = ignoresCase(root.anchor)
    ? (name: string | undefined) => name?.toLowerCase()
    : (name: string | undefined) => name;
  if (!root.segments.every((name, index) => fold(name) === fold(path.segments[index])))
    return false;
  return !path.segments.slice(root.segments.length).includes("..");
}

function ignoresCase(anchor: string): boolean {
  return anchor !== "" && anchor !== "/";
}

/** All texts that a program may read a path as: itself, percent-decoded, and with full-width characters folded. */
export function readingsOf(text: string): readonly string[] {
  const readings = new Set([text]);
  let current = text;
  for (let round = 0; round < maxDecodings && current.includes("%"); round += 1) {
    const decoded = decode(current);
    if (decoded === current) break;
    readings.add((current = decoded));
  }
  const folded = Array.from(readings, (reading) => reading.normalize("NFKC"));
  return [...new Set([...readings, ...folded])];
}

/** Encoded more often, a path is still refused: see `isOverEncoded`. */
const maxDecodings = 3;

/** Whether a text is still percent-encoded after all decodings that are looked at. */
export function isOverEncoded(text: string): boolean {
  let current = text;
  for (let round = 0; round < maxDecodings; round += 1) current = decode(current);
  return decode(current) !== current;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Where it is no valid encoding as a whole, single characters may still be one.
    return text.replace(/%([0-7][\da-f])/gi, (_whole, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
