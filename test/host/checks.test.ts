import { chmodSync, chownSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HostPayload } from "../../infra/host/payload";
import { AuthDatabase } from "./auth-database";
import { CONFIG, KEYS, TOKEN, UNSERVED } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

function apply(change: Partial<HostPayload>) {
  return machine.run("apply", { stdin: machine.stdin(change) });
}

function codesIn(output: string): string[] {
  return [...output.matchAll(/^error (\w+):/gm)].map(([, code]) => code ?? "");
}

test("everything that stands in the way is said at once", async () => {
  machine.set("compose-version", "2.20.0\n");
  machine.write("docker-compose.ai-gateway.yml", "services: {}");
  const first = await apply({ service: "nobody", token: "a b" });
  expect(codesIn(first.output)).toEqual([
    "compose_too_old",
    "service_unknown",
    "value_not_plain",
    "foreign_override",
  ]);
  machine.set("compose-version", "5.1.0\n");
  rmSync(join(machine.project, "docker-compose.ai-gateway.yml"));
  machine.setOpenClawVersion("2027.1.0");
  machine.write("state/.env", `OPENAI_API_KEY=${KEYS.OPENAI_API_KEY}\n`);
  machine.write("state/openclaw.json", JSON.stringify({ list: [KEYS.OPENAI_API_KEY] }));
  const second = await machine.run("preflight");
  expect(codesIn(second.output)).toEqual(["openclaw_version", "key_in_list", "key_elsewhere"]);
  expect(second.output).not.toContain(KEYS.OPENAI_API_KEY);
});

test("every refusal has its expectation and its remedy", async () => {
  const { output } = await apply({ directory: "/nowhere" });
  expect(output.split("\n")).toEqual([
    "error directory_missing: /nowhere is no directory on this machine",
    "  expected: the folder of docker-compose.yml",
    expect.stringMatching(
      /^ {2}fix: docker compose ls, then pulumi config set --path 'hosts\[N\]\.directory'/,
    ),
    "",
  ]);
});

test("a version outside the tested range is refused unless it is allowed", async () => {
  machine.setOpenClawVersion("2026.9.7");
  expect((await machine.run("apply")).output).toMatch(
    /^error openclaw_version: .* 2026\.9\.7\n {2}expected: 2026\.9\.6/m,
  );
  expect((await apply({ "allow-version": "2026.9.7" })).code).toBe(0);
});

// The shell of busybox answers `id` itself, so nobody can be pretended to be there.
describe.each<Shell>(["dash", "bash"])("under %s", (shell) => {
  test("a user whom Docker does not answer works as root where sudo asks for no password", async () => {
    machine.denyDocker();
    const refused = await machine.run("apply", { shell });
    expect(refused).toEqual({ code: 1, output: expect.stringContaining("error docker_unreachable") });
    machine.allowSudo();
    const before = machine.tree();
    const applied = await machine.run("apply", { shell });
    expect(applied).toEqual({ code: 0, output: expect.stringContaining("applied: dev/vps1") });
    expect(machine.serving()).toBe("new");
    expect((await machine.run("restore", { shell })).output).toContain("restored: dev/vps1");
    expect(machine.tree()).toEqual(before);
  });
});

// Only root can be somebody else; where the tests run as a user, all others show the same.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot.each([[true], [false]])("a user of group docker who owns the files, with flock: %s", async (flock) => {
  if (!flock) machine.hide("flock", "setsid");
  machine.giveTo(1234);
  const before = machine.tree();
  const applied = await machine.run("apply");
  expect(applied).toEqual({ code: 0, output: expect.stringContaining("applied: dev/vps1") });
  expect(machine.serving()).toBe("new");
  expect((await machine.run("restore")).code).toBe(0);
  expect(machine.tree()).toEqual(before);
});

asRoot("a file that the user could not give back to its owner is refused before any change", async () => {
  machine.giveTo(1234);
  chownSync(machine.envFile, 0, 0);
  chmodSync(machine.envFile, 0o644);
  chownSync(machine.configFile, 0, 0);
  chmodSync(machine.configFile, 0o644);
  const before = machine.tree();
  expect(codesIn((await machine.run("apply")).output)).toEqual(["env_owner"]);
  chownSync(machine.envFile, 1234, 1234);
  expect(codesIn((await machine.run("apply")).output)).toEqual(["config_owner"]);
  chownSync(machine.envFile, 0, 0);
  expect(machine.tree()).toEqual(before);
});

