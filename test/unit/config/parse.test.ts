import { oneModelRoute } from "../../../infra/cloudflare/route";
import { type ParsedConfig, parseConfig, type RawConfig } from "../../../infra/config/parse";
import { type ConfigProblem, formatPath } from "../../../infra/config/problems";
import { HOST, KEYS, rawConfig } from "./raw-config";

function parsed(raw: RawConfig): ParsedConfig {
  const result = parseConfig(raw);
  if ("problems" in result) throw new Error(paths(result.problems).join(", "));
  return result.config;
}

function problems(raw: RawConfig): ConfigProblem[] {
  const result = parseConfig(raw);
  return "problems" in result ? result.problems : [];
}

const RULE = { id: "month", limit: 50, window: 2_592_000 };
const POLICY = { id: "keys", action: "FLAG", checks: ["REQUEST"], profiles: ["p"] };

const paths = (list: readonly ConfigProblem[]) => list.map(({ path }) => formatPath(path));

describe("what is right", () => {
  test("account and token are enough; everything else has a default", () => {
    expect(parsed(rawConfig())).toEqual({
      access: "worker",
      unused: [],
      accountId: "0123456789abcdef0123456789abcdef",
      baseUrl: undefined,
      gateway: {
        id: "openclaw-test",
        url: "https://gateway.ai.cloudflare.com",
        adopt: false,
        protect: false,
        authentication: true,
        byokOnly: true,
        cacheInvalidateOnUpdate: true,
        cacheTtl: 0,
        collectLogs: true,
        logClassification: false,
        logManagement: 100_000,
        logManagementStrategy: "DELETE_OLDEST",
        logpush: false,
        otels: [],
        rateLimit: { limit: 0, interval: 0, technique: "sliding" },
        spendLimits: { enabled: false, rules: [] },
        workersAiBillingMode: "postpaid",
        zdr: false,
      },
      runToken: { drainSeconds: 60 },
      preflight: { providerKeys: true },
      restore: { keys: "original" },
      worker: { name: "openclaw-test", url: undefined },
      providers: [],
      routes: [
        { key: "main", name: "main", adopt: false, elements: oneModelRoute("@cf/zai-org/glm-4.7-flash") },
      ],
      openclaw: { env: "config", fallbacks: [], models: [], acceptUnserved: [] },
      hosts: [],
    });
  });

  test("the names of a stack's objects are its own", () => {
    expect(parsed(rawConfig({}, { stack: "Team_A.prod" })).gateway.id).toBe("openclaw-team-a-prod");
    const { gateway, worker } = parsed(rawConfig({}, { project: "home-claw", stack: "dev" }));
    expect([gateway.id, worker.name]).toEqual(["home-claw-dev", "home-claw-dev"]);
  });

  test.each([
    ["2999-01-31T00:00:00Z", "2999-01-31T00:00:00Z"],
    ["2999-01-31T02:00:00+02:00", "2999-01-31T02:00:00+02:00"],
    // What Pulumi makes of a time without quotes in YAML.
    ["2999-01-31 00:00:00 +0000 UTC", "2999-01-31T00:00:00Z"],
    ["2999-01-31 02:00:00 +0200 +0200", "2999-01-31T02:00:00+02:00"],
  ])("%s is a time", (written, expiresOn) => {
    expect(parsed(rawConfig({ runToken: { expiresOn: written } })).runToken.expiresOn).toBe(expiresOn);
  });

  test("providers come in the order of their slugs", () => {
    const providers = Object.fromEntries(Object.entries(KEYS).map(([slug, apiKey]) => [slug, { apiKey }]));
    const { providers: read } = parsed(rawConfig({ providers }));
    expect(read.map(({ provider }) => provider.slug)).toEqual([
      "anthropic",
      "google-ai-studio",
      "openai",
      "openrouter",
    ]);
    expect(read[0]?.apiKey).toBe(KEYS.anthropic);
  });

  test("a host with its defaults; a comment behind its key is dropped", () => {
    const { hosts } = parsed(rawConfig({ hosts: [{ ...HOST, hostKey: `${HOST.hostKey} root@vps1` }] }));
    expect(hosts[0]).toMatchObject({
      hostKey: HOST.hostKey,
      port: 22,
      user: "root",
      service: "openclaw-gateway",
      look: true,
    });
  });

  test.each(["http://127.0.0.1:8781", "http://localhost:1/", "http://[::1]:2", "https://ai.example.com/"])(
    "%s is an address",
    (url) => {
      expect(parsed(rawConfig({ gateway: { url } })).gateway.url).toBe(url.replace(/\/$/, ""));
    },
  );

  test.each(["cloudflare-compat/dynamic/main", "openai/gpt-5.4"])(
    "%s goes through the gateway",
    (primaryModel) => {
      const values = { openclaw: { primaryModel }, providers: { openai: { apiKey: KEYS.openai } } };
      expect(parsed(rawConfig(values)).openclaw.primaryModel).toBe(primaryModel);
    },
  );

  test("a graph in place of a model", () => {
    const graph = [
      { id: "start", type: "start", outputs: { next: { elementId: "end" } } },
      { id: "end", type: "end" },
    ];
    const [route] = parsed(rawConfig({ routes: { r: { graph } } })).routes;
    expect(route).toMatchObject({ key: "r", name: "r" });
    expect(route.elements).toHaveLength(2);
  });
});

