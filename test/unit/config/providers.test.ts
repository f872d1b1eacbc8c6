import { type ParsedConfig, parseConfig } from "../../../infra/config/parse";
import { formatPath } from "../../../infra/config/problems";
import { openclawPatch } from "../../../infra/host/openclaw-config";
import { KEYS, rawConfig } from "./raw-config";

function providers(entries: Record<string, unknown>, gateway: Record<string, unknown> = {}) {
  const result = parseConfig(rawConfig({ providers: entries, gateway }));
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.config.providers;
}

/** Paths and reasons of what is wrong. */
function problems(values: Record<string, unknown>): string[] {
  const result = parseConfig(rawConfig(values));
  const found = "problems" in result ? result.problems : [];
  return found.map(({ path, reason }) => `${formatPath(path)}: ${reason ?? ""}`.trim());
}

/** What the Worker is told of a provider. */
const entries = (list: ParsedConfig["providers"]) => list.map(({ entry }) => entry);

const GROQ_KEY = `gsk_${"a".repeat(40)}`;

test("a provider of the table needs its key alone; the Worker is told its slug", () => {
  const list = providers({ openai: { apiKey: KEYS.openai }, groq: { apiKey: GROQ_KEY } });
  expect(entries(list)).toEqual(["groq", "openai"]);
  expect(list[0]).toMatchObject({ apiKey: GROQ_KEY, provider: { name: "Groq" } });
});

test("a key stored at the gateway, unified billing and Workers AI need none", () => {
  const list = providers(
    { anthropic: { byokAlias: "team" }, openai: { unifiedBilling: true }, "workers-ai": {} },
    { byokOnly: false },
  );
  expect(entries(list)).toEqual([
    { slug: "anthropic", byokAlias: "team" },
    { slug: "openai", unifiedBilling: true },
    "workers-ai",
  ]);
  for (const { apiKey } of list) expect(apiKey).toBeUndefined();
});

describe("keyStore", () => {
  const apiKey = KEYS.openai;
  test.each([
    ["worker", { apiKey, keyStore: "worker" }, { apiKey, entry: "openai", servesRoutes: false }],
    [
      "gateway",
      { apiKey, keyStore: "gateway" },
      {
        storedKey: { alias: "default", value: apiKey },
        entry: { slug: "openai", byokAlias: "default" },
        servesRoutes: true,
      },
    ],
    [
      "gateway, under an alias",
      { apiKey, keyStore: "gateway", byokAlias: "team" },
      {
        storedKey: { alias: "team", value: apiKey },
        entry: { slug: "openai", byokAlias: "team" },
        servesRoutes: true,
      },
    ],
    [
      "both",
      { apiKey, keyStore: "both", byokAlias: "team" },
      { apiKey, storedKey: { alias: "team", value: apiKey }, entry: "openai", servesRoutes: true },
    ],
    [
      "a key that the operator stored",
      { byokAlias: "mine" },
      { entry: { slug: "openai", byokAlias: "mine" }, servesRoutes: true },
    ],
  ])("%s", (_, entry, expected) => {
    const [read] = providers({ openai: entry });
    expect(read).toEqual({ provider: expect.objectContaining({ slug: "openai" }), ...expected });
  });

  test("needs a key to store, and a provider that takes one", () => {
    expect(
      problems({
        providers: {
          anthropic: { keyStore: "gateway" },
          openai: { apiKey, keyStore: "elsewhere" },
          openrouter: { apiKey: KEYS.openrouter, keyStore: "both", unifiedBilling: true },
          "workers-ai": { keyStore: "both" },
        },
        gateway: { byokOnly: false },
      }),
    ).toEqual([
      "providers.anthropic.apiKey: is not set",
      "providers.openai.keyStore:",
      "providers.openrouter: has more than one of apiKey, byokAlias and unifiedBilling",
      "providers.workers-ai.keyStore: this provider takes no key",
    ]);
  });
});

test("OpenRouter's attribution is configured by name", () => {
  const attribution = { referer: "https://mine.example", title: "Mine" };
  const [entry] = entries(providers({ openrouter: { apiKey: KEYS.openrouter, attribution } }));
  const defaultHeaders = { "http-referer": "https://mine.example", "x-openrouter-title": "Mine" };
  expect(entry).toEqual({ slug: "openrouter", defaultHeaders });
});

