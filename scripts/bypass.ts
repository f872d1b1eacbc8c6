import { runOnHost } from "../infra/host/jump-host";
import { type HostVerb, hostCommand, withField } from "../infra/host/payload";
import { restoreKeys } from "../infra/host/restore-keys";
import { type HostInState, hostsInState } from "../infra/stack-status";
import { CONFIG_FILE, type Command, type Frame, JSON_OUTPUT, runCommand, STACK } from "./lib/command";
import { CONNECT_MS } from "./lib/connect-limits";
import { readAnswer } from "./lib/host-answer";
import { OperatorStack } from "./lib/operator-stack";
import { type Options, UsageError, type Values } from "./lib/options";
import { configuredKeys } from "./lib/provider-keys";

const BYPASS = {
  name: "bypass",
  summary: `
Puts one host back on its own files and provider keys, for instance during an
outage of Cloudflare, and with --end on the gateway again. Nothing at Cloudflare
is called and nothing there changes; only the stack's state is read. OpenClaw is
stopped with its usual time to finish, and has to answer a real question.

Until --end, \`pulumi up\` refuses to change that host, \`npm run status\` shows
it, and \`pulumi destroy\` leaves it on its own files. Safe to repeat.`,
  options: {
    ...STACK,
    host: { type: "text", value: "NAME", text: "the host (default: the only one)" },
    end: { type: "flag", text: "back to the gateway" },
    keys: {
      type: "text",
      value: "stack",
      text: "its keys in place of the host's old ones",
    },
    ...CONFIG_FILE,
    ...JSON_OUTPUT,
  },
  examples: [
    ["--stack prod --host vps1", "own files and keys"],
    ["--stack prod --host vps1 --keys stack", "old ones revoked"],
    ["--stack prod --host vps1 --end", "the gateway again"],
  ],
  exitCodes: { 0: "done, and OpenClaw answers", 1: "not done, or OpenClaw does not answer" },
} as const satisfies Command<Options>;

/** The host program ends by itself, and its work goes on when nobody listens. */
const LIMIT_MS = 30 * 60_000;

async function bypass(
  values: Values<typeof BYPASS.options>,
  { print, progress, interruption }: Frame,
): Promise<number> {
  const { host: named, end, keys, json, "config-file": configFile } = values;
  if (keys !== undefined && keys !== "stack") throw new UsageError(`--keys takes 'stack', not '${keys}'.`);
  if (end && keys !== undefined) throw new UsageError("--keys does not go with --end.");
  const stack = await OperatorStack.open({ stack: values.stack, configFile, signal: interruption.signal });
  const host = chosen(hostsInState(await stack.exported()), named, stack.name);
  const [verb, stdin]: [HostVerb, string] = end
    ? ["bypass_end", host.applyStdin ?? ""]
    : ["bypass", keys === undefined ? host.stdin : await withStackKeys(host.stdin, stack)];
  const step = end ? `${host.name}: back to the gateway` : `${host.name}: to its own files`;
  const command = { command: hostCommand(verb), stdin, limitMs: LIMIT_MS };
  const result = await progress.step(step, () =>
    interruption.race(runOnHost(host.server, command, CONNECT_MS.task)),
  );
  if ("unreachable" in result) throw new Error(`Host ${host.name} cannot be reached: ${result.unreachable}`);
  if (result.exitCode === UNKNOWN_VERB) {
    throw new Error(`Host ${host.name} was set up by a version without bypass. Run \`pulumi up\` first.`);
  }
  const good = result.exitCode === 0;
  const told = { stack: stack.name, host: host.name, action: end ? "end" : "bypass", good };
  print(json ? JSON.stringify({ ...told, ...readAnswer(result.stdout) }, null, 2) : result.stdout);
  return good ? 0 : 1;
}

/** What the host program ends with when it does not know what it is asked to do. */
const UNKNOWN_VERB = 64;

function chosen(hosts: readonly HostInState[], named: string | undefined, stack: string): HostInState {
  const applied = hosts.filter(({ applied }) => applied);
  const names = applied.map(({ name }) => name).join(", ") || "none";
  const [host, ...others] = applied.filter(({ name }) => named === undefined || name === named);
  if (host !== undefined && others.length === 0) return host;
  throw new UsageError(
    named === undefined
      ? `--host is missing. Stack ${stack} has set up: ${names}.`
      : `Stack ${stack} has not set up a host ${named}. It has set up: ${names}.`,
  );
}

async function withStackKeys(stdin: string, stack: OperatorStack): Promise<string> {
  const keys = configuredKeys(await stack.config("providers"));
  return withField(stdin, "restore-keys", restoreKeys(keys));
}

void runCommand(BYPASS, bypass);