describe("what is wrong, and where", () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ["no account", { accountId: "" }, ["accountId"]],
    ["an account id in capitals", { accountId: "0123456789ABCDEF0123456789ABCDEF" }, ["accountId"]],
    ["an unknown key", { gatway: {} }, ["gatway"]],
    ["a key that every object has", { constructor: {} }, ["constructor"]],
    ["an unknown setting", { gateway: { cachettl: 1 } }, ["gateway.cachettl"]],
    ["a gateway for everyone", { gateway: { authentication: false } }, ["gateway.authentication"]],
    ["a limit without interval", { gateway: { rateLimit: { limit: 1 } } }, ["gateway.rateLimit.interval"]],
    [
      "two spend limits of one id",
      { gateway: { spendLimits: { rules: [RULE, RULE] } } },
      ["gateway.spendLimits.rules[1].id"],
    ],
    [
      "a spend limit without id",
      { gateway: { spendLimits: { rules: [{ ...RULE, id: undefined }] } } },
      ["gateway.spendLimits.rules[0].id"],
    ],
    [
      "an unknown category",
      { gateway: { guardrails: { prompt: { s14: "FLAG" } } } },
      ["gateway.guardrails.prompt.s14"],
    ],
    [
      "a category that is neither",
      { gateway: { guardrails: { response: { s1: "OFF" } } } },
      ["gateway.guardrails.response.s1"],
    ],
    ["DLP of nothing", { gateway: { dlp: {} } }, ["gateway.dlp"]],
    ["half of a DLP action", { gateway: { dlp: { action: "FLAG" } } }, ["gateway.dlp"]],
    [
      "both kinds of DLP",
      { gateway: { dlp: { action: "FLAG", profiles: ["p"], policies: [POLICY] } } },
      ["gateway.dlp"],
    ],
    ["a log key for no export", { gateway: { logpushPublicKey: "k" } }, ["gateway.logpushPublicKey"]],
    ["no retry", { gateway: { retries: { maxAttempts: 0 } } }, ["gateway.retries.maxAttempts"]],
    [
      "a receiver in the clear",
      { gateway: { otels: [{ url: "http://otel.example.com" }] } },
      ["gateway.otels[0].url"],
    ],
    ["a token that has expired", { runToken: { expiresOn: "2020-01-01T00:00:00Z" } }, ["runToken.expiresOn"]],
    ["a day for an instant", { runToken: { expiresOn: "2999-01-01" } }, ["runToken.expiresOn"]],
    [
      "a rotation of one's own token",
      { runToken: { value: "v".repeat(40), rotation: "a" } },
      ["runToken.rotation"],
    ],
    ["a zone without a domain", { worker: { zoneName: "example.com" } }, ["worker.zoneName"]],
    [
      "a zone named twice",
      { worker: { domain: "a.example.com", zoneName: "example.com", zoneId: "a".repeat(32) } },
      ["worker.zoneName"],
    ],
    ["an address for a domain", { worker: { domain: "https://a.example.com" } }, ["worker.domain"]],
    [
      "workers.dev beside a domain",
      { worker: { domain: "a.example.com", createSubdomain: "acme" } },
      ["worker.createSubdomain"],
    ],
    ["plain http", { gateway: { url: "http://example.com" } }, ["gateway.url"]],
    [
      "http to a name that only begins like loopback",
      { gateway: { url: "http://127.0.0.1.example.com" } },
      ["gateway.url"],
    ],
    ["a path", { worker: { url: "https://example.com/a" } }, ["worker.url"]],
    ["a user in an address", { worker: { url: "https://user@example.com" } }, ["worker.url"]],
    ["no address at all", { worker: { url: "example" } }, ["worker.url"]],
    ["a text for an object", { providers: "x" }, ["providers"]],
    ["an unknown provider", { providers: { opnai: { apiKey: KEYS.openai } } }, ["providers.opnai"]],
    ["a key beside its object", { providers: { openai: KEYS.openai } }, ["providers.openai"]],
    [
      "another vendor's key",
      { providers: { openai: { apiKey: KEYS.anthropic } } },
      ["providers.openai.apiKey"],
    ],
    ["no key", { providers: { openai: {} } }, ["providers.openai.apiKey"]],
    ["a model of no provider", { routes: { main: { model: "gpt-5" } } }, ["routes.main.model"]],
    ["model and graph", { routes: { main: { model: "@cf/x", graph: [] } } }, ["routes.main"]],
    [
      "a primary model past the gateway",
      { openclaw: { primaryModel: "xai/grok" } },
      ["openclaw.primaryModel"],
    ],
    ["a host of no name", { hosts: [{ ...HOST, name: undefined }] }, ["hosts[0].name"]],
    ["two hosts of one name", { hosts: [HOST, { ...HOST, directory: "/srv/two" }] }, ["hosts[1].name"]],
    ["two hosts in one directory", { hosts: [HOST, { ...HOST, name: "two" }] }, ["hosts[1].directory"]],
    ["a window that is none", { hosts: [{ ...HOST, window: "2-4" }] }, ["hosts[0].window"]],
    ["a window that never opens", { hosts: [{ ...HOST, window: "02:00-02:00" }] }, ["hosts[0].window"]],
    ["fallbacks without a first model", { openclaw: { fallbacks: ["xai/grok"] } }, ["openclaw.fallbacks"]],
    [
      "models of no provider",
      { openclaw: { models: [{ ref: "xai/grok", name: "Grok" }] } },
      ["openclaw.models[0].ref"],
    ],
    ["a path for a key", { hosts: [{ ...HOST, privateKey: "~/.ssh/id" }] }, ["hosts[0].privateKey"]],
    ["a fingerprint for a host key", { hosts: [{ ...HOST, hostKey: "SHA256:abc" }] }, ["hosts[0].hostKey"]],
    ["a relative directory", { hosts: [{ ...HOST, directory: "openclaw" }] }, ["hosts[0].directory"]],
  ])("%s", (_, values, expected) => {
    expect(paths(problems(rawConfig(values)))).toEqual(expected);
  });

  test.each([
    [{ runToken: { value: "v".repeat(40), rotation: "a" } }, "runToken.rotation"],
    [{ worker: { domain: "a.example.com", createSubdomain: "acme" } }, "worker.createSubdomain"],
  ])("what another key rules out is to be removed: %j", (values, path) => {
    expect(problems(rawConfig(values))).toEqual([
      expect.objectContaining({ fix: `pulumi config rm --path '${path}'` }),
    ]);
  });

  test("the problems of a graph lead into it", () => {
    const graph = [
      { id: "start", type: "start", outputs: { next: { elementId: "big" } } },
      {
        id: "big",
        type: "model",
        properties: { provider: "openai", model: "gpt-5" },
        outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
      },
      { id: "end", type: "end" },
    ];
    const [problem] = problems(rawConfig({ routes: { main: { graph } } }));
    expect(problem).toMatchObject({
      path: ["routes", "main", "graph", 1, "properties", "provider"],
      found: "openai",
      reason: expect.stringContaining("'big' needs a key of 'openai'"),
    });
  });

  test.each([
    ["no token", { apiToken: undefined }, "cloudflare:apiToken"],
    ["a token of a wrong form", { apiToken: "short" }, "cloudflare:apiToken"],
    ["an API address in plain http", { baseUrl: "http://example.com" }, "cloudflare:baseUrl"],
  ])("%s", (_, rest, path) => {
    expect(paths(problems(rawConfig({}, rest)))).toEqual([path]);
  });

  test("a stack whose name makes no name for a gateway is told to choose one", () => {
    const found = problems(rawConfig({}, { stack: "x".repeat(70) }));
    expect(paths(found)).toEqual(["gateway.id", "worker.name"]);
  });

  test("all of it at once", () => {
    const values = { accountId: "", gateway: { cacheTtl: -1, zdr: "no" }, hosts: [{ ...HOST, port: 0 }] };
    expect(paths(problems(rawConfig(values, { apiToken: undefined })))).toEqual([
      "accountId",
      "gateway.cacheTtl",
      "gateway.zdr",
      "hosts[0].port",
      "cloudflare:apiToken",
    ]);
  });
});
