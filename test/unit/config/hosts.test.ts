import { parseConfig } from "../../../infra/config/parse";
import { formatPath } from "../../../infra/config/problems";
import { HOST, rawConfig } from "./raw-config";

const OTHER_KEY = `ssh-ed25519 ${"A".repeat(68)}`;

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
  ])("%s is allowed", (_, values) => {
    expect(problemsOf(HOST, { ...other, ...values })).toEqual([]);
  });
});
