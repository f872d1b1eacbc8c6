import type { TokenGenerations } from "../../infra/config/hosts";
import type { Generations, RotatedStack } from "../../infra/rotation";
import { configuredHosts } from "./configured-hosts";
import type { OperatorStack } from "./operator-stack";

/** A stack's configuration and outputs, as far as a rotation of host tokens reads and writes them. */
export function rotatedStack(
  stack: Pick<OperatorStack, "config" | "outputs" | "read">,
): Omit<RotatedStack, "up"> {
  return {
    configured: async () => {
      const hosts = await configuredHosts(stack);
      return Object.fromEntries(hosts.map(({ name, tokenGenerations }) => [name, tokenGenerations]));
    },
    deployed: async () => generationsIn((await stack.outputs()).hosts),
    configure: async (generations, step) => {
      // Read anew each time: between two steps the operator may have changed the list.
      const present = await configuredHosts(stack);
      const hosts = Object.entries(generations).map(([name, wanted]) => {
        const host = present.find((one) => one.name === name);
        if (host === undefined) throw new Error(`Host ${name} is not in the configuration any more.`);
        return { path: `hosts[${host.index}].tokenGenerations`, wanted, now: host.tokenGenerations };
      });
      const values = hosts.flatMap(({ path, wanted: { held, accepted }, now }) => {
        if (step === "hold") return [`${path}.held=${held}`];
        // A list cannot be cut in the command that writes to other hosts, so every place of it gets the same number.
        const list = step === "drop" ? now.accepted.map(() => held) : accepted;
        return list.map((generation, index) => `${path}.accepted[${index}]=${generation}`);
      });
      // One command for all: what is written is a whole step, whenever somebody pulls the plug.
      await stack.read(["config", "set-all", "--path", ...values.flatMap((value) => ["--plaintext", value])]);
      if (step !== "drop") return;
      // The generation that the host has is the default.
      for (const { path } of hosts) await stack.read(["config", "rm", "--path", `${path}.accepted`]);
    },
  };
}

function generationsIn(hosts: unknown): Generations {
  const served = (hosts ?? {}) as Record<string, { tokenGenerations: TokenGenerations }>;
  return Object.fromEntries(Object.entries(served).map(([name, host]) => [name, host.tokenGenerations]));
}