describe("of two stacks in one directory", () => {
  const other = { stack: "prod", seal: "another".repeat(8) };

  test.each([
    ["the second is refused", {}, other],
    ["and the other way round", other, {}],
    ["also when both have one name", {}, { seal: other.seal }],
  ])("%s", async (_name, first, second) => {
    const before = machine.tree();
    expect((await apply(first)).code).toBe(0);
    const during = machine.tree();
    const refused = await apply(second);
    expect(refused).toEqual({
      code: 1,
      output: expect.stringMatching(/^error (foreign_stack|seal_differs)/),
    });
    const theirs = await machine.run("restore", { stdin: machine.stdin(second) });
    expect(theirs.output).toMatch(/nothing to restore|error seal_differs/);
    expect(machine.tree()).toEqual(during);
    expect((await machine.run("restore", { stdin: machine.stdin(first) })).code).toBe(0);
    expect(machine.tree()).toEqual(before);
  });
});

describe("after pulumi stack rename", () => {
  const renamed = { stack: "production" };
  let before: Record<string, string>;

  beforeEach(async () => {
    before = machine.tree();
    expect((await apply({})).code).toBe(0);
  });

  test("the host is not interrupted, keeps the name in its files, and is restored", async () => {
    const { starts, files } = { starts: machine.starts(), files: machine.file(".env") };
    expect((await machine.run("preflight", { stdin: machine.stdin(renamed) })).code).toBe(0);
    expect((await apply(renamed)).output).toContain("in place: production/vps1");
    expect((await apply(renamed)).output).toContain("unchanged: production/vps1");
    expect(machine.starts()).toEqual(starts);
    expect(machine.file(".env")).toBe(files);
    const change = JSON.stringify({ models: { mode: "merge" } });
    expect((await apply({ ...renamed, patch: change, ...UNSERVED })).output).toContain(
      "applied: production/vps1",
    );
    expect((await machine.run("restore", { stdin: machine.stdin(renamed) })).output).toContain("restored");
    expect(machine.tree()).toEqual(before);
  });

  test("a look, which knows no seal, finds nothing to change", async () => {
    await apply(renamed);
    const stdin = machine.stdin({ ...renamed, seal: "", token: "" });
    const { output } = await machine.run("plan", { stdin });
    expect(output).toContain("managed: production/vps1");
    expect(output).not.toMatch(/would|changed since/);
  });

  test("it can be destroyed at once, and a new stack of the old name is another one", async () => {
    const other = await apply({ seal: "another".repeat(8) });
    expect(codesIn(other.output)).toEqual(["seal_differs"]);
    expect((await machine.run("restore", { stdin: machine.stdin(renamed) })).output).toContain("restored");
    expect(machine.tree()).toEqual(before);
  });
});

describe("the window", () => {
  const clock = (minutes: number) => {
    const at = new Date(Date.now() + minutes * 60_000);
    return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  };
  const now = `${clock(-60)}-${clock(60)}`;
  const later = `${clock(60)}-${clock(120)}`;

  test("outside it a service that runs is not interrupted; what needs no change may run", async () => {
    const before = machine.tree();
    expect((await apply({ window: later })).output).toMatch(
      /^error outside_window: .*\n {2}expected: .*window/m,
    );
    expect(machine.tree()).toEqual(before);
    expect((await apply({ window: now })).code).toBe(0);
    expect((await apply({ window: later })).output).toContain("in place");
  });
});