test("a further provider is an entry alone: for the Worker and for OpenClaw", () => {
  const list = providers({
    "custom-mine": {
      apiKey: "any-key",
      routes: ["POST /v1/chat/completions", "GET /v1/models?limit"],
      requestHeaders: ["x-mine"],
      openclaw: { basePath: "/custom-mine/v1" },
      models: [{ id: "m", name: "M" }],
    },
  });
  expect(entries(list)).toEqual([
    {
      slug: "custom-mine",
      apiFamily: "openai",
      keyHeader: "authorization",
      pathPrefixes: [""],
      routes: ["POST /v1/chat/completions", "GET /v1/models?limit"],
      requestHeaders: ["x-mine"],
    },
  ]);
  const patch = openclawPatch({ providers: list.map(({ provider }) => provider) });
  expect(patch.models.providers["cf-custom-mine"]).toEqual({
    baseUrl: "$" + "{AI_GATEWAY_WORKER_URL}/custom-mine/v1",
    api: "openai-completions",
    apiKey: "$" + "{AI_GATEWAY_AUTH_TOKEN}",
    models: [{ id: "m", name: "M" }],
  });
});

test("OpenClaw gets models for a provider of which it has no catalog, the configured ones first", () => {
  const patchOf = (entry: object) =>
    openclawPatch({ providers: providers({ groq: entry }).map(({ provider }) => provider) }).models.providers;
  expect(patchOf({ apiKey: GROQ_KEY })["cf-groq"]?.models).toHaveLength(1);
  const models = [{ id: "x", name: "X" }];
  expect(patchOf({ apiKey: GROQ_KEY, models })["cf-groq"]?.models).toEqual(models);
});

test("everything that is wrong with providers is said at once", () => {
  expect(
    problems({
      providers: {
        anthropic: { apiKey: KEYS.openai },
        openai: {},
        openrouter: { apiKey: KEYS.openrouter, byokAlias: "a" },
        mistral: { unifiedBilling: true },
        groq: { apiKey: GROQ_KEY, attribution: { title: "x" } },
        deepseek: { apiKey: "short" },
        nobody: { apiKey: "x" },
        compat: { routes: ["POST /x"] },
      },
    }),
  ).toEqual([
    "providers.anthropic.apiKey: a key of OpenAI, not of Anthropic",
    "providers.openai.apiKey: is not set",
    "providers.openrouter: has more than one of apiKey, byokAlias and unifiedBilling",
    "providers.mistral.unifiedBilling: gateway.byokOnly forbids it; set that to false",
    "providers.groq.attribution: Groq takes none",
    "providers.deepseek.apiKey: no key of DeepSeek",
    "providers.nobody: 'nobody' is no provider that this project knows, and has no routes of its own",
    "providers.compat: 'compat' is no provider that this project knows, and has no routes of its own",
  ]);
});

test("a log-in token in the place of a key is told from a stranger's key", () => {
  const apiKey = `sk-ant-oat01-${"n".repeat(40)}`;
  expect(problems({ providers: { anthropic: { apiKey } } })).toContain(
    "providers.anthropic.apiKey: a log-in token of Anthropic, which its API does not take as a key",
  );
});

test.each([
  ["routes", ["DELETE /v1/x"]],
  ["routes", ["POST /v1/../x"]],
  ["routes", ["POST v1"]],
  ["requestHeaders", ["authorization"]],
  ["requestHeaders", ["cf-aig-metadata"]],
  ["requestHeaders", ["x-api-key"]],
  ["pathPrefixes", ["/.."]],
])("a further provider with %s %j is refused", (name, value) => {
  const entry = { apiKey: "k", routes: ["POST /chat/completions"], [name]: value };
  expect(problems({ providers: { "custom-mine": entry } })).toEqual([`providers.custom-mine.${name}[0]:`]);
});

test.each([
  [{ metadata: { host: "other" } }, /worker\.metadata\.host/],
  [{ metadata: { a: 1, b: 2, c: 3, d: 4, e: 5 } }, /more than four/],
  [{ metadata: { a: { b: 1 } } }, /worker\.metadata\.a/],
  [{ rateLimit: { limit: 5, period: 30 } }, /worker\.rateLimit\.period/],
  [{ maxBodyBytes: 0 }, /worker\.maxBodyBytes/],
])("worker as %j is refused", (worker, problem) => {
  expect(problems({ worker }).join("\n")).toMatch(problem);
});
