/** An assignment of an env file. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
}

/** Where it stands in the text. */
export interface Placed extends Assignment {
  /** Index of the value's first character. */
  readonly at: number;
  /** Numbers of its first and last line, from 1. */
  readonly line: number;
  readonly lastLine: number;
}

// The parts of an assignment as Compose's own reader takes them (compose-go, dotenv/parser.go): `NAME: value` is one too.
const BEFORE = /(?:\s+|#[^\n]*)*/y;
const HEAD = /(?:export\s+)?([\p{L}\p{N}_.\-[\]]+)[^\S\n]*(?:([=:])[^\S\n]*|\n|$)/uy;
const QUOTED = /"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'/y;
const REST_OF_LINE = /[^\n]*/y;

/**
 * The assignments of an env file, with the values that Compose gives them: quotes and the comment behind a value are no
 * part of it. Only `$` and escapes other than of a quote stay as they are written, which no key has.
 */
export function assignments(text: string): Placed[] {
  const found: Placed[] = [];
  let at = 0;
  let line = 1;
  const take = (part: RegExp): RegExpExecArray | null => {
    part.lastIndex = at;
    const match = part.exec(text);
    at += match?.[0].length ?? 0;
    line += (match?.[0].split("\n").length ?? 1) - 1;
    return match;
  };
  for (take(BEFORE); at < text.length; take(BEFORE)) {
    const first = line;
    const head = take(HEAD);
    if (head === null) take(REST_OF_LINE); // which Compose refuses
    const [, name = "", separator] = head ?? [];
    if (separator === undefined) continue; // a name alone: its value is the shell's
    const start = at;
    const quoted = take(QUOTED);
    if (quoted) {
      const value = (quoted[1] ?? quoted[2] ?? "").replace(/\\(["'])/g, "$1");
      found.push({ name, value, at: start + 1, line: first, lastLine: line });
    } else {
      const [value = ""] = (take(REST_OF_LINE)?.[0] ?? "").split(" #");
      found.push({ name, value: value.trimEnd(), at: start, line: first, lastLine: line });
    }
  }
  return found;
}