describe("a key that is elsewhere", () => {
  test("is left where that is allowed, and the status says so", async () => {
    const compose = machine.file("docker-compose.yml");
    machine.write("docker-compose.yml", compose.replace("LEVEL: info", `K: sk-or-v1-${"x".repeat(40)}`));
    expect((await apply({ "allow-keys": '["other:K"]' })).output).toContain(
      "note: keys are left, as allowed, in: other:K",
    );
    expect((await machine.run("status")).output).toContain("keys left as allowed: other:K");
  });

  test("in .env and once more in a compose file: the change is undone", async () => {
    const before = machine.tree();
    machine.start();
    const compose = machine.file("docker-compose.yml");
    const twice = `HEADER: "Bearer \${OPENAI_API_KEY}", K: ${KEYS.OPENAI_API_KEY}`;
    machine.write("docker-compose.yml", compose.replace("LEVEL: info", twice), 0o644);
    const { output } = await machine.run("apply");
    expect(codesIn(output)).toEqual(["key_elsewhere"]);
    expect(output).toContain("service other gets the provider key K from a compose file");
    expect(machine.serving()).toBe("own");
    machine.write("docker-compose.yml", compose.replace(`, K: ${KEYS.OPENAI_API_KEY}`, ""), 0o644);
    expect(machine.tree()[".env"]).toBe(before[".env"]);
    expect((await machine.run("apply")).code).toBe(0);
  });

  test("twice: the commands that accept it follow on each other and on what is allowed", async () => {
    const places = `A: sk-or-v1-${"x".repeat(40)}, K: sk-or-v1-${"y".repeat(40)}, Z: sk-or-v1-${"z".repeat(40)}`;
    const compose = machine.file("docker-compose.yml");
    machine.write("docker-compose.yml", compose.replace("LEVEL: info", places));
    const { output } = await apply({ "allow-keys": '["other:K","profile:x"]' });
    expect(output.match(/allowKeys\[.*'/g)).toEqual(["allowKeys[2]' 'other:A'", "allowKeys[3]' 'other:Z'"]);
  });

  test("as a stored auth profile is refused with the command that removes it", async () => {
    const database = AuthDatabase.shared(machine);
    database.store({ "anthropic:manual": { type: "api_key", provider: "anthropic", key: "odd-shape" } });
    const { output } = await machine.run("apply");
    expect(codesIn(output)).toEqual(["key_elsewhere"]);
    expect(output).toContain("models auth logout anthropic:manual --yes");
    expect(output).toContain("'profile:anthropic:manual'");
    // OpenClaw deletes the entry, and the bytes stay in the file.
    database.store({});
    database.leaveBytes(KEYS.ANTHROPIC_API_KEY);
    expect((await machine.run("apply")).output).toContain("VACUUM");
  });

  test.each(["mistral", "Groq"])(
    "as an auth profile of %s, which the stack serves under another id",
    async (provider) => {
      const database = AuthDatabase.ofAgent(machine, "main");
      const key = provider === "mistral" ? "w0rd".repeat(8) : `gsk_${"d4".repeat(20)}`;
      database.store({ [`${provider}:manual`]: { type: "api_key", provider, key } });
      const { output } = await apply({ "auth-providers": "groq mistral" });
      expect(codesIn(output)).toEqual(["key_elsewhere"]);
      expect(output).toContain(`models auth logout ${provider}:manual --yes`);
      expect(output).not.toContain(key);
      const doctor = await machine.run("keys", {
        stdin: machine.stdin({ "auth-providers": "groq mistral" }),
      });
      expect(doctor.code).toBe(1);
    },
  );

  test("as an auth profile of a provider that the stack does not have stays, whatever its shape", async () => {
    const key = KEYS.OPENAI_API_KEY;
    AuthDatabase.shared(machine).store({ "litellm:manual": { type: "api_key", provider: "litellm", key } });
    expect((await machine.run("apply")).code).toBe(0);
  });

  test("in OpenClaw's own .env is found by its name too", async () => {
    machine.write("state/.env", "MISTRAL_API_KEY=w0rd\n");
    expect(codesIn((await machine.run("apply")).output)).toEqual(["key_elsewhere"]);
    machine.write("state/.env", `LEVEL=info\n# ${KEYS.OPENAI_API_KEY}\n`);
    expect(codesIn((await machine.run("apply")).output)).toEqual(["key_elsewhere"]);
  });

  test("as a property in a list of openclaw.json is sealed and comes back", async () => {
    const config = { ...JSON.parse(CONFIG), tools: { media: [{ apiKey: KEYS.OPENAI_API_KEY, on: true }] } };
    machine.write("state/openclaw.json", JSON.stringify(config));
    const before = machine.tree();
    expect((await machine.run("apply")).code).toBe(0);
    expect(JSON.parse(machine.file("state/openclaw.json")).tools).toEqual({ media: [{ on: true }] });
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
});

test("models of a provider under another id are mapped while the stack is up", async () => {
  const config = {
    ...JSON.parse(CONFIG),
    agents: { list: [{ model: { primary: "groq/a", fallbacks: ["groq/b"] } }] },
  };
  machine.write("state/openclaw.json", JSON.stringify(config));
  const before = machine.tree();
  const { output } = await apply({ "provider-ids": '{"groq":"cf-groq"}' });
  expect(output).toContain("note: agents.list.0.model.primary: groq/a is served as cf-groq/a");
  expect(JSON.parse(machine.file("state/openclaw.json")).agents.list).toEqual([
    { model: { primary: "cf-groq/a", fallbacks: ["cf-groq/b"] } },
  ]);
  expect((await apply({ "provider-ids": '{"groq":"cf-groq"}' })).output).toContain("unchanged");
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("variables in place of openclaw.json: the host token under the vendors' names", async () => {
  const before = machine.tree();
  const legacy = {
    patch: "{}",
    model: "openai/gpt-5.4",
    variables: "ANTHROPIC_API_KEY token OPENAI_API_KEY token OPENAI_BASE_URL url",
  };
  expect((await apply(legacy)).code).toBe(0);
  const { services } = JSON.parse(machine.file("docker-compose.ai-gateway.yml"));
  expect(services["openclaw-gateway"].environment).toMatchObject({
    OPENAI_API_KEY: TOKEN,
    OPENAI_BASE_URL: machine.url,
  });
  expect(machine.serving()).toBe("new");
  expect((await apply({ ...legacy, drain: "6" })).output).toContain("in place");
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});
