/**
 * THE provider table: everything the project knows about an LLM provider, once. The Worker routes by it, the
 * configuration is validated against it, OpenClaw's provider entries and the inventory of a host come from it.
 * Pure data: no Node, Worker or Pulumi imports.
 *
 * Paths and key headers are those of AI Gateway's provider pages
 * (developers.cloudflare.com/ai-gateway/usage/providers/): what follows the slug replaces the provider's origin.
 */

import type { GatewayEndpoint, LlmProvider, OpenClawEntry } from "./llm-provider";

export type * from "./llm-provider";

/** What nearly every vendor of an OpenAI-like API has. */
const CHAT_AND_MODELS = ["POST /chat/completions", "GET /models", "GET /models/{model}"] as const;
/** For vendors whose API has its `/v1` at the gateway's side: clients may send it or not, the gateway gets none. */
const WITHOUT_V1 = { pathPrefixes: ["", "/v1"], sentPrefix: "" } as const;
/** For vendors whose API has its `/v1` in the path: clients may leave it out, the gateway always gets it. */
const WITH_V1 = { pathPrefixes: ["/v1", ""], sentPrefix: "/v1" } as const;
/** OpenAI's wire format, with the key as a bearer token. */
const OPENAI_LIKE = { apiFamily: "openai", keyHeader: "authorization", requestHeaders: [] } as const;

const ANTHROPIC: LlmProvider = {
  slug: "anthropic",
  name: "Anthropic",
  apiFamily: "anthropic",
  keyHeader: "x-api-key",
  requestHeaders: ["anthropic-version", "anthropic-beta"],
  pathPrefixes: ["/v1"],
  routes: [
    "POST /messages?beta",
    "POST /messages/count_tokens?beta",
    "GET /models?after_id&before_id&limit",
    "GET /models/{model}",
  ],
  unprefixed: ["/messages"],
  keyPattern: /sk-ant-[A-Za-z0-9_-]{20,}/,
  // Of a subscription: as `x-api-key` it is refused, https://github.com/BerriAI/litellm/issues/22040.
  logInPattern: /^sk-ant-oat/,
  keyEnvNames: ["ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN"],
  // Without `api` OpenClaw asks its utility model by chat completions, which the provider does not have.
  keyTrial: "v1/models",
  openclaw: { providerId: "anthropic", api: "anthropic-messages", basePath: "/anthropic" },
  inference: { path: "/v1/messages", model: "claude-haiku-4-5" },
};

const CEREBRAS: LlmProvider = {
  slug: "cerebras",
  name: "Cerebras",
  ...OPENAI_LIKE,
  ...WITHOUT_V1,
  routes: CHAT_AND_MODELS,
  keyPattern: /csk-[A-Za-z0-9]{20,}/,
  keyEnvNames: ["CEREBRAS_API_KEY"],
  keyTrial: "models",
  openclaw: {
    providerId: "cf-cerebras",
    api: "openai-completions",
    basePath: "/cerebras/v1",
    models: [{ id: "gpt-oss-120b", name: "GPT OSS 120B" }],
  },
  inference: { path: "/chat/completions", model: "gpt-oss-120b" },
};

const COHERE: LlmProvider = {
  slug: "cohere",
  name: "Cohere",
  ...OPENAI_LIKE,
  // Two versions of its own API, and one like OpenAI's.
  pathPrefixes: [""],
  routes: [
    "POST /v1/chat",
    "POST /v2/chat",
    "POST /v2/embed",
    "GET /v1/models",
    "GET /v1/models/{model}",
    "POST /compatibility/v1/chat/completions",
    "POST /compatibility/v1/embeddings",
  ],
  keyEnvNames: ["COHERE_API_KEY"],
  keyTrial: "v1/models",
  openclaw: {
    providerId: "cf-cohere",
    api: "openai-completions",
    basePath: "/cohere/compatibility/v1",
    models: [{ id: "command-a-plus-05-2026", name: "Command A+" }],
  },
  inference: { path: "/compatibility/v1/chat/completions", model: "command-a-plus-05-2026" },
};

