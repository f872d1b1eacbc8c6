import { runOnHost } from "../infra/host/jump-host";
import { hostCommand } from "../infra/host/payload";
import {
  type HostKeys,
  type Import,
  importReport,
  keysRequest,
  masked,
  planImport,
  readHostKeys,
} from "../infra/key-import";
import { CONFIG_FILE, type Command, type Frame, JSON_OUTPUT, runCommand, STACK } from "./lib/command";
import { type ConfiguredHost, configuredHosts } from "./lib/configured-hosts";
import { CONNECT_MS } from "./lib/connect-limits";
import { OperatorStack } from "./lib/operator-stack";
import { type Options, UsageError, type Values } from "./lib/options";

const IMPORT_KEYS = {
  name: "import-keys",
  summary: `
Reads the provider keys that the hosts of a stack have today over SSH, and sets
them as secrets of the stack. Hosts are only read. A key is shown by its last
four characters, and written into the encrypted configuration alone.

A key that the stack has stays, unless --replace is given. Two hosts with
different keys of one provider are refused: nothing is set for that provider.`,
  options: {
    ...STACK,
    host: { type: "text", value: "NAME", text: "this host alone (default: all that are present)" },
    replace: { type: "flag", text: "take a key in place of the one that the stack has" },
    ...CONFIG_FILE,
    ...JSON_OUTPUT,
  },
  examples: [
    ["--stack prod", "all hosts"],
    ["--stack prod --host vps1 --replace", "one host"],
  ],
  exitCodes: { 0: "done", 1: "a host could not be read, or keys differ" },
} as const satisfies Command<Options>;

/** One container is started to look. */
const LOOK_MS = 5 * 60_000;

async function importKeys(
  values: Values<typeof IMPORT_KEYS.options>,
  { print, progress, interruption }: Frame,
): Promise<number> {
  const { host: named, replace, json, "config-file": configFile } = values;
  const stack = await OperatorStack.open({ stack: values.stack, configFile, signal: interruption.signal });
  const all = await configuredHosts(stack);
  const hosts = all.filter(({ name }) => named === undefined || name === named);
  if (hosts.length === 0) {
    const names = all.map(({ name }) => name).join(", ") || "none";
    throw new UsageError(`Stack ${stack.name} has no present host ${named ?? ""}; it has ${names}.`);
  }
  const read = await progress.step(`read ${hosts.map(({ name }) => name).join(", ")}`, () =>
    interruption.race(Promise.all(hosts.map((host) => readHost(stack.name, host)))),
  );
  const found = read.flatMap(({ keys }) => keys);
  const providers = ((await stack.config("providers")) ?? {}) as Parameters<typeof planImport>[1];
  const plan = planImport(found, providers, replace);
  for (const { slug, action, from } of plan) {
    const [key] = from;
    if (action === "take" && key) await stack.setSecret(`providers["${slug}"].apiKey`, key.value);
  }
  const notes = read.flatMap((host) => host.notes);
  print(
    json
      ? JSON.stringify({ stack: stack.name, providers: plan.map(importReport), notes }, null, 2)
      : [...notes, ...plan.map(told)].join("\n") || "no key was found",
  );
  return plan.some(({ action }) => action === "refuse") ? 1 : 0;
}

/** @throws Error when the host cannot be read: what it has might differ */
async function readHost(stack: string, host: ConfiguredHost): Promise<HostKeys> {
  const { stdin, passPhrase } = keysRequest(stack, host);
  const command = { command: hostCommand("export_keys"), stdin, limitMs: LOOK_MS };
  const result = await runOnHost(host, command, CONNECT_MS.task);
  if ("unreachable" in result) throw new Error(`Host ${host.name} cannot be reached: ${result.unreachable}`);
  if (result.exitCode !== 0) throw new Error(`Host ${host.name}:\n${result.stdout.trimEnd()}`);
  const { keys, notes } = readHostKeys(host.name, result.stdout, passPhrase);
  return { keys, notes: notes.map((note) => `${host.name}: ${note}`) };
}

function told(one: Import): string {
  const places = one.from.map(({ host, place, value }) => `${masked(value)} from ${host}, ${place}`);
  switch (one.action) {
    case "take":
      return `${one.slug}: set to ${places.join("; the same ")}`;
    case "keep":
      return `${one.slug}: left as it is (${one.reason}): ${places.join("; ")}`;
    case "refuse":
      return [
        `${one.slug}: not set, there are different keys:`,
        ...places.map((place) => `  ${place}`),
        "  Choose a host with --host, or set it: " +
          `npx pulumi config set --path --secret 'providers["${one.slug}"].apiKey'`,
      ].join("\n");
  }
}

void runCommand(IMPORT_KEYS, importKeys);
