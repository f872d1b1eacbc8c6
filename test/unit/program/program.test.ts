import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import program from "../../../infra/index";
import { HOST, KEYS } from "../config/raw-config";
import { ACCOUNT, ALL_IS_WELL, type FakeApi, startFakeApi } from "../preflight/fake-api";
import { dependencies, type RecordedStack, recordStack } from "../program/recorded-stack";

/** The whole program under Pulumi's mocks: what it registers, in which order, and what it returns. */

const key = (name: string) => `openclaw-ai-gateway:${name}`;

let api: FakeApi;

const allIsWell = () => ({ ...ALL_IS_WELL, [`/accounts/${ACCOUNT}/tokens/t1`]: EVERYTHING });

beforeAll(async () => {
  api = await startFakeApi();
  api.answers = allIsWell();
});

afterAll(() => api.close());

afterEach(() => {
  api.answers = allIsWell();
});

/** The deploying token may read its own policies, which allow all that is needed. */
const EVERYTHING = {
  result: {
    policies: [
      {
        effect: "allow",
        permission_groups: [
          "AI Gateway Write",
          "Workers Scripts Write",
          "Account API Tokens Write",
          "Secrets Store Write",
        ].map((name) => ({ name })),
      },
    ],
  },
};

function configure(values: Record<string, unknown> = {}) {
  const config = {
    accountId: ACCOUNT,
    worker: { url: "https://ai.example.com" },
    providers: { anthropic: { apiKey: KEYS.anthropic } },
    hosts: [{ ...HOST, look: false }],
    ...values,
  };
  const entries = Object.entries(config).map(([name, value]) => [
    key(name),
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({
    ...Object.fromEntries(entries),
    "cloudflare:apiToken": "t".repeat(40),
    "cloudflare:baseUrl": api.baseUrl,
  });
}

function run({ untried = "" } = {}): Promise<RecordedStack> {
  return recordStack(program, {
    state: {
      "cloudflare:index/accountToken:AccountToken": { value: "the-run-token" },
      "random:index/randomPassword:RandomPassword": { result: "R".repeat(48) },
      "openclaw:index:GatewayClaim": { existing: false, retained: false },
      "openclaw:index:ProviderKeyTrial": { untried },
    },
    call: (_, inputs) => ({ results: [{ id: `id of ${String(inputs.name)}`, name: inputs.name }] }),
  });
}

describe("with one host", () => {
  let stack: RecordedStack;

  beforeAll(async () => {
    configure();
    stack = await run();
  });

  test("everything at Cloudflare, and the host", () => {
    expect(stack.resources.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining([
        "gateway",
        "gateway-claim",
        "host-token-vps1-1",
        "host-vps1",
        "openclaw",
        "provider-key-anthropic",
        "route-main",
        "run",
        "run-token",
        "run-token-drain",
        "run-token-trial",
        "worker",
        "worker-address",
        "worker-script",
      ]),
    );
  });

  test("the route belongs to the gateway that was made", () => {
    expect(stack.resource("route-main")).toMatchObject({
      type: "openclaw:index:DynamicRoute",
      inputs: { accountId: ACCOUNT, gatewayId: "gateway-id", name: "main", adopt: false },
    });
  });

  test("the own provider has the deploying token as a secret", () => {
    expect(stack.resource("openclaw").inputs).toEqual({
      apiToken: { secret: "t".repeat(40) },
      baseUrl: api.baseUrl,
    });
  });

  test("the host waits for everything at Cloudflare, so that destroy restores it first", async () => {
    const guard = stack.resources.find(({ name }) => name === "host-vps1-guard");
    if (guard === undefined) throw new Error("no guard");
    const names = await dependencies(guard);
    expect(names).toEqual(
      expect.arrayContaining([
        "gateway",
        "route-main",
        "run-token-trial",
        "worker",
        "provider-key-anthropic",
      ]),
    );
  });

  test("the outputs", async () => {
    expect(stack.outputs).toMatchObject({
      workerUrl: "https://ai.example.com",
      gatewayId: "gateway-id",
      gatewayUrl: `https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/gateway-id`,
      routeModel: "dynamic/main",
      routeModels: { main: "dynamic/main" },
      openclawEnv: {
        vps1: {
          AI_GATEWAY_WORKER_URL: "https://ai.example.com",
          AI_GATEWAY_AUTH_TOKEN: `ocg_${"R".repeat(48)}`,
        },
      },
      hosts: { vps1: { address: HOST.address, directory: HOST.directory, service: "openclaw-gateway" } },
      readme: expect.stringContaining("the proxy Worker at **https://ai.example.com**"),
    });
    expect(await stack.isSecret("openclawEnv")).toBe(true);
    for (const name of [
      "workerUrl",
      "gatewayId",
      "gatewayUrl",
      "routeModel",
      "routeModels",
      "openclawConfig",
      "hosts",
      "readme",
    ]) {
      expect([name, await stack.isSecret(name)]).toEqual([name, false]);
    }
  });

  test("OpenClaw's configuration holds no secret, and its own choice of model is left alone", () => {
    const config = JSON.stringify(stack.outputs.openclawConfig);
    expect(config).toContain("AI_GATEWAY_WORKER_URL}/anthropic");
    expect(config).toContain("dynamic/main");
    expect(config).not.toContain("primary");
    expect(config).not.toMatch(/ocg_|sk-ant/);
  });

  test("no secret stands in clear in any input", () => {
    const clear = JSON.stringify(
      stack.resources.map(({ inputs }) => inputs),
      (name, value) => (name === "secret" ? undefined : value),
    );
    for (const secret of [KEYS.anthropic, "the-run-token", "t".repeat(40), "PRIVATE KEY"]) {
      expect(clear).not.toContain(secret);
    }
  });
});

describe("with access: direct", () => {
  const direct = { access: "direct", providers: { anthropic: {}, openai: true } };
  /** As the configuration has it: hosts are looked at before there is a gateway. */
  const configured = `https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/openclaw-test`;
  let stack: RecordedStack;

  beforeAll(async () => {
    configure({ ...direct, worker: {} });
    stack = await run();
  });

  test("there is no Worker, no address of one, and no token of a host", () => {
    const names = stack.resources.map(({ name }) => name);
    expect(names.filter((name) => /worker|host-token/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(["gateway", "route-main", "run-token", "run-token-trial"]));
  });

  test("the run token is another one than the Worker's, and goes when no host uses it any more", async () => {
    expect(stack.resource("run-token").inputs.name).toBe("openclaw-test direct");
    expect(await dependencies(stack.resource("run-token-drain"))).toEqual(["host-vps1-apply"]);
  });

  test("the host waits for gateway, route and an accepted token", async () => {
    const names = await dependencies(stack.resource("host-vps1-guard"));
    expect(names.sort()).toEqual(["gateway", "route-main", "run-token-trial"]);
  });

  test("the outputs: no Worker, the run token for the host as a secret, no key", async () => {
    const { outputs } = stack;
    const gatewayUrl = `https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/gateway-id`;
    expect(outputs).not.toHaveProperty("workerUrl");
    expect(outputs).toMatchObject({
      gatewayUrl,
      openclawEnv: { vps1: { CLOUDFLARE_AIG_TOKEN: "the-run-token" } },
      hosts: { vps1: { address: HOST.address, directory: HOST.directory, service: "openclaw-gateway" } },
      readme: expect.not.stringContaining("outputs.workerUrl"),
    });
    expect(await stack.isSecret("openclawEnv")).toBe(true);
    expect(await stack.isSecret("openclawConfig")).toBe(false);
    const config = JSON.stringify(outputs.openclawConfig);
    expect(config).toContain(`${configured}/anthropic`);
    expect(config).not.toMatch(/the-run-token|vps1/);
  });

  test("what the host is told: the access, the gateway and the token, and no Worker", () => {
    const stdin = stack.resource("host-vps1-apply").inputs.stdin as { secret: string };
    const lines = stdin.secret.split("\n").map((line) => line.split(" "));
    const field = (name: string) =>
      Buffer.from(lines.find(([key]) => key === name)?.[1] ?? "", "base64").toString();
    expect(field("access")).toBe("direct");
    expect(field("gateway-url")).toBe(configured);
    expect(field("token")).toBe("the-run-token");
    expect(field("worker-url")).toBe("");
    expect(field("patch")).toContain('{\\"host\\":\\"vps1\\"}');
  });

  test("the deploying token needs no permission for Workers, and the account no workers.dev name", async () => {
    api.answers = {
      ...allIsWell(),
      [`/accounts/${ACCOUNT}/workers/subdomain`]: {
        status: 403,
        code: 10000,
        message: "Authentication error",
      },
    };
    configure({ ...direct, worker: {}, hosts: [] });
    await expect(run()).resolves.toBeDefined();
  });

  test("settings that only the Worker uses are named in a warning", async () => {
    configure({ ...direct, hosts: [], worker: { rateLimit: { limit: 5 } } });
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    await run();
    expect(warn).toHaveBeenCalledWith("access is direct, so these settings have no effect: worker.rateLimit");
    warn.mockRestore();
  });
});

test("a stack without hosts is the part at Cloudflare alone", async () => {
  configure({ hosts: [] });
  const { resources, outputs } = await run();
  expect(resources.filter(({ name }) => name.startsWith("host-"))).toEqual([]);
  expect(outputs).toMatchObject({ hosts: {}, openclawEnv: {} });
});

test("keys are tried through the gateway, with the token that it has accepted", async () => {
  configure({ hosts: [] });
  const trial = (await run()).resource("provider-key-anthropic");
  expect(trial.type).toBe("openclaw:index:ProviderKeyTrial");
  expect(trial.inputs).toEqual({
    gatewayUrl: `https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/gateway-id`,
    runToken: { secret: "the-run-token" },
    slug: "anthropic",
    apiKey: { secret: KEYS.anthropic },
  });
});

test("the trial of keys can be switched off", async () => {
  configure({ hosts: [], preflight: { providerKeys: false } });
  const { resources } = await run();
  expect(resources.filter(({ name }) => name.startsWith("provider-key-"))).toEqual([]);
});

test("a key that could not be tried is a warning", async () => {
  configure({ hosts: [] });
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  await run({ untried: "Anthropic answered with HTTP 503" });
  expect(warn).toHaveBeenCalledWith(
    "Anthropic's key could not be tried: Anthropic answered with HTTP 503",
    expect.anything(),
  );
  warn.mockRestore();
});

test("a custom domain is the address that hosts are given", async () => {
  configure({ worker: { domain: "ai.example.com" }, hosts: [] });
  const stack = await run();
  expect(stack.outputs.workerUrl).toBe("https://ai.example.com");
  expect(stack.resource("worker-domain").inputs.hostname).toBe("ai.example.com");
});

test("a primary model is what OpenClaw is told to use", async () => {
  configure({ openclaw: { primaryModel: "anthropic/claude-sonnet-4-6" }, hosts: [] });
  expect((await run()).outputs.openclawConfig).toMatchObject({
    agents: { defaults: { model: { primary: "anthropic/claude-sonnet-4-6" } } },
  });
});

test("legacy environment: nothing for openclaw.json, and a warning that names who would get the host token", async () => {
  configure({ openclaw: { env: "legacy" } });
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  expect((await run()).outputs.openclawConfig).toEqual({});
  expect(warn).toHaveBeenCalledWith(
    expect.stringMatching(/host token to api\.anthropic\.com, .*openrouter\.ai/),
  );
  warn.mockRestore();
});

test("a key stored at the gateway: first its secret, then the gateway, the config, and what uses it", async () => {
  configure({
    hosts: [],
    providers: { anthropic: { apiKey: KEYS.anthropic, keyStore: "gateway" } },
    routes: { main: { model: "anthropic/claude-sonnet-4-6" }, other: {} },
  });
  const stack = await run();
  expect(stack.resource("gateway").inputs).toMatchObject({ storeId: "key-store-id" });
  expect(await dependencies(stack.resource("gateway"))).toEqual(["gateway-claim", "key"]);
  expect(await dependencies(stack.resource("route-main"))).toEqual(["stored-key-anthropic"]);
  expect(await dependencies(stack.resource("route-other"))).toEqual([]);
  expect(await dependencies(stack.resource("worker"))).toEqual(["stored-key-anthropic"]);
  const bindings = JSON.stringify(stack.resource("worker-script").inputs.bindings);
  expect(bindings).toContain("PROVIDERS");
  expect(bindings).not.toContain("KEY_ANTHROPIC");
  expect(stack.outputs.routeModels).toEqual({ main: "dynamic/main", other: "dynamic/other" });
});

test("without one, the gateway has no store", async () => {
  configure({ hosts: [] });
  expect((await run()).resource("gateway").inputs).not.toHaveProperty("storeId");
});

describe("what ends the run before any resource", () => {
  let server: Server;

  afterEach(() => server?.close());

  test("a wrong configuration", async () => {
    configure({ accountId: "" });
    await expect(program()).rejects.toThrow("accountId: not set");
  });

  test("a deploying token that lacks a permission", async () => {
    api.answers[`/accounts/${ACCOUNT}/tokens/t1`] = { result: { policies: [] } };
    configure();
    await expect(program()).rejects.toThrow(/lacks permissions.*\n.*AI Gateway Write/);
  });

  test("an account without an address for the Worker", async () => {
    api.answers[`/accounts/${ACCOUNT}/workers/subdomain`] = { status: 404, code: 10007 };
    configure({ worker: {} });
    await expect(program()).rejects.toThrow(/has no workers\.dev subdomain/);
  });

  test("a host that presents another key than the pinned one", async () => {
    const { Server: SshServer } = require("ssh2") as typeof import("ssh2");
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const ssh = new SshServer({ hostKeys: [privateKey] }, (client) => client.on("error", () => {}));
    await new Promise<void>((resolve) => ssh.listen(0, "127.0.0.1", resolve));
    const { port } = ssh.address() as { port: number };
    configure({ hosts: [{ ...HOST, address: "127.0.0.1", port }] });
    await expect(program()).rejects.toThrow(/another host key than the pinned one/);
    ssh.close();
  });

  test("a host that cannot be reached does not", async () => {
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    configure({ hosts: [{ ...HOST, address: "127.0.0.1", port }] });
    const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
    const { resources } = await run();
    expect(resources.map(({ name }) => name)).toContain("host-vps1");
    expect(log).toHaveBeenCalledWith(expect.stringContaining("host vps1: cannot be looked at"));
    log.mockRestore();
  });
});
