import type { Faults } from "./control-plane/faults";
import type { RouteElement } from "./store/records";

/** How to start the local Cloudflare. Ports left out (or 0) are chosen by the system. */
export interface LocalCloudflareOptions {
  ports?: {
    /** Control plane (the v4 API). */
    api?: number;
    /** Data plane (AI Gateway). */
    gateway?: number;
    /** Fake providers. */
    providers?: number;
    /** Port of the address of each Worker script, by script name. */
    workers?: Record<string, number>;
    /** Port of each custom domain, by hostname. */
    domains?: Record<string, number>;
  };
  /** Where the objects are kept as JSON (0600). Loaded when it exists. Default: in memory alone. */
  stateFile?: string;
  /** 32 hex digits. Default: `DEFAULT_ACCOUNT_ID`. */
  accountId?: string;
  /** The deploying token. Default: `DEFAULT_API_TOKEN`. */
  apiToken?: string;
  /** Permission groups of the deploying token, by name. Default: `DEFAULT_PERMISSIONS`, those the stack needs. */
  permissions?: readonly string[];
  /**
   * Whom the deploying token belongs to. It can be verified there alone: `/accounts/{a}/tokens/verify` or
   * `/user/tokens/verify`. Default: `account`.
   */
  apiTokenOwner?: "account" | "user";
  /** When the deploying token ends (RFC 3339). Default: never. */
  apiTokenExpiresOn?: string;
  /** Names of the account's zones, in which a Worker can have custom domains. Default: `DEFAULT_ZONES`. */
  zones?: readonly string[];
  /** Name of the account's workers.dev subdomain; null for an account that has none yet. Default: `local`. */
  workersSubdomain?: string | null;
  /** The key that each fake provider accepts, by AI Gateway slug; any other is refused as the real one does. */
  providerKeys: Readonly<Record<string, string>>;
  /** Whether the account has Unified Billing: models of providers without any key are then served. Default: false. */
  unifiedBilling?: boolean;
  /**
   * What a request costs, in dollars, for the limits of type `cost` in dynamic routes: the real arithmetic by tokens is
   * not imitated. Default: nothing costs anything.
   */
  costOf?: (provider: string, model: string) => number;
  /** How long it takes until other parts of Cloudflare know what was made by the API. Default: no time. */
  propagation?: Propagation;
  /** The time by which tokens, caches and rate limits end, in milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number;
  /** Awaited before each chunk of a streamed answer but the first. Default: a few milliseconds. */
  streamPace?: () => Promise<void>;
  /** Where a percentage node gets its dice from, in [0, 1). Default: `Math.random`. */
  random?: () => number;
  /** One line per thing worth knowing: calls that nothing serves, refused requests, console of a Worker. */
  log?: (line: string) => void;
}

/** Delays, in seconds. */
export interface Propagation {
  /** A new token, or a rolled value, is 401/2009 at the gateway for that long; the API takes it at once. */
  tokenSeconds?: number;
  /** A new secret is `pending` for that long, and AI Gateway does not find it. */
  secretSeconds?: number;
}

/** A running local Cloudflare. */
export interface LocalCloudflare {
  /** `http://127.0.0.1:P/client/v4`: what `cloudflare:baseUrl` is set to. */
  readonly apiUrl: string;
  /** Origin of the AI Gateway: what `gateway.url` is set to. */
  readonly gatewayUrl: string;
  /** Origin of the fake providers; each is at `/{slug}/{its own path}`. */
  readonly providersUrl: string;
  readonly accountId: string;
  readonly apiToken: string;
  /** Address of a script, fixed from the first call on, before the script is uploaded. 404 until it is enabled. */
  workerUrl(script: string): string;
  /** Where a custom domain is served, fixed from the first call on. 404 until a Worker is attached to it. */
  domainUrl(hostname: string): string;
  /** Revokes a token as Cloudflare does with one that it finds published. @throws when there is none of that id. */
  revokeToken(id: string): void;
  /** Switches for what can go wrong with a call of the API. */
  readonly faults: Faults;
  /** A copy of every object, without any secret value. */
  objects(): CloudflareObjects;
  /** What passed the gateway, oldest first. */
  gatewayLog(): GatewayLogEntry[];
  /** What reached the fake providers, oldest first; keys are replaced by what they were worth. */
  providerRequests(): ProviderRequest[];
  /** What deployed Workers were asked and have answered, in the order in which the answers ended. */
  workerRequests(): WorkerRequest[];
  close(): Promise<void>;
}

