const STYLE = { good: "\x1b[32m", bad: "\x1b[31m", note: "\x1b[33m", running: "\x1b[36m", dim: "\x1b[2m" };
const OFF = "\x1b[0m";

export type Style = keyof typeof STYLE;

/** Puts text into a colour, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Colours on a terminal that has them, unless NO_COLOR (no-color.org) is set. */
export function painter(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const coloured = stream.isTTY === true && env.TERM !== "dumb" && !env.NO_COLOR;
  return coloured ? (style, text) => STYLE[style] + text + OFF : (_style, text) => text;
}
