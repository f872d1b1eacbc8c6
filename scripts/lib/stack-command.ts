import { parseArgs } from "node:util";

/** The flags of the commands that work on one stack. */
export interface StackFlags {
  readonly stack: string;
  readonly host: string | undefined;
  readonly configFile: string | undefined;
  readonly json: boolean;
}

/** The command was called in a way that cannot be meant. */
export class UsageError extends Error {}

/**
 * Runs a command that works on one stack: reads its flags, prints what goes wrong, sets the exit code (2: wrong usage).
 *
 * @param usage printed for `--help` and behind a usage error; a flag that it does not mention is refused
 */
export function runCommand(usage: string, command: (flags: StackFlags) => Promise<number>): void {
  run(usage, command).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      const wrongUsage = error instanceof UsageError;
      process.stderr.write(wrongUsage ? `${message}\n\n${usage}` : `\n${message}\n`);
      process.exitCode = wrongUsage ? 2 : 1;
    },
  );
}

async function run(usage: string, command: (flags: StackFlags) => Promise<number>): Promise<number> {
  const { help, stack, host, json, "config-file": configFile } = read(usage);
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  if (stack === undefined) throw new UsageError("--stack is missing");
  return command({ stack, host, configFile, json: json ?? false });
}

function read(usage: string) {
  const options = {
    stack: { type: "string" },
    host: { type: "string" },
    "config-file": { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({ options });
    const unknown = Object.keys(values).find((name) => !usage.includes(`--${name}`));
    if (unknown !== undefined) throw new Error(`Unknown option '--${unknown}'`);
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
