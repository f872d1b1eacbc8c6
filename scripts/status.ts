import {
  type HostStatus,
  hostsInState,
  isWell,
  pendingCreates,
  runTokenWarning,
} from "../infra/stack-status";
import { askHost } from "./lib/ask-host";
import { type Command, type Frame, JSON_OUTPUT, runCommand, STACK } from "./lib/command";
import { OperatorStack } from "./lib/operator-stack";
import type { Options, Values } from "./lib/options";

const STATUS = {
  name: "status",
  summary: `
Says for each host of a stack which configuration is serving, and what is not as
the last \`pulumi up\` left it: files, compose files, the environment inside the
running container. The next \`pulumi up\` applies such a host again. Hosts are
only looked at; one that does not answer is no obstacle for the others. From 14
days before, it says when the run token ends.`,
  options: { ...STACK, ...JSON_OUTPUT },
  examples: [
    ["--stack prod", "a line per host"],
    ["--stack prod --json", "the same for a monitoring system"],
  ],
  exitCodes: { 0: "everything as applied", 1: "something is not" },
} as const satisfies Command<Options>;

async function status(values: Values<typeof STATUS.options>, frame: Frame): Promise<number> {
  const { signal } = frame.interruption;
  const stack = await OperatorStack.open({ stack: values.stack, signal });
  const exported = await stack.exported();
  const hosts = await frame.interruption.race(Promise.all(hostsInState(exported).map(askHost)));
  const pending = pendingCreates(exported);
  const warning = runTokenWarning(exported);
  frame.print(
    values.json
      ? JSON.stringify({ hosts, pending, warning }, null, 2)
      : table(stack.name, hosts, pending) + (warning === undefined ? "" : `\n${warning}`),
  );
  return pending.length === 0 && hosts.every(isWell) ? 0 : 1;
}

function table(stack: string, hosts: readonly HostStatus[], pending: readonly string[]): string {
  const width = Math.max(4, ...hosts.map(({ name }) => name.length));
  const row = (name: string, serving: string, notes: string) =>
    `${name.padEnd(width)}  ${serving.padEnd(8)}  ${notes}`.trimEnd();
  const lines = [
    row("host", "serving", "not as applied"),
    ...hosts.map(({ name, serving, drift, notes }) => row(name, serving, [...drift, ...notes].join("; "))),
  ];
  if (pending.length > 0) {
    lines.push(
      "",
      `The creation of ${pending.join(", ")} was cut off. When \`pulumi up\` has gone through again:`,
    );
    lines.push(`  npx pulumi refresh --clear-pending-creates --yes --stack ${stack}`);
  }
  return `${lines.join("\n")}\n`;
}

void runCommand(STATUS, status);
