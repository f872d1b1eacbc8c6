/** What is known of an LLM provider; `llm-providers.ts` is the table of it. Pure types. */

/** Which vendor's wire format a provider speaks; errors made by the Worker take the same shape. */
export type ApiFamily = "openai" | "anthropic" | "google";

/** Header in which a provider expects its key; `authorization` means `Bearer <key>`. */
export type KeyHeader = "authorization" | "x-api-key" | "x-goog-api-key";

export type HttpMethod = "GET" | "POST";

/**
 * One operation of a provider's API that the Worker lets through: method, path after the slug and the prefix, and after
 * `?` the query parameters that are passed on, every other one being dropped: `GET /models?after_id&limit`.
 * `{model}` stands for one path segment that names a model: letters, digits, `.`, `_`, `-`, starting with a letter or a
 * digit.
 */
export type ProviderRoute = `${HttpMethod} /${string}`;

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
  /** Paths that are served without the slug too, for clients that know only a vendor's origin. */
  readonly unprefixed?: readonly string[];
  /** Request headers that are passed on beside those passed to every provider, in lower case. */
  readonly requestHeaders: readonly string[];
  /** Headers that are sent when the client sent none of `requestHeaders`. */
  readonly defaultHeaders?: Readonly<Record<string, string>>;
  /** Where the provider expects its key; `null`: none is sent. */
  readonly keyHeader: KeyHeader | null;
  /** Whether the run token is the provider's key: Workers AI is Cloudflare's own. */
  readonly runTokenKey?: boolean;
}

/** How OpenClaw is told about a provider. */
export interface OpenClawEntry {
  /**
   * Key under `models.providers` in `openclaw.json`. `cf-…` where OpenClaw's own id would make it install a plugin at
   * every start.
   */
  readonly providerId: string;
  /** OpenClaw's `api`, where its default for this provider is another one. */
  readonly api?: string;
  /** What follows the Worker's origin in `baseUrl`. */
  readonly basePath: string;
  /** Models to list where OpenClaw has no catalog of its own for this id. */
  readonly models?: readonly { readonly id: string; readonly name: string }[];
  /** OpenClaw's `compat` of each listed model: where the API refuses what OpenClaw sends to one like OpenAI's. */
  readonly modelCompat?: OpenClawModelCompat;
}

/** The part of OpenClaw's `compat` that an entry sets. */
export interface OpenClawModelCompat {
  /** Whether `stream_options.include_usage` is understood. */
  readonly supportsUsageInStreaming?: boolean;
  readonly maxTokensField?: "max_completion_tokens" | "max_tokens";
}

/** An LLM provider that the Worker serves under its own path. */
export interface LlmProvider extends GatewayEndpoint {
  /** The provider's own name, for messages and documents. */
  readonly name: string;
  readonly keyHeader: KeyHeader;
  /**
   * Shape of this vendor's keys, not anchored. Also a valid POSIX extended regular expression, so that it can be
   * handed to `grep -E` or `awk` on a host. No whole key of one vendor matches another vendor's pattern. Left out where
   * keys have no shape of their own: any word of that length would match.
   */
  readonly keyPattern?: RegExp;
  /** How a log-in token begins: `keyPattern` finds and seals it like a key, but the API does not take it as one. */
  readonly logInPattern?: RegExp;
  /** Environment variables under which OpenClaw looks for this provider's key. */
  readonly keyEnvNames: readonly string[];
  readonly openclaw: OpenClawEntry;
  /** Path, after the slug, of a call that costs nothing and is answered only to a good key, where there is one. */
  readonly keyTrial?: string;
  /** The cheapest request that a model answers, for `npm run doctor`. Left out: the first listed model is asked. */
  readonly inference?: SmallInference;
}

/** A request that a model answers in a few tokens. */
export interface SmallInference {
  /** Path after the slug; `{model}` where the model is a part of it. */
  readonly path: string;
  /** A model of the vendor's cheapest kind that most accounts have. */
  readonly model: string;
  /** What it costs, about, in US dollars. Default: 0.0005, some 40 tokens of the dearest models there are. */
  readonly usd?: number;
}
