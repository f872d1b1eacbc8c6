import { rotateHostTokens } from "../infra/rotation";
import { hostsInState } from "../infra/stack-status";
import { CONFIG_FILE, type Command, type Frame, runCommand, STACK } from "./lib/command";
import { configuredHosts } from "./lib/configured-hosts";
import { type EngineRun, runEngine } from "./lib/engine-run";
import { lastLines } from "./lib/last-lines";
import { OperatorStack } from "./lib/operator-stack";
import { type Options, UsageError, type Values } from "./lib/options";
import { rotatedStack } from "./lib/rotated-stack";

const ROTATE = {
  name: "rotate",
  summary: `
Gives every host of a stack a new token, without a refused request: the Worker
accepts a new token beside the old one, the hosts get it and prove that they
answer with it, then the Worker refuses the old one. Each of these is one
\`pulumi up\`; whatever else has changed in the configuration is applied as well.

Interrupted, the same command goes on where it stopped. The run token has its
own rotation: runToken.rotation. The last lines say for each host which
configuration is serving, also when a step failed.`,
  options: {
    ...STACK,
    host: { type: "text", value: "NAME", text: "this host alone (default: all that are present)" },
    ...CONFIG_FILE,
  },
  examples: [
    ["--stack prod", "every present host"],
    ["--stack prod --host vps1", "one host"],
  ],
  exitCodes: { 0: "done", 1: "stopped on the way" },
} as const satisfies Command<Options>;

async function rotate(
  values: Values<typeof ROTATE.options>,
  { print, interruption }: Frame,
): Promise<number> {
  const { stack: named, host, "config-file": configFile } = values;
  const stack = await OperatorStack.open({ stack: named, configFile, signal: interruption.signal });
  if ((await stack.config("access")) === "direct") {
    throw new UsageError(
      "With access: direct hosts have no tokens of their own. Give all of them a new run token: " +
        "pulumi config set --path runToken.rotation <a new text>, then pulumi up.",
    );
  }
  const names = (await configuredHosts(stack)).map(({ name }) => name);
  if (names.length === 0) throw new UsageError(`Stack ${stack.name} has no present host.`);
  if (host !== undefined && !names.includes(host)) {
    throw new UsageError(`Stack ${stack.name} has no present host ${host}; it has ${names.join(", ")}.`);
  }
  const before = hostsInState(await stack.exported());
  let last: EngineRun | undefined;
  const up = async (why: string) => {
    process.stderr.write(`\npulumi up: ${why}\n`);
    last = await runEngine(stack, "up", ["--yes", "--skip-preview"]);
    if (last.exitCode === 0) return;
    throw new Error(
      `pulumi up ended with code ${last.exitCode}. When its cause is gone, run the same command again.`,
    );
  };
  try {
    const done = await rotateHostTokens({ ...rotatedStack(stack), up }, host);
    print(`\nA new token is in use, and no other is accepted: ${done.join(", ")}`);
  } finally {
    if (last !== undefined) print(["", ...(await lastLines(stack, before, last))].join("\n"));
  }
  return 0;
}

void runCommand(ROTATE, rotate);