const DEEPSEEK: LlmProvider = {
  slug: "deepseek",
  name: "DeepSeek",
  ...OPENAI_LIKE,
  ...WITHOUT_V1,
  routes: CHAT_AND_MODELS,
  keyPattern: /sk-[0-9a-f]{32}/,
  keyEnvNames: ["DEEPSEEK_API_KEY"],
  keyTrial: "models",
  openclaw: {
    providerId: "cf-deepseek",
    api: "openai-completions",
    basePath: "/deepseek",
    models: [{ id: "deepseek-flash", name: "DeepSeek Flash" }],
  },
  inference: { path: "/chat/completions", model: "deepseek-flash" },
};

const GOOGLE_AI_STUDIO: LlmProvider = {
  slug: "google-ai-studio",
  name: "Google AI Studio",
  apiFamily: "google",
  keyHeader: "x-goog-api-key",
  requestHeaders: [],
  // Two versions of the API: OpenClaw uses `v1beta`, Google's own SDK `v1`.
  pathPrefixes: ["/v1beta", "/v1"],
  routes: [
    "POST /models/{model}:generateContent",
    "POST /models/{model}:streamGenerateContent?alt",
    "POST /models/{model}:countTokens",
    "POST /models/{model}:embedContent",
    "POST /models/{model}:batchEmbedContents",
    "GET /models?pageSize&pageToken",
    "GET /models/{model}",
  ],
  keyPattern: /AIza[A-Za-z0-9_-]{35}|AQ\.[A-Za-z0-9_-]{30,}/,
  keyEnvNames: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  // Without `api` OpenClaw falls back to OpenAI's chat completions as soon as `baseUrl` is set.
  keyTrial: "v1beta/models",
  openclaw: { providerId: "google", api: "google-generative-ai", basePath: "/google-ai-studio/v1beta" },
  inference: { path: "/v1beta/models/{model}:generateContent", model: "gemini-flash-lite-latest" },
};

const GROK: LlmProvider = {
  slug: "grok",
  name: "xAI",
  ...OPENAI_LIKE,
  ...WITH_V1,
  requestHeaders: ["x-grok-conv-id"],
  routes: [...CHAT_AND_MODELS, "POST /responses", "POST /embeddings", "POST /images/generations"],
  keyPattern: /xai-[A-Za-z0-9]{20,}/,
  keyEnvNames: ["XAI_API_KEY"],
  keyTrial: "v1/models",
  openclaw: { providerId: "xai", basePath: "/grok/v1" },
  inference: { path: "/v1/chat/completions", model: "grok-4.3" },
};

const GROQ: LlmProvider = {
  slug: "groq",
  name: "Groq",
  ...OPENAI_LIKE,
  pathPrefixes: ["", "/v1", "/openai/v1"],
  sentPrefix: "",
  routes: [
    ...CHAT_AND_MODELS,
    "POST /responses",
    "POST /embeddings",
    "POST /audio/speech",
    "POST /audio/transcriptions",
    "POST /audio/translations",
  ],
  keyPattern: /gsk_[A-Za-z0-9]{20,}/,
  keyEnvNames: ["GROQ_API_KEY"],
  keyTrial: "models",
  openclaw: {
    providerId: "cf-groq",
    api: "openai-completions",
    basePath: "/groq",
    models: [{ id: "openai/gpt-oss-120b", name: "GPT OSS 120B" }],
  },
  inference: { path: "/chat/completions", model: "openai/gpt-oss-20b" },
};

