import { type HostConfig, hostConfigProblems, isPlainEnvValue } from "../../../infra/host/host-config";

const HOST: HostConfig = {
  name: "vps1",
  address: "192.0.2.1",
  port: 22,
  user: "root",
  privateKey: "",
  hostKey: "ssh-ed25519 AAAA",
  directory: "/opt/openclaw",
  service: "openclaw-gateway",
};

test("a plain host has no problem", () => expect(hostConfigProblems(HOST)).toEqual([]));

test("all problems are named at once", () => {
  const problems = hostConfigProblems({ ...HOST, name: "a/b", service: "-x", directory: "openclaw" });
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(["name", "service", "directory"]);
});

test.each(["https://a.example:8787/x", "ocg_Aa0", "a@b%c+d=e,f~g-h"])("%s may stand in .env", (value) =>
  expect(isPlainEnvValue(value)).toBe(true),
);

test.each(["", "a b", "a$b", "a'b", "a\\b", "a#b", "ä"])("%j may not", (value) =>
  expect(isPlainEnvValue(value)).toBe(false),
);
