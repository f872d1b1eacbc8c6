import { parseArgs } from "node:util";

/** An option that is there or not. */
export interface Flag {
  readonly type: "flag";
  /** What it does, for `--help`. */
  readonly text: string;
}

/** An option with a value. */
export interface Text {
  readonly type: "text";
  readonly text: string;
  /** What stands for the value in `--help`, such as `NAME`. */
  readonly value: string;
  readonly default?: string;
}

/** An option with a positive whole number. */
export interface Count {
  readonly type: "count";
  readonly text: string;
  readonly default: number;
}

/** The options of a command, by their name without dashes. */
export type Options = Readonly<Record<string, Flag | Text | Count>>;

/** What was given on the command line, or the defaults. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Flag
    ? boolean
    : O[K] extends Count
      ? number
      : O[K] extends { readonly default: string }
        ? string
        : string | undefined;
};

/** The command was called in a way that cannot be meant. */
export class UsageError extends Error {}

/**
 * Reads a command line.
 *
 * @throws UsageError with all that is wrong with it, and what is allowed
 */
export function readOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  const parsed = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [
      name,
      { type: type === "flag" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options: parsed, strict: false, tokens: true });
  const problems: string[] = [];
  const values: Record<string, string | number | boolean | undefined> = defaultsOf(options);
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(`unknown argument '${token.value}'`);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) problems.push(`unknown option '${token.rawName}'`);
    else values[token.name] = valueGiven(option, token.rawName, token.value, problems);
  }
  if (problems.length > 0) throw new UsageError(`${sentence(problems)} ${allowed(options)}`);
  return values as Values<O>;
}

function defaultsOf(options: Options): Record<string, string | number | boolean | undefined> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.type === "flag" ? false : option.default]),
  );
}

function valueGiven(
  option: Options[string],
  name: string,
  value: string | undefined,
  problems: string[],
): string | number | boolean | undefined {
  switch (option.type) {
    case "flag":
      if (value !== undefined) problems.push(`${name} takes no value`);
      return true;
    case "count":
      if (!/^[1-9][0-9]{0,8}$/.test(value ?? "")) problems.push(`${name} needs a whole number from 1`);
      return Number(value);
    case "text":
      // `--stack --json` is a forgotten value, not a stack named `--json`.
      if (!value || value.startsWith("--")) problems.push(`${name} needs a value: ${name} ${option.value}`);
      return value;
  }
}

function sentence(problems: readonly string[]): string {
  const text = problems.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function allowed(options: Options): string {
  return `Options: ${Object.keys(options)
    .map((name) => `--${name}`)
    .join(", ")}.`;
}
