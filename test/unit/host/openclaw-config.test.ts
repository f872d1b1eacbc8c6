import { openclawPatch, providerIds, routeModelRef } from "../../../infra/host/openclaw-config";
import { LLM_PROVIDERS, type LlmProvider } from "../../../infra/llm-providers";

/** A provider of the table, with what OpenClaw has to be told about it replaced. */
function providerWith(openclaw: LlmProvider["openclaw"]): LlmProvider {
  const [provider] = LLM_PROVIDERS;
  if (!provider) throw new Error("the provider table is empty");
  return { ...provider, openclaw };
}

const anthropic = providerWith({ providerId: "anthropic", basePath: "/anthropic" });
const google = providerWith({
  providerId: "google",
  api: "google-generative-ai",
  basePath: "/google-ai-studio/v1beta",
});

test("one entry per enabled provider, with the references that OpenClaw fills in", () => {
  expect(openclawPatch({ providers: [anthropic, google] })).toEqual({
    models: {
      mode: "merge",
      providers: {
        anthropic: {
          baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/anthropic`,
          apiKey: reference("AI_GATEWAY_AUTH_TOKEN"),
          models: [],
        },
        google: {
          baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/google-ai-studio/v1beta`,
          api: "google-generative-ai",
          apiKey: reference("AI_GATEWAY_AUTH_TOKEN"),
          models: [],
        },
      },
    },
    auth: { order: { anthropic: [], google: [] } },
  });
});

describe("for hosts that call the gateway themselves", () => {
  const gatewayUrl = "https://gateway.ai.cloudflare.com/v1/account/gateway";
  const { models, auth } = openclawPatch({
    providers: LLM_PROVIDERS,
    routes: [{ name: "support" }],
    models: [{ ref: "cloudflare-compat/workers-ai/@cf/a/b", name: "B" }],
    direct: { gatewayUrl, host: "vps1" },
  });
  const headers = {
    "cf-aig-authorization": `Bearer ${reference("CLOUDFLARE_AIG_TOKEN")}`,
    "cf-aig-metadata": '{"host":"vps1"}',
  };

  test("a provider that OpenClaw knows: the address and headers alone; it finds the key where the host has it", () => {
    expect(models.providers.anthropic).toEqual({
      baseUrl: `${gatewayUrl}/anthropic`,
      api: "anthropic-messages",
      headers,
      models: [],
    });
    expect(auth).toBeUndefined();
  });

  test("OpenRouter also gets the attribution that OpenClaw sends to openrouter.ai alone", () => {
    expect(models.providers.openrouter).toEqual({
      baseUrl: `${gatewayUrl}/openrouter/v1`,
      headers: { "http-referer": "https://openclaw.ai", "x-openrouter-title": "OpenClaw", ...headers },
      models: [],
    });
  });

  test("a provider under an id of this project's names the variable of the host's key", () => {
    expect(models.providers["cf-groq"]).toMatchObject({
      baseUrl: `${gatewayUrl}/groq`,
      apiKey: reference("GROQ_API_KEY"),
    });
  });

  test("dynamic routes and Workers AI take the run token as their key", () => {
    expect(models.providers["cloudflare-compat"]).toEqual({
      baseUrl: `${gatewayUrl}/compat`,
      api: "openai-completions",
      apiKey: reference("CLOUDFLARE_AIG_TOKEN"),
      headers,
      models: [
        { id: "dynamic/support", name: "Dynamic route support" },
        { id: "workers-ai/@cf/a/b", name: "B" },
      ],
    });
    expect(models.providers["cf-workers-ai"]?.apiKey).toBe(reference("CLOUDFLARE_AIG_TOKEN"));
  });

  test("the run token goes to nobody but Cloudflare", () => {
    const others = Object.entries(models.providers).filter(([, { apiKey }]) => apiKey?.includes("AIG"));
    expect(others.map(([id]) => id).sort()).toEqual(["cf-workers-ai", "cloudflare-compat"]);
  });

  test("the address is the one that the gateway takes, with or without /v1", () => {
    const bases = Object.entries(models.providers).map(([id, { baseUrl }]) => [
      id,
      baseUrl.slice(gatewayUrl.length),
    ]);
    expect(Object.fromEntries(bases)).toMatchObject({
      openai: "/openai",
      xai: "/grok/v1",
      google: "/google-ai-studio/v1beta",
      "cf-cerebras": "/cerebras",
      "cf-mistral": "/mistral/v1",
      "cf-cohere": "/cohere/compatibility/v1",
      "cf-workers-ai": "/workers-ai/v1",
    });
  });
});

test("each model of a provider says where its API is not like OpenAI's", () => {
  const modelCompat = { maxTokensField: "max_tokens" as const };
  const models = [
    { id: "a", name: "A" },
    { id: "b", name: "B" },
  ];
  const strict = providerWith({ providerId: "cf-strict", basePath: "/strict", models, modelCompat });
  expect(openclawPatch({ providers: [strict] }).models.providers["cf-strict"]?.models).toEqual([
    { id: "a", name: "A", compat: modelCompat },
    { id: "b", name: "B", compat: modelCompat },
  ]);
});

test("the route and configured models with their settings, the primary model and its fallbacks", () => {
  const route = "cloudflare-compat/dynamic/support";
  const patch = openclawPatch({
    providers: [anthropic],
    routes: [{ name: "support" }],
    models: [
      { ref: route, name: "Support", contextWindow: 256000, input: ["text", "image"] },
      { ref: "cloudflare-compat/workers-ai/@cf/a/b", name: "B", maxTokens: 100 },
      { ref: "anthropic/claude-x", name: "X" },
    ],
    primaryModel: routeModelRef("support"),
    fallbacks: ["anthropic/claude-x"],
  });
  expect(patch.models.providers["cloudflare-compat"]).toEqual({
    baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/compat`,
    api: "openai-completions",
    apiKey: reference("AI_GATEWAY_AUTH_TOKEN"),
    models: [
      { id: "dynamic/support", name: "Support", contextWindow: 256000, input: ["text", "image"] },
      { id: "workers-ai/@cf/a/b", name: "B", maxTokens: 100 },
    ],
  });
  expect(patch.models.providers.anthropic?.models).toEqual([{ id: "claude-x", name: "X" }]);
  expect(patch.auth?.order).toEqual({ anthropic: [], "cloudflare-compat": [] });
  expect(patch.agents).toEqual({
    defaults: { model: { primary: route, fallbacks: ["anthropic/claude-x"] } },
  });
});

test("OpenClaw's own ids that are served under another one", () => {
  expect(providerIds(LLM_PROVIDERS)).toMatchObject({ groq: "cf-groq", mistral: "cf-mistral" });
  expect(providerIds(LLM_PROVIDERS)).not.toHaveProperty("anthropic");
});

test("the host's own primary model is not touched unless one is configured", () => {
  expect(openclawPatch({ providers: LLM_PROVIDERS })).not.toHaveProperty("agents");
});

/** How `openclaw.json` refers to a variable. */
function reference(name: string): string {
  return `\${${name}}`;
}
