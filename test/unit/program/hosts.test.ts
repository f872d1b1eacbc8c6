import * as pulumi from "@pulumi/pulumi";
import { createHostTokens } from "../../../infra/cloudflare/host-tokens";
import type { HostLook } from "../../../infra/host/report";
import { lookAtHosts } from "../../../infra/host-looks";
import { createHosts } from "../../../infra/hosts";
import { OpenClawProvider } from "../../../infra/pulumi-provider/resources";
import { HOST } from "../config/raw-config";
import { stackConfig } from "../config/stack-config";
import { dependencies, type RecordedResource, type RecordedStack, recordStack } from "./recorded-stack";

/** What becomes of hosts in each state, and in which order. */

function run(...hosts: object[]): Promise<RecordedStack> {
  return runAfter(new Map(), ...hosts);
}

/** The same, with what a look at the hosts has found. */
function runAfter(looks: ReadonlyMap<string, HostLook>, ...hosts: object[]): Promise<RecordedStack> {
  const program = () => {
    const listed = hosts.map((host, index) => ({
      ...HOST,
      name: `vps${index + 1}`,
      address: `203.0.113.${index + 1}`,
      ...host,
    }));
    const config = stackConfig({ hosts: listed });
    const hostTokens = createHostTokens(config.hosts);
    const worker = new pulumi.ComponentResource("test:index:Worker", "worker");
    const access = { kind: "worker", url: "https://ai.example.com", hostTokens, worker } as const;
    const provider = new OpenClawProvider("openclaw", {});
    return createHosts(config, { access, looks, provider, dependsOn: [] });
  };
  return recordStack(program, {
    state: {
      "random:index/randomPassword:RandomPassword": { result: "R".repeat(48) },
      "openclaw:index:HostDrift": { epoch: 3 },
    },
  });
}

const names = ({ resources }: RecordedStack) =>
  resources.flatMap(({ name }) => (name.startsWith("host-") ? [name] : [])).sort();

test("present: a token, its seal, guard and apply", async () => {
  const stack = await run({});
  expect(names(stack)).toEqual([
    "host-token-vps1-1",
    "host-vps1",
    "host-vps1-apply",
    "host-vps1-drift",
    "host-vps1-guard",
    "host-vps1-seal",
  ]);
  expect(stack.outputs.applied).toEqual({
    vps1: {
      address: "203.0.113.1",
      directory: HOST.directory,
      service: "openclaw-gateway",
      tokenGenerations: { held: 1, accepted: [1] },
    },
  });
});

/** What a host's apply is told, decoded. */
function payload({ inputs }: RecordedResource): Record<string, string> {
  const { secret } = inputs.stdin as { secret: string };
  const lines = secret.split("\n").slice(1, -2);
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", value = ""] = line.split(" ");
      return [name, Buffer.from(value, "base64").toString()];
    }),
  );
}

const REPORT = { managed: true, bypassed: false, changes: [], pause: undefined, refusals: [], notes: [] };

test("what somebody changed on a host goes to that host's drift alone, and its count into the apply", async () => {
  const drift = ["env changed since: COMPOSE_FILE"];
  const looks = new Map<string, HostLook>([
    ["vps1", { ...REPORT, drift }],
    ["vps2", { ...REPORT, drift: [] }],
    ["vps3", { unseen: "it is down" }],
  ]);
  const stack = await runAfter(looks, {}, {}, {});
  expect(["vps1", "vps2", "vps3"].map((name) => stack.resource(`host-${name}-drift`).inputs.drift)).toEqual([
    drift,
    [],
    [],
  ]);
  expect(payload(stack.resource("host-vps1-apply"))).toMatchObject({ epoch: "3", generation: "1" });
  expect(payload(stack.resource("host-vps1-guard"))).not.toHaveProperty("epoch");
});

test("a host's own settings come before the stack's", async () => {
  const openclaw = { primaryModel: "cloudflare-compat/workers-ai/@cf/x/y", acceptUnserved: ["groq/z"] };
  const stack = await run({ openclaw, composeFiles: ["compose.yml", "prod.yml"] }, {});
  const [own, other] = ["vps1", "vps2"].map((name) => payload(stack.resource(`host-${name}-apply`)));
  expect(own).toMatchObject({
    model: openclaw.primaryModel,
    "accept-unserved": '["groq/z"]',
    "compose-files": "compose.yml:prod.yml",
    patch: expect.stringContaining(openclaw.primaryModel),
  });
  expect(other).not.toHaveProperty("compose-files");
  expect(other?.patch).not.toContain(openclaw.primaryModel);
});

