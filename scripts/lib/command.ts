import type { Writable } from "node:stream";
import { Progress } from "../setup/progress";
import { type Paint, painter } from "./colours";
import { Interrupted, Interruption } from "./interruption";
import { type Options, readOptions, UsageError, type Values } from "./options";

/** What a command is, for `--help` and for reading its command line. */
export interface Command<O extends Options> {
  /** As in `npm run <name>`. */
  readonly name: string;
  /** What it does, in a few lines of at most 80 columns. */
  readonly summary: string;
  /** Besides `--help`, which every command has. */
  readonly options: O;
  /** What takes the options behind a second `--`, for `--help`. Default: there is no such thing. */
  readonly rest?: string;
  /** Command lines that are worth knowing: what follows `npm run <name> --`, and what it does. */
  readonly examples: readonly (readonly [args: string, what: string])[];
  /** What the codes 0 and 1, and any others, mean. Default for 2: wrong usage. 130, interrupted, is the same for all. */
  readonly exitCodes: Readonly<Record<number, string>>;
}

/** What the frame gives to a running command. */
export interface Frame {
  /** The result, for the next program or for a person to keep: stdout. */
  readonly print: (text: string) => void;
  /** Colours of `print`. */
  readonly paint: Paint;
  /** What is being done: stderr. */
  readonly progress: Progress;
  /** Ctrl-C and its kin. What has to be cleaned up goes into `finally`. */
  readonly interruption: Interruption;
  /** What stands behind a second `--`. */
  readonly rest: readonly string[];
}

/** The command's job cannot be begun, through no fault in how it was called: exit code 2. */
export class CannotRun extends Error {}

/** The option of all commands that work on a stack. */
export const STACK = {
  stack: { type: "text", value: "NAME", text: "the stack (default: the selected one)" },
} as const satisfies Options;

/** The option of commands that read the stack's configuration. */
export const CONFIG_FILE = {
  "config-file": {
    type: "text",
    value: "FILE",
    text: "the stack's file (default: Pulumi.<stack>.yaml)",
  },
} as const satisfies Options;

/** The option of all commands whose result machines read too. */
export const JSON_OUTPUT = {
  json: { type: "flag", text: "the result as JSON, for machines" },
} as const satisfies Options;

const HELP = { help: { type: "flag", text: "this text" } } as const satisfies Options;

/** Where a command reads and writes; tests bring their own. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
}

/** Runs a command of `npm run`, and sets the exit code: what `work` resolves to. */
export async function runCommand<const O extends Options>(
  command: Command<O>,
  work: (values: Values<O>, frame: Frame) => Promise<number>,
): Promise<void> {
  const { stdout, stderr } = process;
  const interruption = new Interruption();
  const code = await execute(command, work, { args: process.argv.slice(2), stdout, stderr }, interruption);
  interruption.stop();
  process.exitCode = code;
  // An interrupted step may still be waiting for something; everything that matters has been closed.
  if (interruption.happened) process.exit();
}

/** The exit code of a command. */
export async function execute<const O extends Options>(
  command: Command<O>,
  work: (values: Values<O>, frame: Frame) => Promise<number>,
  { args: given, stdout, stderr }: Surroundings,
  interruption: Interruption,
): Promise<number> {
  const [args, rest] = command.rest === undefined ? [given, []] : atDashes(given);
  const print = (text: string) => void stdout.write(`${text.trimEnd()}\n`);
  try {
    // Whatever else is wrong: who asks for help gets it.
    if (args.includes("--help") || args.includes("-h")) {
      print(helpOf(command));
      return 0;
    }
    const values = readOptions({ ...command.options, ...HELP }, args) as Values<O>;
    const frame: Frame = {
      print,
      paint: painter(stdout),
      progress: new Progress(stderr),
      interruption,
      rest,
    };
    const code = await work(values, frame);
    return interruption.happened ? INTERRUPTED : code;
  } catch (error) {
    stderr.write(`${painter(stderr)("bad", messageOf(error))}\n`);
    if (error instanceof UsageError) stderr.write(`More: npm run ${command.name} -- --help\n`);
    return interruption.happened ? INTERRUPTED : codeOf(error);
  }
}

function atDashes(args: readonly string[]): [before: readonly string[], behind: readonly string[]] {
  const at = args.indexOf("--");
  return at === -1 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
}

const INTERRUPTED = 130;

function codeOf(error: unknown): number {
  if (error instanceof Interrupted) return INTERRUPTED;
  return error instanceof UsageError || error instanceof CannotRun ? 2 : 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The text of `--help`. */
export function helpOf({ name, summary, options, rest, examples, exitCodes }: Command<Options>): string {
  const words = [
    ...(Object.keys(options).length === 0 ? [] : ["[options]"]),
    ...(rest === undefined ? [] : [`[-- ${rest}]`]),
  ];
  const call = words.length === 0 ? `npm run ${name}` : `npm run ${name} -- ${words.join(" ")}`;
  const codes = { 2: "wrong usage", ...exitCodes, [INTERRUPTED]: "interrupted" };
  return [
    call,
    "",
    summary.trim(),
    "",
    "Options:",
    ...columns(Object.entries({ ...options, ...HELP }).map(optionRow)),
    ...(examples.length === 0 ? [] : ["", "Examples:"]),
    ...columns(examples.map(([args, what]) => [commandLine(name, args), what])),
    "",
    "Exit codes:",
    ...columns(Object.entries(codes)),
  ].join("\n");
}

function commandLine(name: string, args: string): string {
  return args === "" ? `npm run ${name}` : `npm run ${name} -- ${args}`;
}

function optionRow([name, option]: [string, Options[string]]): [string, string] {
  switch (option.type) {
    case "flag":
      return [`--${name}`, option.text];
    case "count":
      return [`--${name} N`, `${option.text} (default: ${option.default})`];
    case "text":
      return [
        `--${name} ${option.value}`,
        option.default === undefined ? option.text : `${option.text} (default: ${option.default})`,
      ];
  }
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
