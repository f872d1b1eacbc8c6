import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type HostArgs, OpenClawHost } from "../../../infra/host";
import type { HostConfig } from "../../../infra/host/host-config";
import { hostCommand } from "../../../infra/host/payload";
import { OpenClawProvider } from "../../../infra/pulumi-provider/resources";

interface Registered {
  name: string;
  type: string;
  inputs: Record<string, unknown>;
}

const registered = new Map<string, Registered>();
/** Options by resource name; mocks do not get them. */
const options = new Map<string, pulumi.CustomResourceOptions>();

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: (args) => {
        registered.set(args.name, {
          name: args.name,
          type: args.type,
          inputs: args.inputs,
        });
        const state = args.type.startsWith("random:")
          ? { ...args.inputs, result: "the-pass-phrase" }
          : args.inputs;
        return { id: `${args.name}-id`, state };
      },
    },
    "openclaw-ai-gateway",
    "dev",
    false,
  );
  // The mocks know no hooks, so none is ever called.
  const hooks = { registerResourceHook: (_: unknown, done: (error: null) => void) => done(null) };
  Object.assign(pulumi.runtime.getMonitor() ?? {}, hooks);
});

const HOST: HostConfig = {
  name: "vps1",
  address: "192.0.2.1",
  port: 2222,
  user: "deploy",
  privateKey: pulumi.secret("PRIVATE KEY"),
  hostKey: "ssh-ed25519 AAAA",
  directory: "/opt/openclaw",
  service: "openclaw-gateway",
};

const ARGS: HostArgs = {
  stack: "dev",
  host: HOST,
  access: "worker",
  url: "https://worker.example",
  token: "ocg_token",
  openclawPatch: { models: { mode: "merge", providers: {} } },
  primaryModel: "anthropic/claude-sonnet-4-6",
  providerIds: {},
  keyEnvNames: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"],
  keyPatterns: [/sk-b/, /sk-a/],
  tokenGeneration: 1,
  drift: [],
  // Made in a test: before, there are no mocks.
  get provider() {
    provider = provider ?? new OpenClawProvider("openclaw", {});
    return provider;
  },
};
let provider: OpenClawProvider | undefined;