test("absent: the token alone, so that it works until the engine has deleted the guard", async () => {
  const stack = await run({ state: "absent" });
  expect(names(stack)).toEqual(["host-token-vps1-1"]);
  expect(stack.outputs).toMatchObject({ applied: {}, heldTokens: [] });
});

test.each([
  ["revoked", false],
  ["forgotten", true],
])("%s: no token; what restores the host stays in the state, and nothing can run it", async (state, kept) => {
  const stack = await run({ state });
  expect(names(stack)).toEqual(["host-vps1", "host-vps1-guard", "host-vps1-seal"]);
  const { options, inputs } = stack.resource("host-vps1-guard");
  expect(options).toMatchObject({ ignoreChanges: ["*"], retainOnDelete: kept });
  expect(stack.resource("host-vps1").type).toBe("openclaw-ai-gateway:host:OpenClawHost");
  expect(inputs.triggers).toEqual(["203.0.113.1", "22", HOST.directory]);
  const [hook] = options.hooks?.beforeCreate ?? [];
  if (!(hook instanceof pulumi.ResourceHook)) throw new Error("no hook before the creation");
  expect(hook.opts?.onDryRun).toBe(true);
  expect(() => hook.callback({} as pulumi.ResourceHookArgs)).toThrow(
    `error host_not_set_up: host vps1 is ${state}, but this stack has not set it up.\n` +
      "  expected: a host that this stack has set up, or no entry of it\n" +
      "  fix: remove its entry from 'hosts', or set its state to 'present'",
  );
});

test("a token for each generation that is accepted; the host gets the one that it is to hold", async () => {
  const stack = await run({ tokenGenerations: { held: 2, accepted: [1, 2, 3] } });
  expect(names(stack).filter((name) => name.startsWith("host-token"))).toEqual([
    "host-token-vps1-1",
    "host-token-vps1-2",
    "host-token-vps1-3",
  ]);
  expect(stack.outputs.heldTokens).toMatchObject([{ host: "vps1", generation: 2 }]);
});

describe("the canary", () => {
  test("is the first present host; the applies of the others wait for it, and nothing else does", async () => {
    const stack = await run({ state: "revoked" }, {}, {}, {});
    const waitsFor = (name: string) => dependencies(stack.resource(name));
    expect(await waitsFor("host-vps2-apply")).toEqual(["host-vps2-guard"]);
    expect(await waitsFor("host-vps3-apply")).toEqual(["host-vps3-guard", "host-vps2-apply"]);
    expect(await waitsFor("host-vps4-apply")).toEqual(["host-vps4-guard", "host-vps2-apply"]);
    for (const name of ["vps2", "vps3", "vps4"]) expect(await waitsFor(`host-${name}-guard`)).toEqual([]);
  });

  test("can be another one, or several", async () => {
    const stack = await run({}, { canary: true }, { canary: true });
    const waitsFor = (name: string) => dependencies(stack.resource(name));
    expect(await waitsFor("host-vps1-apply")).toEqual([
      "host-vps1-guard",
      "host-vps2-apply",
      "host-vps3-apply",
    ]);
    expect(await waitsFor("host-vps2-apply")).toEqual(["host-vps2-guard"]);
    expect(await waitsFor("host-vps3-apply")).toEqual(["host-vps3-guard"]);
  });
});

describe("an SSH agent", () => {
  const socket = process.env.SSH_AUTH_SOCK;
  const { privateKey, ...keyless } = HOST;

  beforeEach(() => {
    delete process.env.SSH_AUTH_SOCK;
  });

  afterAll(() => {
    if (socket !== undefined) process.env.SSH_AUTH_SOCK = socket;
  });

  /** What is said of a host before any resource is made. */
  const look = (host: object) =>
    lookAtHosts(
      stackConfig({ hosts: [{ ...host, look: false }] }),
      Promise.resolve("https://ai.example.com"),
    );

  test.each<[string, object]>([
    ["the host", { ...keyless, agent: true }],
    ["its jump host", { ...HOST, jumpHost: { address: "203.0.113.9", hostKey: HOST.hostKey, agent: true } }],
  ])("that %s needs has to run", async (_, host) => {
    await expect(look(host)).rejects.toThrow(
      /^error agent_missing: host vps1: 'agent' is set, but there is no SSH agent .*\n {2}expected: .*\n {2}fix: eval /,
    );
    process.env.SSH_AUTH_SOCK = "/run/agent";
    await expect(look(host)).resolves.toEqual(new Map());
  });

  test("is not needed with private keys, or for a host that nobody connects to", async () => {
    await expect(look({ ...keyless, privateKey })).resolves.toEqual(new Map());
    await expect(look({ ...keyless, agent: true, state: "forgotten" })).resolves.toEqual(new Map());
  });
});
