import type { TokenGenerations } from "../infra/config/hosts";
import { type Generations, type RotatedStack, rotateHostTokens } from "../infra/rotation";
import { CONFIG_FILE, type Command, type Frame, runCommand, STACK } from "./lib/command";
import { configuredHosts } from "./lib/configured-hosts";
import { OperatorStack } from "./lib/operator-stack";
import { type Options, UsageError, type Values } from "./lib/options";

const ROTATE = {
  name: "rotate",
  summary: `
Gives every host of a stack a new token, without a refused request: the Worker
accepts a new token beside the old one, the hosts get it and prove that they
answer with it, then the Worker refuses the old one. Each of these is one
\`pulumi up\`; whatever else has changed in the configuration is applied as well.

Interrupted, the same command goes on where it stopped. The run token has its
own rotation: runToken.rotation.`,
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

function rotated(stack: OperatorStack, places: ReadonlyMap<string, number>): RotatedStack {
  const path = (host: string) => `hosts[${places.get(host)}].tokenGenerations`;
  const configured = async (): Promise<Generations> => {
    const hosts = await configuredHosts(stack);
    return Object.fromEntries(hosts.map(({ name, tokenGenerations }) => [name, tokenGenerations]));
  };
  return {
    configured,
    deployed: async () => generationsIn((await stack.outputs()).hosts),
    configure: async (generations, step) => {
      const hosts = Object.entries(generations);
      const before = await configured();
      const values = hosts.flatMap(([host, { held, accepted }]) => {
        if (step === "hold") return [`${path(host)}.held=${held}`];
        // A list cannot be cut in the command that writes to other hosts, so every place of it gets the same number.
        const list = step === "drop" ? (before[host]?.accepted.map(() => held) ?? []) : accepted;
        return list.map((generation, index) => `${path(host)}.accepted[${index}]=${generation}`);
      });
      // One command for all: what is written is a whole step, whenever somebody pulls the plug.
      await stack.read(["config", "set-all", "--path", ...values.flatMap((value) => ["--plaintext", value])]);
      if (step !== "drop") return;
      // The generation that the host has is the default.
      for (const [host] of hosts) await stack.read(["config", "rm", "--path", `${path(host)}.accepted`]);
    },
    up: async (why) => {
      process.stderr.write(`\npulumi up: ${why}\n`);
      const code = await stack.show(["up", "--yes", "--skip-preview", "--continue-on-error"]);
      if (code === 0) return;
      throw new Error(
        `pulumi up ended with code ${code}. When its cause is gone, run the same command again.`,
      );
    },
  };
}

function generationsIn(hosts: unknown): Generations {
  const served = (hosts ?? {}) as Record<string, { tokenGenerations: TokenGenerations }>;
  return Object.fromEntries(Object.entries(served).map(([name, host]) => [name, host.tokenGenerations]));
}

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
  const hosts = await configuredHosts(stack);
  const names = hosts.map(({ name }) => name);
  if (names.length === 0) throw new UsageError(`Stack ${stack.name} has no present host.`);
  if (host !== undefined && !names.includes(host)) {
    throw new UsageError(`Stack ${stack.name} has no present host ${host}; it has ${names.join(", ")}.`);
  }
  const places = new Map(hosts.map(({ name, index }) => [name, index]));
  const done = await rotateHostTokens(rotated(stack, places), host);
  print(`\nA new token is in use, and no other is accepted: ${done.join(", ")}`);
  return 0;
}

void runCommand(ROTATE, rotate);
