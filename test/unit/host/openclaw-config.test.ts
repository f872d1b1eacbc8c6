import { openclawPatch, routeModelRef } from "../../../infra/host/openclaw-config";
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

test("the route and further models of the compat endpoint, and the primary model", () => {
  const patch = openclawPatch({
    providers: [],
    routes: [{ name: "support", contextWindow: 256000, input: ["text", "image"] }],
    compatModels: [{ id: "workers-ai/@cf/a/b", name: "B", maxTokens: 100 }],
    primaryModel: routeModelRef("support"),
  });
  expect(patch.models.providers["cloudflare-compat"]).toEqual({
    baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/compat`,
    api: "openai-completions",
    apiKey: reference("AI_GATEWAY_AUTH_TOKEN"),
    models: [
      {
        id: "dynamic/support",
        name: "Dynamic route support",
        contextWindow: 256000,
        input: ["text", "image"],
      },
      { id: "workers-ai/@cf/a/b", name: "B", maxTokens: 100 },
    ],
  });
  expect(patch.agents).toEqual({ defaults: { model: { primary: "cloudflare-compat/dynamic/support" } } });
});

test("the host's own primary model is not touched unless one is configured", () => {
  expect(openclawPatch({ providers: LLM_PROVIDERS })).not.toHaveProperty("agents");
});

/** How `openclaw.json` refers to a variable. */
function reference(name: string): string {
  return `\${${name}}`;
}
