/**
 * THE provider table: everything the project knows about an LLM provider, once. The Worker routes by it, the
 * configuration is validated against it, OpenClaw's provider entries and the inventory of a host come from it.
 * Pure data: no Node, Worker or Pulumi imports.
 */

/** Which vendor's wire format a provider speaks; errors made by the Worker take the same shape. */
export type ApiFamily = "openai" | "anthropic" | "google";

/** Header in which a provider expects its key; `authorization` means `Bearer <key>`. */
export type KeyHeader = "authorization" | "x-api-key" | "x-goog-api-key";

export type HttpMethod = "GET" | "POST";

/** One operation of a provider's API that the Worker lets through. */
export interface ProviderRoute {
  readonly method: HttpMethod;
  /**
   * Path after the slug and the prefix. `{model}` stands for one path segment that names a model: letters, digits,
   * `.`, `_`, `-`, starting with a letter or a digit.
   */
  readonly path: string;
  /** Query parameters that are passed on; every other one is dropped. None when left out. */
  readonly query?: readonly string[];
  /** Whether the path is served without the slug too, for clients that know only a vendor's origin. */
  readonly unprefixed?: boolean;
}

/** What the Worker needs to know to route to one slug of the gateway. */
export interface GatewayEndpoint {
  /** AI Gateway's provider slug, which is also the Worker's path prefix. */
  readonly slug: string;
  readonly apiFamily: ApiFamily;
  /** What may stand between the slug and a route's path. */
  readonly pathPrefixes: readonly string[];
  /** What the gateway is sent in its place, where the prefixes mean the same; as it came when left out. */
  readonly sentPrefix?: string;
  readonly routes: readonly ProviderRoute[];
  /** Request headers that are passed on beside those passed to every provider, in lower case. */
  readonly requestHeaders: readonly string[];
  /** Where the provider expects its key; none is sent when left out. */
  readonly keyHeader?: KeyHeader;
}

/** An LLM provider that is reached with the operator's own key. */
export interface LlmProvider extends GatewayEndpoint {
  /** The provider's own name, for messages and documents. */
  readonly name: string;
  readonly keyHeader: KeyHeader;
  /**
   * Shape of this vendor's keys, not anchored. Also a valid POSIX extended regular expression, so that it can be
   * handed to `grep -E` or `awk` on a host. No key of one vendor matches another vendor's pattern.
   */
  readonly keyPattern: RegExp;
  /** Environment variables under which OpenClaw looks for this provider's key. */
  readonly keyEnvNames: readonly string[];
  readonly openclaw: {
    /** Key under `models.providers` in `openclaw.json`. */
    readonly providerId: string;
    /** OpenClaw's `api`, where its default for this provider is another one. */
    readonly api?: string;
    /** What follows the Worker's origin in `baseUrl`. */
    readonly basePath: string;
  };
}

const ANTHROPIC: LlmProvider = {
  slug: "anthropic",
  name: "Anthropic",
  apiFamily: "anthropic",
  keyHeader: "x-api-key",
  requestHeaders: ["anthropic-version", "anthropic-beta"],
  pathPrefixes: ["/v1"],
  routes: [
    { method: "POST", path: "/messages", query: ["beta"], unprefixed: true },
    { method: "POST", path: "/messages/count_tokens", query: ["beta"] },
    { method: "GET", path: "/models", query: ["after_id", "before_id", "limit"] },
    { method: "GET", path: "/models/{model}" },
  ],
  keyPattern: /sk-ant-[A-Za-z0-9_-]{20,}/,
  keyEnvNames: ["ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN"],
  // Without `api` OpenClaw asks its utility model by chat completions, which the provider does not have.
  openclaw: { providerId: "anthropic", api: "anthropic-messages", basePath: "/anthropic" },
};

