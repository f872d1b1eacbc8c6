import type { Settings } from "../../../../scripts/lib/operator-stack";
import { rotatedStack } from "../../../../scripts/lib/rotated-stack";

const host = (name: string, accepted: number[]) => ({
  name,
  address: `${name}.example.com`,
  hostKey: "ssh-ed25519 AAAA",
  directory: "/opt/openclaw",
  agent: true,
  tokenGenerations: { held: 1, accepted },
});

/** A stack whose list of hosts can be changed while a rotation is on its way. */
function stackWith(hosts: object[]) {
  const written: string[][] = [];
  const stack = {
    hosts,
    config: async () => stack.hosts as unknown as Settings,
    outputs: async () => ({}),
    read: async (args: readonly string[]) => {
      written.push([...args]);
      return "";
    },
  };
  return { stack, written };
}

test("a host is found where it stands now, not where it stood when the rotation began", async () => {
  const { stack, written } = stackWith([host("vps1", [1, 2]), host("vps2", [1])]);
  const rotated = rotatedStack(stack);
  await rotated.configured();
  stack.hosts = [host("vps2", [1]), host("vps1", [1, 2])];
  await rotated.configure({ vps1: { held: 2, accepted: [1, 2] } }, "hold");
  await rotated.configure({ vps1: { held: 2, accepted: [2] } }, "drop");
  const path = "hosts[1].tokenGenerations";
  expect(written).toEqual([
    ["config", "set-all", "--path", "--plaintext", `${path}.held=2`],
    [
      "config",
      "set-all",
      "--path",
      "--plaintext",
      `${path}.accepted[0]=2`,
      "--plaintext",
      `${path}.accepted[1]=2`,
    ],
    ["config", "rm", "--path", `${path}.accepted`],
  ]);
});

test("a host that has gone is an error, and nothing is written to another one", async () => {
  const { stack, written } = stackWith([host("vps2", [1])]);
  await expect(
    rotatedStack(stack).configure({ vps1: { held: 2, accepted: [1, 2] } }, "hold"),
  ).rejects.toThrow("Host vps1 is not in the configuration any more.");
  expect(written).toEqual([]);
});
