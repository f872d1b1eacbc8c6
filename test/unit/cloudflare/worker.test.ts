import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { createHostToken } from "../../../infra/cloudflare/host-tokens";
import { createWorkersSubdomain, ProxyWorker, type ProxyWorkerArgs } from "../../../infra/cloudflare/worker";
import { llmProvider } from "../../../infra/llm-providers";
import { OpenClawProvider } from "../../../infra/pulumi-provider/resources";
import { COMPATIBILITY_DATE } from "../../../infra/worker/bindings";
import { KEYS } from "../config/raw-config";
import { stackConfig } from "../config/stack-config";
import { dependencies, recordStack } from "../program/recorded-stack";

const ACCOUNT = "0123456789abcdef0123456789abcdef";

function enabled(slug: keyof typeof KEYS) {
  const provider = llmProvider(slug);
  if (provider === undefined) throw new Error(slug);
  return { provider, apiKey: pulumi.secret(KEYS[slug]), entry: slug };
}

function args(change: Partial<ProxyWorkerArgs> = {}): ProxyWorkerArgs {
  return {
    accountId: ACCOUNT,
    scriptName: "openclaw-test",
    gatewayId: "openclaw-test",
    gatewayUrl: "https://gateway.ai.cloudflare.com",
    providers: [enabled("openai"), enabled("google-ai-studio")],
    unifiedBilling: false,
    settings: {},
    runToken: pulumi.secret("the-run-token"),
    hostTokens: [],
    ...change,
  };
}

function record(change: Partial<ProxyWorkerArgs> = {}) {
  return recordStack(
    () => {
      const hostTokens = [createHostToken("vps2", 1), createHostToken("vps1", 2), createHostToken("vps1", 1)];
      const worker = new ProxyWorker("worker", args({ hostTokens, ...change }));
      return { address: worker.subdomain.id, tokens: hostTokens.map(({ value }) => value) };
    },
    { state: { "random:index/randomPassword:RandomPassword": { result: "R".repeat(48) } } },
  );
}