/** Every object at the local Cloudflare, with nothing in it that the real API would hide. */
export interface CloudflareObjects {
  gateways: GatewayObject[];
  routes: RouteObject[];
  tokens: TokenObject[];
  scripts: ScriptObject[];
  customDomains: CustomDomainObject[];
  secrets: SecretObject[];
  providerConfigs: ProviderConfigObject[];
  /** The account's Secrets Stores: one per account, shared, so they do not count as a stack's objects. */
  secretsStores: { id: string; name: string }[];
  /** The account's own workers.dev name: one per account, shared, so it does not count as a stack's object. */
  workersSubdomain: string | null;
}

/** A gateway: its settings under the API's names. */
export interface GatewayObject {
  id: string;
  settings: Readonly<Record<string, unknown>>;
}

export interface RouteObject {
  id: string;
  name: string;
  gatewayId: string;
  versions: { versionId: string; createdAt: string; elements: readonly RouteElement[] }[];
  /** Oldest first; the last one is what serves. */
  deployments: { deploymentId: string; versionId: string; createdAt: string }[];
}

export interface TokenObject {
  id: string;
  name: string;
  status: string;
  /** Names of the permission groups that its policies allow. */
  permissions: string[];
  expiresOn?: string;
}

/** A hostname at which a Worker is served. */
export interface CustomDomainObject {
  id: string;
  hostname: string;
  /** Name of the script. */
  service: string;
  zoneName: string;
}

/** A secret of the Secrets Store; nothing shows its value. */
export interface SecretObject {
  id: string;
  storeId: string;
  name: string;
  scopes: string[];
  modified: string;
}

/** A provider's key as a gateway refers to it. */
export interface ProviderConfigObject {
  id: string;
  gatewayId: string;
  providerSlug: string;
  alias: string;
  defaultConfig: boolean;
  secretId: string;
}

export interface ScriptObject {
  name: string;
  etag: string;
  compatibilityDate: string;
  /** As the API shows them: secrets without their text. */
  bindings: readonly Readonly<Record<string, unknown>>[];
  subdomain: { enabled: boolean; previewsEnabled: boolean };
}

/** One request that passed the gateway. */
export interface GatewayLogEntry {
  /** Value of `cf-aig-log-id`. */
  logId: string;
  /** RFC 3339. */
  at: string;
  gatewayId: string;
  /** Slug of the provider that served, or was the last to be tried. Empty when none was. */
  provider: string;
  model: string;
  /** Path after the gateway's id. */
  path: string;
  status: number;
  metadata: Readonly<Record<string, unknown>>;
  /** Index of the step that served, 0 first. */
  step: number;
  keySource: KeySource;
  cached: boolean;
  /** Name of the dynamic route, when one was asked for. */
  dynamicRoute?: string;
  stream: boolean;
  /** Milliseconds until the answer had ended. */
  duration: number;
  /** Whether the Logs API shows it (`collect_logs`). */
  stored: boolean;
}

/** One request as a fake provider saw it. */
export interface ProviderRequest {
  slug: string;
  method: string;
  /** Path after the slug, with its query; a key in it is replaced. */
  path: string;
  /** `ok`, `bad` or `none` in place of the key. */
  headers: Readonly<Record<string, string>>;
  /** `ok`: the key it accepts; `bad`: another one; `none`: no key. */
  key: KeyVerdict;
  model?: string;
}

/** One request to a Worker at one of its addresses. */
export interface WorkerRequest {
  script: string;
  method: string;
  /** Without its query, in which a client may send a token. */
  path: string;
  /** Of the Worker's answer; 0 when the client left before there was one. */
  status: number;
}

/**
 * Where the key came from that a provider was called with: the caller's request, the gateway's stored keys, Cloudflare's
 * own key, or the run token, which is the key of the account's Workers AI.
 */
export type KeySource = "request" | "stored" | "unified-billing" | "run-token" | "none";

export type KeyVerdict = "ok" | "bad" | "none";
