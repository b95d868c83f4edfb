// oxlint-disable no-misleading-character-class -- single characters are what is looked for
/** Characters that direct how text runs; overrides make it read otherwise than it is. */
const bidi = /[\u202a-\u202e\u2066-\u2069]/gu;
/** Characters without width and meaning of their own. */
const blank =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/gu;
/** Joiners: part of emoji and of several scripts, invisible between letters that do not join. */
const joiner = /[\u200c\u200d]/gu;
/** A copy of ASCII that shows nothing, and marks that choose a glyph. */
const tags = /[\u{e0000}-\u{e007f}]/gu;
const selectors = /[\u{e0100}-\u{e01ef}]/gu;
/** The flags of England, Scotland and Wales are spelled in tags. */
const flag = /\u{1f3f4}[\u{e0020}-\u{e007e}]{1,8}\u{e007f}/gu;

const joins = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u;
const joiningScript =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Hebrew}]/u;
const any = /[\u00ad-\u{e01ef}]/u;

/** The text without characters that a reader does not see; the very same text when it has none. */
export function withoutInvisible(text: string): string {
  if (!any.test(text)) return text;
  return withoutTags(text)
    .replace(bidi, "")
    .replace(blank, "")
    .replace(selectors, "")
    .replace(joiner, (found, offset: number, whole: string) => {
      const before = characterBefore(whole, offset);
      return joins.test(before) || joiningScript.test(before) ? found : "";
    });
}

/** What is written in invisible characters, as far as it is a copy of readable ones. */
export function hiddenText(text: string): string {
  if (!/[\u{e0020}-\u{e007e}]/u.test(text)) return "";
  return Array.from(text.replace(flag, "").matchAll(tags), ([tag]) =>
    String.fromCharCode(tag.codePointAt(0)! - 0xe0000),
  )
    .join("")
    .replace(/[^ -~]/g, "");
}

function withoutTags(text: string): string {
  const flags = text.match(flag);
  if (!flags) return text.replace(tags, "");
  // Everything but the flags, which stand between the pieces.
  return text
    .split(flag)
    .map((piece, index) => piece.replace(tags, "") + (flags[index] ?? ""))
    .join("");
}

function characterBefore(text: string, offset: number): string {
  const unit = text.charCodeAt(offset - 1);
  const isLow = unit >= 0xdc00 && unit <= 0xdfff;
  return text.slice(Math.max(0, offset - (isLow ? 2 : 1)), offset);
}