const OPENAI: LlmProvider = {
  slug: "openai",
  name: "OpenAI",
  apiFamily: "openai",
  keyHeader: "authorization",
  requestHeaders: ["openai-beta"],
  // AI Gateway's `openai` stands for `https://api.openai.com/v1`, so the path it documents has no `/v1`.
  pathPrefixes: ["", "/v1"],
  sentPrefix: "",
  routes: [
    { method: "POST", path: "/chat/completions", unprefixed: true },
    { method: "POST", path: "/responses", unprefixed: true },
    { method: "POST", path: "/embeddings", unprefixed: true },
    { method: "GET", path: "/models" },
    { method: "GET", path: "/models/{model}" },
  ],
  // Keys of today carry a kind after `sk-`; older ones are `sk-` and letters and digits alone, which keeps the
  // pattern clear of `sk-ant-…` and `sk-or-…`.
  keyPattern: /sk-(proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{20,}/,
  keyEnvNames: ["OPENAI_API_KEY"],
  openclaw: { providerId: "openai", basePath: "/openai/v1" },
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
    { method: "POST", path: "/models/{model}:generateContent" },
    { method: "POST", path: "/models/{model}:streamGenerateContent", query: ["alt"] },
    { method: "POST", path: "/models/{model}:countTokens" },
    { method: "POST", path: "/models/{model}:embedContent" },
    { method: "POST", path: "/models/{model}:batchEmbedContents" },
    { method: "GET", path: "/models", query: ["pageSize", "pageToken"] },
    { method: "GET", path: "/models/{model}" },
  ],
  keyPattern: /AIza[A-Za-z0-9_-]{35}|AQ\.[A-Za-z0-9_-]{30,}/,
  keyEnvNames: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  // Without `api` OpenClaw falls back to OpenAI's chat completions as soon as `baseUrl` is set.
  openclaw: { providerId: "google", api: "google-generative-ai", basePath: "/google-ai-studio/v1beta" },
};

const OPENROUTER: LlmProvider = {
  slug: "openrouter",
  name: "OpenRouter",
  apiFamily: "openai",
  keyHeader: "authorization",
  requestHeaders: ["http-referer", "x-title", "x-openrouter-title", "x-openrouter-categories"],
  // AI Gateway's `openrouter` stands for `https://openrouter.ai/api`; with `/v1` it is the literal upstream path.
  pathPrefixes: ["/v1", ""],
  sentPrefix: "/v1",
  routes: [
    { method: "POST", path: "/chat/completions" },
    { method: "GET", path: "/models", query: ["category", "supported_parameters"] },
  ],
  keyPattern: /sk-or-[A-Za-z0-9_-]{20,}/,
  keyEnvNames: ["OPENROUTER_API_KEY"],
  openclaw: { providerId: "openrouter", basePath: "/openrouter" },
};

/** Every provider that can be enabled, by slug. */
export const LLM_PROVIDERS: readonly LlmProvider[] = [ANTHROPIC, GOOGLE_AI_STUDIO, OPENAI, OPENROUTER];

/**
 * AI Gateway's OpenAI-compatible endpoint: dynamic routes (`dynamic/<name>`) and Workers AI (`workers-ai/@cf/…`).
 * It gets no provider key: the gateway uses stored keys, unified billing or Workers AI.
 */
export const COMPAT = {
  slug: "compat",
  apiFamily: "openai",
  requestHeaders: [],
  pathPrefixes: [""],
  routes: [{ method: "POST", path: "/chat/completions" }],
  openclaw: { providerId: "cloudflare-compat", api: "openai-completions", basePath: "/compat" },
} as const satisfies GatewayEndpoint & { openclaw: LlmProvider["openclaw"] };

/** Everything that a Worker can be told to serve, by slug. */
export const GATEWAY_ENDPOINTS: readonly GatewayEndpoint[] = [...LLM_PROVIDERS, COMPAT];

/** The provider of that slug, if there is one. */
export function llmProvider(slug: string): LlmProvider | undefined {
  return LLM_PROVIDERS.find((provider) => provider.slug === slug);
}

/** Whether the whole of `value` looks like a key of this provider. */
export function looksLikeKeyOf(provider: LlmProvider, value: string): boolean {
  return new RegExp(`^(${provider.keyPattern.source})$`).test(value);
}
