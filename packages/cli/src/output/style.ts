import type { Io, OutputStream } from "../io.ts";

/** Paints text, or leaves it alone where colour is not wanted. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Colour only on a terminal, and never against NO_COLOR (https://no-color.org). */
export function styleFor(stream: OutputStream, env: Io["env"]): Style {
  const on = stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const paint =
    (name: keyof typeof codes) =>
    (text: string): string =>
      on && text !== "" ? `\u001b[${codes[name][0]}m${text}\u001b[${codes[name][1]}m` : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}

// oxlint-disable-next-line no-control-regex -- the escape character is what a colour begins with
const COLOUR = /\u001b\[\d+m/g;

/** The number of columns that a text takes. */
export const widthOf = (text: string): number => text.replace(COLOUR, "").length;
