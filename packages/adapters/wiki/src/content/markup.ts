/* From wiki markup to what readers and programs get. */

/** Text without markup, as `prop=extracts&explaintext` gives it; templates are left out. */
export function plainText(wikitext: string): string {
  return wikitext
    .replace(/\{\{[^}]*\}\}\s*/g, "")
    .replace(/\[\[(?:[^\]|]*\|)?([^\]]*)\]\]/g, "$1")
    .replaceAll("'''", "")
    .replace(/\n+(== .* ==)\n/g, "\n\n\n$1\n");
}

/** The part before the first heading. */
export const introOf = (text: string): string => text.split(/\n+== /)[0]!;

/** The HTML of an article's body, as `action=parse` gives it. */
export function html(wikitext: string): string {
  const blocks = wikitext
    .replace(/\{\{[^}]*\}\}\s*/g, "")
    .split(/\n+/)
    .map((line) => {
      const heading = /^== (.*) ==$/.exec(line)?.[1];
      if (heading !== undefined) return `<h2 id="${heading}">${escape(heading)}</h2>`;
      return `<p>${inline(escape(line))}</p>`;
    });
  return `<div class="mw-content-ltr mw-parser-output" lang="en" dir="ltr">${blocks.join("\n")}</div>`;
}

const inline = (line: string): string =>
  line
    .replace(/'''(.*?)'''/g, "<b>$1</b>")
    .replace(
      /\[\[([^\]|]*)(?:\|([^\]]*))?\]\]/g,
      (_, title: string, label: string | undefined) =>
        `<a href="/wiki/${title.replaceAll(" ", "_")}" title="${title}">${label ?? title}</a>`,
    );

/** Text for HTML. */
export const escape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** What an article's infobox says of a property. */
export function infobox(wikitext: string, property: string): string | undefined {
  const box = /^\{\{Infobox[^}]*\}\}/.exec(wikitext)?.[0] ?? "";
  const lines = box.split("\n").map((line) => /^\| (\w+) = (.*)$/.exec(line));
  return lines.find((line) => line?.[1] === property)?.[2];
}

/** The last part of a page's path: "Saint Keld & Co" as `Saint_Keld_%26_Co`. */
export const pathTitle = (title: string): string =>
  encodeURIComponent(title.replaceAll(" ", "_")).replaceAll("%3A", ":");