test("code, bindings and settings of the upload", async () => {
  const { inputs, qualifiedType, options } = (await record()).resource("worker-script");
  expect(qualifiedType).toBe(
    "openclaw-ai-gateway:cloudflare:ProxyWorker$cloudflare:index/workersScript:WorkersScript",
  );
  expect(options.additionalSecretOutputs).toEqual(["bindings"]);
  const { content, bindings, ...rest } = inputs;
  expect(content).toMatch(/export\s*\{/);
  expect(rest).toEqual({
    accountId: ACCOUNT,
    scriptName: "openclaw-test",
    mainModule: "worker.mjs",
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: ["global_fetch_strictly_public"],
    logpush: false,
    observability: { enabled: true },
  });
  const hash = createHash("sha256")
    .update(`ocg_${"R".repeat(48)}`)
    .digest("hex");
  const hashes = [
    ["vps1", 1],
    ["vps1", 2],
    ["vps2", 1],
  ].map(([host, generation]) => ({ host, generation, sha256: hash }));
  // Pulumi makes the whole property a secret when a part of it is one.
  expect(bindings).toEqual({
    secret: [
      { name: "ACCOUNT_ID", type: "plain_text", text: ACCOUNT },
      { name: "GATEWAY_ID", type: "plain_text", text: "openclaw-test" },
      { name: "GATEWAY_URL", type: "plain_text", text: "https://gateway.ai.cloudflare.com" },
      { name: "HOST_TOKENS", type: "secret_text", text: JSON.stringify(hashes) },
      { name: "KEY_GOOGLE_AI_STUDIO", type: "secret_text", text: KEYS["google-ai-studio"] },
      { name: "KEY_OPENAI", type: "secret_text", text: KEYS.openai },
      { name: "PROVIDERS", type: "plain_text", text: '["compat","google-ai-studio","openai"]' },
      { name: "RUN_TOKEN", type: "secret_text", text: "the-run-token" },
    ],
  });
});

test("limits, metadata and what pays for a provider are bindings too", async () => {
  const compat = { slug: "compat", unifiedBilling: true };
  const stored = { provider: enabled("anthropic").provider, entry: { slug: "anthropic", byokAlias: "team" } };
  const rateLimit = { limit: 120, period: 60 as const };
  const stack = await record({
    providers: [enabled("openai"), stored],
    unifiedBilling: true,
    settings: { rateLimit, maxBodyBytes: 1000, metadata: { team: "home" } },
  });
  const { bindings } = stack.resource("worker-script").inputs;
  const { secret: list } = bindings as { secret: { name: string; text?: string }[] };
  const textOf = (name: string) => JSON.parse(list.find((binding) => binding.name === name)?.text ?? "null");
  expect(textOf("PROVIDERS")).toEqual([stored.entry, compat, "openai"]);
  expect(textOf("SETTINGS")).toEqual({ maxBodyBytes: 1000, metadata: { team: "home" }, rateLimitPeriod: 60 });
  expect(list.map(({ name }) => name)).not.toContain("KEY_ANTHROPIC");
  expect(list.find(({ name }) => name === "HOST_RATE_LIMIT")).toEqual({
    name: "HOST_RATE_LIMIT",
    type: "ratelimit",
    namespaceId: expect.stringMatching(/^\d{1,10}$/),
    simple: rateLimit,
  });
});

test("it is served at its address, and no version of it at a preview address", async () => {
  const stack = await record();
  const { inputs, qualifiedType } = stack.resource("worker-address");
  expect(qualifiedType).toMatch(
    /ProxyWorker\$cloudflare:index\/workersScriptSubdomain:WorkersScriptSubdomain$/,
  );
  expect(inputs).toEqual({
    accountId: ACCOUNT,
    scriptName: "openclaw-test",
    enabled: true,
    previewsEnabled: false,
  });
  expect(await dependencies(stack.resource("worker-address"))).toEqual([]);
});

test("with a domain it is served there, and no longer at workers.dev", async () => {
  const stack = await record({ settings: { domain: "ai.example.com", zoneName: "example.com" } });
  expect(stack.resource("worker-address").inputs).toMatchObject({ enabled: false, previewsEnabled: false });
  const { inputs, qualifiedType } = stack.resource("worker-domain");
  expect(qualifiedType).toMatch(/ProxyWorker\$cloudflare:index\/workersCustomDomain:WorkersCustomDomain$/);
  expect(inputs).toEqual({
    accountId: ACCOUNT,
    hostname: "ai.example.com",
    service: "openclaw-test",
    zoneName: "example.com",
  });
});

test("a workers.dev subdomain that is to be made comes before the address", async () => {
  const stack = await recordStack(
    () => {
      const config = stackConfig({ worker: { createSubdomain: "acme" } });
      const provider = new OpenClawProvider("openclaw", {});
      const workersSubdomain = createWorkersSubdomain("subdomain", config, provider);
      const worker = new ProxyWorker("worker", { ...args(), workersSubdomain });
      return { id: worker.subdomain.id };
    },
    { state: { "random:index/randomPassword:RandomPassword": { result: "R".repeat(48) } } },
  );
  expect(stack.resource("subdomain").inputs).toEqual({ accountId: ACCOUNT, wanted: "acme" });
  expect(await dependencies(stack.resource("worker-address"))).toEqual(["subdomain"]);
});

test("a host's token is a secret, with a prefix of its own, one per generation", async () => {
  const stack = await record();
  expect(stack.resource("host-token-vps1-2").inputs).toEqual({ length: 48, special: false });
  expect(stack.outputs.tokens).toEqual(Array(3).fill(`ocg_${"R".repeat(48)}`));
  expect(await stack.isSecret("tokens")).toBe(true);
});