/** Secrets come to a mock as `{signature, value}`. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.specialSigKey in value && "value" in value) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item)]));
}

function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    pulumi.runtime.specialSigKey in value &&
    (value as Record<string, unknown>)[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig
  );
}

function fields(stdin: unknown): Record<string, string> {
  const lines = String(unwrapped(stdin)).split("\n").slice(1, -2);
  return Object.fromEntries(
    lines
      .map((line) => line.split(" "))
      .map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString()]),
  );
}

function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

async function make(
  name: string,
  args: HostArgs,
): Promise<{ guard: Registered; apply: Registered; host: OpenClawHost; worker: pulumi.Resource }> {
  const worker = new pulumi.ComponentResource("test:index:Cloudflare", `${name}-worker`);
  const record: pulumi.ResourceTransformation = (made) => {
    options.set(made.name, made.opts);
    return undefined;
  };
  const host = new OpenClawHost(name, args, { dependsOn: [worker], transformations: [record] });
  expect(await settled(host.applied)).toEqual({
    address: "192.0.2.1",
    directory: "/opt/openclaw",
    service: "openclaw-gateway",
  });
  const [guard, apply] = [registered.get(`${name}-guard`), registered.get(`${name}-apply`)];
  if (!guard || !apply) throw new Error("not registered");
  return { guard, apply, host, worker };
}

test("guard checks and restores, apply applies; one short constant text each", async () => {
  const { guard, apply } = await make("texts", ARGS);
  expect(guard.inputs).toMatchObject({
    create: hostCommand("preflight"),
    update: hostCommand("preflight"),
    delete: hostCommand("restore"),
  });
  expect(apply.inputs).toMatchObject({ create: hostCommand("apply"), update: hostCommand("apply") });
  expect(apply.inputs).not.toHaveProperty("delete");
});

test("all are children of the component; the guard waits for the Worker, apply for the guard", async () => {
  const { host, worker } = await make("order", ARGS);
  for (const child of ["seal", "guard", "apply"]) expect(options.get(`order-${child}`)?.parent).toBe(host);
  expect(options.get("order-guard")?.dependsOn).toEqual([worker]);
  const { dependsOn } = options.get("order-apply") ?? {};
  const guard = Array.isArray(dependsOn) ? dependsOn[0] : undefined;
  if (!(guard instanceof remote.Command)) throw new Error("apply depends on no command");
  expect(await settled(guard.urn)).toMatch(/::order-guard$/);
});

test("what identifies the place replaces, restore first; nothing else does", async () => {
  const { guard, apply } = await make("identity", ARGS);
  for (const { inputs, name } of [guard, apply]) {
    expect(inputs.triggers).toEqual(["192.0.2.1", "2222", "/opt/openclaw"]);
    expect(options.get(name)?.deleteBeforeReplace).toBe(true);
  }
});

test("connection and stdin are secret, outputs too; nothing else can hold one", async () => {
  const { guard, apply } = await make("secrets", ARGS);
  for (const { inputs, name } of [guard, apply]) {
    expect(isSecret(inputs.stdin) && isSecret(inputs.connection)).toBe(true);
    expect(options.get(name)?.additionalSecretOutputs).toEqual(["stdout", "stderr", "connection"]);
    expect(inputs).toMatchObject({ logging: "none", addPreviousOutputInEnv: false });
    const { stdin: _stdin, connection, ...open } = inputs;
    expect(JSON.stringify(open)).not.toMatch(/PRIVATE KEY|ocg_token|the-pass-phrase/);
    expect(unwrapped(connection)).toEqual({
      host: "192.0.2.1",
      port: 2222,
      user: "deploy",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: "PRIVATE KEY",
      dialErrorLimit: 2,
      perDialTimeout: 15, // the SDK's default
    });
  }
});

test("a jump host is passed with its own pinned key; where the agent logs in, no key and no socket is kept", async () => {
  const { privateKey: _, ...host } = HOST;
  const { privateKey, hostKey, user } = HOST;
  const jumpHost = { address: "192.0.2.9", port: 22, user, hostKey, privateKey };
  const { guard } = await make("jump", { ...ARGS, host: { ...host, jumpHost } });
  expect(isSecret(guard.inputs.connection)).toBe(true);
  expect(unwrapped(guard.inputs.connection)).toEqual({
    host: "192.0.2.1",
    port: 2222,
    user: "deploy",
    hostKey: "ssh-ed25519 AAAA",
    dialErrorLimit: 2,
    perDialTimeout: 15,
    proxy: {
      host: "192.0.2.9",
      port: 22,
      user: "deploy",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: "PRIVATE KEY",
      dialErrorLimit: 2,
      perDialTimeout: 15,
    },
  });
});

test("apply is told everything, the guard only what preflight and restore need", async () => {
  const { guard, apply } = await make("payload", ARGS);
  const base = {
    stack: "dev",
    host: "vps1",
    directory: "/opt/openclaw",
    service: "openclaw-gateway",
    entry: "dist/index.js",
    seal: "the-pass-phrase",
    names: "ANTHROPIC_API_KEY OPENAI_API_KEY",
    patterns: '["sk-a","sk-b"]',
    patch: '{"models":{"mode":"merge","providers":{}}}',
    "provider-ids": "{}",
  };
  expect(fields(guard.inputs.stdin)).toEqual(base);
  expect(fields(apply.inputs.stdin)).toEqual({
    ...base,
    "worker-url": "https://worker.example",
    token: "ocg_token",
    generation: "1",
    patch: '{"models":{"mode":"merge","providers":{}}}',
    model: "anthropic/claude-sonnet-4-6",
  });
});

test("what the operator accepts, the window and further variables reach the program", async () => {
  const host = { ...HOST, allowKeys: ["b", "a"], window: "02:00-04:00" };
  const variables = [{ name: "OPENAI_API_KEY", value: "token" } as const];
  const { guard } = await make("settings", {
    ...ARGS,
    host,
    variables,
    acceptUnserved: ["x/y"],
    allowVersion: "2026.9.7",
  });
  expect(fields(guard.inputs.stdin)).toMatchObject({
    "allow-keys": '["a","b"]',
    "accept-unserved": '["x/y"]',
    "allow-version": "2026.9.7",
    window: "02:00-04:00",
    variables: "OPENAI_API_KEY token",
  });
});

test("the pass phrase never changes once it is made", async () => {
  await make("seal", ARGS);
  const seal = registered.get("seal-seal");
  expect(seal?.inputs).toMatchObject({ length: 64, special: false });
  expect(options.get("seal-seal")?.ignoreChanges).toEqual(["length", "special"]);
});

test("a host that cannot be written down safely is refused by name", async () => {
  expect(() => new OpenClawHost("bad", { ...ARGS, host: { ...HOST, directory: "opt" } })).toThrow(
    /host vps1: directory/,
  );
});

test("the first up says what depends on the state, and names the command that keeps a copy", async () => {
  await make("first", ARGS);
  const [hook, ...others] = options.get("first-guard")?.hooks?.afterCreate ?? [];
  if (!(hook instanceof pulumi.ResourceHook)) throw new Error("no hook after the creation");
  const info = jest.spyOn(pulumi.log, "info").mockResolvedValue();
  await hook.callback({} as pulumi.ResourceHookArgs);
  expect(info).toHaveBeenCalledWith(
    expect.stringContaining("npm run recovery-kit -- --stack dev --recipient"),
    expect.anything(),
  );
  info.mockRestore();
  expect(others).toEqual([]);
});

test("keys for a restore are in the guard's input alone", async () => {
  const { guard, apply } = await make("keys", { ...ARGS, restoreKeys: pulumi.secret("key\tshape\tNAME") });
  expect(fields(guard.inputs.stdin)).toMatchObject({ "restore-keys": "key\tshape\tNAME" });
  expect(fields(apply.inputs.stdin)).not.toHaveProperty("restore-keys");
  expect(isSecret(guard.inputs.stdin)).toBe(true);
});
