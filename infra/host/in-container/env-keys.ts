import { assignments } from "./env-file";
import { isKey, type KeyShapes, keysIn } from "./key-search";

/** Provider keys in `.env`. */
export interface KeysInEnv {
  /** The variables that hold one. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** Keys in comments, such as `#OPENAI_API_KEY=…`. */
  readonly unused: readonly string[];
  /** Numbers of the comments that hold one, from 1. */
  readonly comments: readonly number[];
  /** Numbers of all lines that an apply takes out: these variables' and comments'. */
  readonly lines: readonly number[];
  /** Variables of something else, with a key in the comment behind the value. */
  readonly beside: readonly string[];
  /** Variables with a key of a provider that is none of this stack's. */
  readonly left: readonly string[];
}

export const NO_KEYS: KeysInEnv = {
  names: [],
  values: [],
  unused: [],
  comments: [],
  lines: [],
  beside: [],
  left: [],
};

export function keysInEnv(text: string, shapes: KeyShapes): KeysInEnv {
  const others = new Set(shapes.otherNames);
  const all = assignments(text);
  const keys = all.filter(({ name, value }) => value !== "" && isKey(name, value, shapes));
  const assigned = new Map(all.flatMap((one) => spanOf(one).map((line) => [line, one.name])));
  const taken = new Set(keys.flatMap(spanOf));
  const rest = text.split("\n").map((line, index) => ({ line, number: index + 1 }));
  const found = rest
    .filter(({ number }) => !taken.has(number) && !others.has(assigned.get(number) ?? ""))
    .map(({ line, number }) => ({ number, keys: keysInComment(line, shapes) }))
    .filter((comment) => comment.keys.length > 0);
  const comments = found.map(({ number }) => number).filter((number) => !assigned.has(number));
  return {
    names: [...new Set(keys.map(({ name }) => name))],
    values: [...new Set(keys.map(({ value }) => value))],
    unused: [...new Set(found.flatMap((comment) => comment.keys))],
    comments,
    lines: [...taken, ...comments].sort((a, b) => a - b),
    beside: [...new Set(found.flatMap(({ number }) => assigned.get(number) ?? []))],
    left: all.filter(({ name, value }) => others.has(name) && value !== "").map(({ name }) => name),
  };
}

function spanOf({ line, lastLine }: { line: number; lastLine: number }): number[] {
  return Array.from({ length: lastLine - line + 1 }, (_, index) => line + index);
}

/** No word that is shorter is a key of a vendor whose keys have no shape. */
const LONG_WORD = /^[\x21-\x7e]{20,}$/;

/** By its shape; behind a provider's name also a key that has none. Another provider's stays. */
function keysInComment(line: string, shapes: KeyShapes): string[] {
  const [was] = assignments(line.replace(/^[\s#]+/, ""));
  if (was !== undefined && shapes.otherNames.includes(was.name)) return [];
  const named = was !== undefined && LONG_WORD.test(was.value) && isKey(was.name, was.value, shapes);
  return [...(named ? [was.value] : []), ...keysIn(line, shapes)];
}
