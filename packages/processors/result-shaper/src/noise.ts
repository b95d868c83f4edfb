// oxlint-disable no-control-regex -- control characters are what is looked for
/** Terminal sequences: colours and cursor movements, titles and links, single shifts. */
const sequences =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-Z\\^-~]|\u009b[0-?]*[ -/]*[@-~]/g;

/** Other control characters but tab, line feed and carriage return. */
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** The text as it stands on the screen in the end. */
export function plainText(text: string): string {
  if (!/[\u0000-\u0008\u000b-\u001f\u007f\u009b]/.test(text)) return text;
  return withoutBackspaces(text.replaceAll("\r\n", "\n").replace(sequences, ""))
    .split("\n")
    .map(afterLastReturn)
    .join("\n")
    .replace(controls, "");
}

/** A backspace takes back the character before it. */
function withoutBackspaces(text: string): string {
  if (!text.includes("\b")) return text;
  const kept: string[] = [];
  for (const character of text) {
    if (character !== "\b") kept.push(character);
    else if (kept.at(-1) !== "\n") kept.pop();
  }
  return kept.join("");
}

/** What was written last over the same line. */
function afterLastReturn(line: string): string {
  const written = line.replace(/\r+$/, "");
  return written.slice(written.lastIndexOf("\r") + 1);
}
