import { parseConfig } from "../../../infra/config/parse";
import { ConfigError, formatPath } from "../../../infra/config/problems";
import { HOST, PRIVATE_KEY, rawConfig } from "./raw-config";

const OTHER_KEY = `ssh-ed25519 ${"A".repeat(68)}`;

const JUMP_HOST = {
  address: "203.0.113.1",
  user: "jump",
  privateKey: PRIVATE_KEY,
  hostKey: `${OTHER_KEY} root@jump`,
};

function hostsOf(...hosts: object[]) {
  const result = parseConfig(rawConfig({ hosts }));
  if ("problems" in result) throw new Error(result.problems.map(({ path }) => formatPath(path)).join(", "));
  return result.config.hosts;
}

function problemsOf(...hosts: object[]): string[] {
  const result = parseConfig(rawConfig({ hosts }));
  return "problems" in result ? result.problems.map(({ path }) => formatPath(path)) : [];
}

describe("state and tokens", () => {
  test("a host is present, no canary, and has the first token", () => {
    expect(hostsOf(HOST)).toMatchObject([
      { state: "present", canary: false, tokenGenerations: { held: 1, accepted: [1] } },
    ]);
  });

  test.each([
    [{ held: 2 }, { held: 2, accepted: [2] }],
    [{ accepted: [2, 1, 2] }, { held: 1, accepted: [1, 2] }],
    [
      { held: 3, accepted: [3, 2] },
      { held: 3, accepted: [2, 3] },
    ],
  ])("%j", (tokenGenerations, expected) => {
    expect(hostsOf({ ...HOST, tokenGenerations })[0]?.tokenGenerations).toEqual(expected);
  });

  test.each([
    [{ state: "gone" }, "hosts[0].state"],
    [{ tokenGenerations: { held: 0 } }, "hosts[0].tokenGenerations.held"],
    [{ tokenGenerations: { held: 1, accepted: [] } }, "hosts[0].tokenGenerations.accepted"],
    [{ tokenGenerations: { held: 2, accepted: [1] } }, "hosts[0].tokenGenerations.accepted"],
    [{ tokenGenerations: { accepted: [1.5] } }, "hosts[0].tokenGenerations.accepted[0]"],
  ])("%j is refused", (values, path) => {
    expect(problemsOf({ ...HOST, ...values })).toEqual([path]);
  });
});

describe("one directory, two hosts", () => {
  const other = { ...HOST, name: "vps2" };

  test.each<[string, object]>([
    ["the same place", {}],
    ["an address in capitals", { address: "VPS.example.com" }],
    ["a path written in another way", { directory: "/opt//./openclaw/" }],
    ["another port of the same machine", { port: 2222 }],
    ["a host that is revoked", { state: "revoked" }],
  ])("%s is refused", (_, values) => {
    expect(
      problemsOf(
        { ...HOST, address: "vps.example.com" },
        { ...other, address: "vps.example.com", ...values },
      ),
    ).toEqual(["hosts[1].directory"]);
  });

  test.each<[string, object]>([
    ["another directory", { directory: "/opt/openclaw2" }],
    ["another address", { address: "203.0.113.8" }],
    ["another machine behind the same address", { port: 2222, hostKey: OTHER_KEY }],
    ["a machine in place of one that is gone", { state: "forgotten" }],
    ["a machine of that address in another network", { jumpHost: JUMP_HOST, hostKey: OTHER_KEY }],
  ])("%s is allowed", (_, values) => {
    expect(problemsOf(HOST, { ...other, ...values })).toEqual([]);
  });
});

describe("log-in", () => {
  const { privateKey: _, ...keyless } = HOST;

  test("a private key, or the agent; the same at a jump host", () => {
    const hosts = hostsOf({ ...keyless, agent: true, jumpHost: JUMP_HOST });
    expect(hosts[0]?.privateKey).toBeUndefined();
    expect(hosts).toMatchObject([
      {
        agent: true,
        jumpHost: { address: "203.0.113.1", port: 22, user: "jump", hostKey: OTHER_KEY, agent: false },
      },
    ]);
  });

  test.each<[string, object, string]>([
    ["neither", keyless, "hosts[0].privateKey"],
    ["both", { ...HOST, agent: true }, "hosts[0].privateKey"],
    [
      "neither at the jump host",
      { ...HOST, jumpHost: { ...JUMP_HOST, privateKey: undefined } },
      "hosts[0].jumpHost.privateKey",
    ],
    [
      "a jump host whose key is not pinned",
      { ...HOST, jumpHost: { ...JUMP_HOST, hostKey: undefined } },
      "hosts[0].jumpHost.hostKey",
    ],
    [
      "a second jump host",
      { ...HOST, jumpHost: { ...JUMP_HOST, jumpHost: JUMP_HOST } },
      "hosts[0].jumpHost.jumpHost",
    ],
  ])("%s is refused", (_name, host, path) => {
    expect(problemsOf(host)).toEqual([path]);
  });

  test("a jump host's private key is never shown", () => {
    const result = parseConfig(
      rawConfig({ hosts: [{ ...HOST, jumpHost: { ...JUMP_HOST, privateKey: "sentinel" } }] }),
    );
    const error = new ConfigError("test", "problems" in result ? result.problems : []);
    expect(error.message).toContain("hosts[0].jumpHost.privateKey: found [hidden, 8 characters]");
    expect(error.message).not.toContain("sentinel");
  });
});
