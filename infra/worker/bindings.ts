import type { ApiFamily, GatewayEndpoint, KeyHeader, ProviderRoute } from "../llm-providers";

/**
 * Names and forms of everything the Worker is given, for the Worker itself and for those who upload or run it.
 * Pure: importable from Node as well as from the Worker.
 */

/** Name of the uploaded module. */
export const MAIN_MODULE = "worker.mjs";

/** Runtime behaviour the Worker is written against; the pinned workerd supports it. */
export const COMPATIBILITY_DATE = "2026-07-01";

/**
 * `global_fetch_strictly_public`: a gateway on a custom domain of the same zone is reached through Cloudflare's
 * front door, as any client reaches it, and not through the zone's origin server.
 */
export const COMPATIBILITY_FLAGS: readonly string[] = ["global_fetch_strictly_public"];

/** Where AI Gateway answers when nothing else is configured. */
export const DEFAULT_GATEWAY_URL = "https://gateway.ai.cloudflare.com";

/** What every host token starts with: people, secret scanners and redaction know one when they see it. */
export const HOST_TOKEN_PREFIX = "ocg_";

/** Shape of a host token, not anchored; also a valid POSIX extended regular expression. */
export const HOST_TOKEN_PATTERN = /ocg_[A-Za-z0-9]{43,}/;

/** A host token that the Worker accepts, known to it by its hash alone. */
export interface HostTokenHash {
  /** The host that holds the token; sent to the gateway as metadata. */
  readonly host: string;
  /** Two generations of one host are accepted while its token is being rotated. */
  readonly generation: number;
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly sha256: string;
}

/**
 * One entry of `PROVIDERS`: a slug of the provider table alone, or with settings of this stack. A slug that is not in
 * the table (any other provider of AI Gateway, `custom-<slug>` among them) is described by its own entry, with
 * `ENDPOINT_DEFAULTS` for what it leaves out.
 */
export interface ProviderEntry extends Partial<Omit<GatewayEndpoint, "slug">> {
  readonly slug: string;
  /** Alias of the key that is stored at the gateway; the Worker then holds and sends none. */
  readonly byokAlias?: string;
  /** Whether the account's credits pay: no key is sent. Otherwise the gateway is told never to use them. */
  readonly unifiedBilling?: boolean;
}

/** What an entry that the provider table does not know is taken to be: an API like OpenAI's. */
export const ENDPOINT_DEFAULTS = {
  apiFamily: "openai" as ApiFamily,
  keyHeader: "authorization" as KeyHeader | null,
  pathPrefixes: [""] as readonly string[],
  requestHeaders: [] as readonly string[],
  routes: ["POST /chat/completions", "GET /models", "GET /models/{model}"] as readonly ProviderRoute[],
};

/** The runtime's rate-limit binding (developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/). */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** Settings that an operator may make; each has its default when left out. */
export interface WorkerSettings {
  /** Further entries of `cf-aig-metadata` beside the host's name, which is `host`. Printable ASCII. Default: none. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  /** Largest body in bytes, by its `content-length`. Default: Cloudflare's own limit. */
  readonly maxBodyBytes?: number;
  /** Seconds of `HOST_RATE_LIMIT`'s period, which the binding does not tell; sent as `retry-after`. Default: 60. */
  readonly rateLimitPeriod?: number;
}

/** The Worker's bindings. Types are what an upload ought to give; the Worker checks them again when it starts. */
export interface Env {
  /** Origin of AI Gateway; plain http only for loopback. */
  readonly GATEWAY_URL: string;
  readonly ACCOUNT_ID: string;
  readonly GATEWAY_ID: string;
  /** What is enabled (`compat` among them when it is), as JSON or as a list. */
  readonly PROVIDERS: string | readonly (string | ProviderEntry)[];
  /** The authenticated gateway's token, sent as `cf-aig-authorization`. */
  readonly RUN_TOKEN: string;
  /** JSON of `HostTokenHash[]`, sorted by host and generation. */
  readonly HOST_TOKENS: string;
  /** Optional. JSON of `WorkerSettings`, or the object. */
  readonly SETTINGS?: string | WorkerSettings;
  /** Optional. Limits the requests of each host. */
  readonly HOST_RATE_LIMIT?: RateLimiter;
  /** A provider's key; see `keyBinding`. */
  readonly [key: `KEY_${string}`]: string;
}

/** Name of the secret binding that holds the key of the provider with this slug: `KEY_GOOGLE_AI_STUDIO`. */
export function keyBinding(slug: string): `KEY_${string}` {
  return `KEY_${slug.toUpperCase().replaceAll("-", "_")}`;
}

/** One binding as `dist/worker.json` describes it, with a value that is only an example. */
export interface BindingDescription {
  readonly name: string;
  readonly type: "plain_text" | "secret_text" | "json" | "ratelimit";
  readonly example: unknown;
}

/** Every binding that a Worker with these endpoints enabled needs, sorted by name. */
export function describeBindings(endpoints: readonly GatewayEndpoint[]): BindingDescription[] {
  const bindings: BindingDescription[] = [
    { name: "ACCOUNT_ID", type: "plain_text", example: "0123456789abcdef0123456789abcdef" },
    { name: "GATEWAY_ID", type: "plain_text", example: "openclaw" },
    { name: "GATEWAY_URL", type: "plain_text", example: DEFAULT_GATEWAY_URL },
    {
      name: "HOST_TOKENS",
      type: "secret_text",
      example: JSON.stringify([{ host: "vps1", generation: 1, sha256: "0".repeat(64) }]),
    },
    { name: "PROVIDERS", type: "json", example: endpoints.map(({ slug }) => slug).sort() },
    { name: "RUN_TOKEN", type: "secret_text", example: "example-run-token" },
  ];
  for (const { slug, keyHeader, runTokenKey } of endpoints) {
    if (keyHeader === null || runTokenKey) continue;
    bindings.push({ name: keyBinding(slug), type: "secret_text", example: `example-${slug}-key` });
  }
  return bindings.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bindings that a Worker runs without; plain workerd has no rate limiter of its own. */
export const OPTIONAL_BINDINGS: readonly BindingDescription[] = [
  { name: "HOST_RATE_LIMIT", type: "ratelimit", example: { limit: 120, period: 60 } },
  {
    name: "SETTINGS",
    type: "json",
    example: { metadata: { team: "home" }, maxBodyBytes: 26_214_400, rateLimitPeriod: 60 },
  },
];