const MISTRAL: LlmProvider = {
  slug: "mistral",
  name: "Mistral AI",
  ...OPENAI_LIKE,
  ...WITH_V1,
  routes: [...CHAT_AND_MODELS, "POST /fim/completions", "POST /embeddings", "POST /audio/transcriptions"],
  keyEnvNames: ["MISTRAL_API_KEY"],
  keyTrial: "v1/models",
  openclaw: {
    providerId: "cf-mistral",
    api: "openai-completions",
    basePath: "/mistral/v1",
    models: [{ id: "mistral-large-latest", name: "Mistral Large" }],
    // Mistral answers 422 to every field that its API does not have.
    modelCompat: { supportsUsageInStreaming: false, maxTokensField: "max_tokens" },
  },
  inference: { path: "/v1/chat/completions", model: "mistral-small-latest" },
};

const OPENAI: LlmProvider = {
  slug: "openai",
  name: "OpenAI",
  ...OPENAI_LIKE,
  // AI Gateway's `openai` stands for `https://api.openai.com/v1`, so the path it documents has no `/v1`.
  ...WITHOUT_V1,
  requestHeaders: ["openai-beta"],
  routes: [
    ...CHAT_AND_MODELS,
    "POST /responses",
    "POST /embeddings",
    "POST /completions",
    "POST /audio/speech",
    "POST /audio/transcriptions",
    "POST /audio/translations",
    "POST /images/generations",
    "POST /images/edits",
    "POST /images/variations",
  ],
  unprefixed: ["/chat/completions", "/responses", "/embeddings"],
  // Keys of today carry a kind after `sk-`; older ones are `sk-` and 48 letters and digits, which keeps the pattern
  // clear of `sk-ant-…`, `sk-or-…` and DeepSeek's.
  keyPattern: /sk-(proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{40,}/,
  keyEnvNames: ["OPENAI_API_KEY"],
  keyTrial: "models",
  openclaw: { providerId: "openai", basePath: "/openai/v1" },
  inference: { path: "/responses", model: "gpt-5-mini" },
};

const OPENROUTER: LlmProvider = {
  slug: "openrouter",
  name: "OpenRouter",
  ...OPENAI_LIKE,
  // AI Gateway's `openrouter` stands for `https://openrouter.ai/api`; with `/v1` it is the literal upstream path.
  ...WITH_V1,
  requestHeaders: ["http-referer", "x-title", "x-openrouter-title"],
  // openrouter.ai/docs/app-attribution: OpenClaw sends these to openrouter.ai alone, not to another base URL.
  defaultHeaders: { "http-referer": "https://openclaw.ai", "x-openrouter-title": "OpenClaw" },
  routes: [
    "POST /chat/completions",
    "POST /completions",
    "POST /responses",
    "POST /embeddings",
    "GET /models?category&supported_parameters",
  ],
  keyPattern: /sk-or-[A-Za-z0-9_-]{20,}/,
  keyEnvNames: ["OPENROUTER_API_KEY"],
  // The list of models is open to everyone there.
  keyTrial: "v1/key",
  openclaw: { providerId: "openrouter", basePath: "/openrouter" },
  inference: { path: "/v1/chat/completions", model: "openai/gpt-oss-20b" },
};

const PERPLEXITY: LlmProvider = {
  slug: "perplexity-ai",
  name: "Perplexity",
  ...OPENAI_LIKE,
  // Chat completions ended in September 2026 (docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview).
  pathPrefixes: [""],
  routes: ["POST /v1/responses", "POST /v1/agent", "POST /search"],
  keyPattern: /pplx-[A-Za-z0-9]{20,}/,
  keyEnvNames: ["PERPLEXITY_API_KEY"],
  openclaw: {
    providerId: "cf-perplexity",
    api: "openai-responses",
    basePath: "/perplexity-ai/v1",
    models: [{ id: "perplexity/sonar", name: "Sonar" }],
  },
  // Each request is a search, which has a price of its own.
  inference: { path: "/v1/responses", model: "perplexity/sonar", usd: 0.006 },
};

const WORKERS_AI: LlmProvider = {
  slug: "workers-ai",
  name: "Workers AI",
  ...OPENAI_LIKE,
  // Its native form takes the model in the path.
  pathPrefixes: [""],
  routes: [
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "POST /v1/responses",
    "POST /@cf/{model}/{model}",
  ],
  runTokenKey: true,
  keyEnvNames: [],
  openclaw: {
    providerId: "cf-workers-ai",
    api: "openai-completions",
    basePath: "/workers-ai/v1",
    models: [
      { id: "@cf/zai-org/glm-4.7-flash", name: "GLM 4.7 Flash" },
      { id: "@cf/moonshotai/kimi-k2.6", name: "Kimi K2.6" },
    ],
  },
  inference: { path: "/v1/chat/completions", model: "@cf/zai-org/glm-4.7-flash" },
};

/** Every provider that can be enabled by its slug alone, sorted by slug. */
export const LLM_PROVIDERS: readonly LlmProvider[] = [
  ANTHROPIC,
  CEREBRAS,
  COHERE,
  DEEPSEEK,
  GOOGLE_AI_STUDIO,
  GROK,
  GROQ,
  MISTRAL,
  OPENAI,
  OPENROUTER,
  PERPLEXITY,
  WORKERS_AI,
];

/**
 * AI Gateway's OpenAI-compatible endpoint: dynamic routes (`dynamic/<name>`) and Workers AI (`workers-ai/@cf/…`).
 * It gets no provider key: the gateway uses stored keys, unified billing or Workers AI.
 */
export const COMPAT = {
  slug: "compat",
  apiFamily: "openai",
  keyHeader: null,
  requestHeaders: [],
  pathPrefixes: [""],
  routes: ["POST /chat/completions"],
  openclaw: { providerId: "cloudflare-compat", api: "openai-completions", basePath: "/compat" },
} as const satisfies GatewayEndpoint & { openclaw: OpenClawEntry };

/** Everything that a Worker can be told to serve by slug alone. */
export const GATEWAY_ENDPOINTS: readonly GatewayEndpoint[] = [...LLM_PROVIDERS, COMPAT];

/**
 * Variables of OpenClaw 2026.9 for vendors that are not in the table and whose keys have the shape of one that is: `sk-`
 * and letters, as OpenAI's. Such a key is nobody's of the table, whatever it looks like.
 */
const OTHER_VENDORS_NAMES = (
  "DASHSCOPE DEEPINFRA KIMI KIMICODE LITELLM MINIMAX MODELSTUDIO MOONSHOT NOVITA OPENCODE OPENCODE_ZEN QIANFAN QWEN " +
  "STEPFUN VENICE ZAI"
)
  .split(" ")
  .map((vendor) => `${vendor}_API_KEY`);

/** Variables that hold the keys of other providers than these: they are left alone by their name. */
export function otherKeyNames(providers: readonly LlmProvider[]): string[] {
  const own = new Set(providers.flatMap(({ keyEnvNames }) => keyEnvNames));
  const names = [...LLM_PROVIDERS.flatMap(({ keyEnvNames }) => keyEnvNames), ...OTHER_VENDORS_NAMES];
  return names.filter((name) => !own.has(name));
}

/** The provider of that slug, if there is one. */
export function llmProvider(slug: string): LlmProvider | undefined {
  return LLM_PROVIDERS.find((provider) => provider.slug === slug);
}

/** The provider whose keys have a shape of their own that the whole of `value` has. */
export function vendorOfKey(value: string): LlmProvider | undefined {
  return LLM_PROVIDERS.find(
    ({ keyPattern }) => keyPattern !== undefined && new RegExp(`^(${keyPattern.source})$`).test(value),
  );
}

/** Whether the whole of `value` looks like a key of this provider; where its keys have no shape, like nobody else's. */
export function looksLikeKeyOf(provider: LlmProvider, value: string): boolean {
  if (provider.logInPattern?.test(value)) return false;
  if (provider.keyPattern !== undefined) return vendorOfKey(value) === provider;
  return /^(?!ocg_)[\x21-\x7e]{20,}$/.test(value) && vendorOfKey(value) === undefined;
}
