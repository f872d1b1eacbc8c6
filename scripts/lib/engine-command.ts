import { hostsInState } from "../../infra/stack-status";
import { CONFIG_FILE, type Frame, STACK } from "./command";
import { runEngine } from "./engine-run";
import { lastLines } from "./last-lines";
import { OperatorStack } from "./operator-stack";
import type { Options, Values } from "./options";

/** The options of the commands that run the engine once. */
export const ENGINE = {
  ...STACK,
  yes: { type: "flag", text: "without a question, for machines" },
  ...CONFIG_FILE,
} as const satisfies Options;

/** The engine's codes, with which the command ends. */
export const ENGINE_CODES = {
  0: "done",
  1: "something failed, or the question was answered with no",
  2: "wrong usage, or no terminal to ask on and no --yes",
} as const;

/** Runs `pulumi up` or `destroy` past the error of one host, and then says what each host serves. */
export async function runEngineCommand(
  verb: "up" | "destroy",
  { stack: named, yes, "config-file": configFile }: Values<typeof ENGINE>,
  { print, rest, interruption }: Frame,
): Promise<number> {
  const stack = await OperatorStack.open({ stack: named, configFile, signal: interruption.signal });
  const before = hostsInState(await stack.exported());
  const run = await runEngine(stack, verb, [...(yes ? ["--yes"] : []), ...rest]);
  const lines = await lastLines(stack, before, run);
  if (lines.length > 0) print(["", ...lines].join("\n"));
  return run.exitCode;
}
