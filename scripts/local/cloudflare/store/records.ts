/**
 * What the local Cloudflare remembers, as it stands in the state file. Names inside `settings`, `policies` and
 * `bindings` are the API's own.
 */

/** A node of a dynamic route's graph, as the API takes it. */
export interface RouteElement {
  id: string;
  type: "start" | "conditional" | "percentage" | "rate" | "model" | "end";
  properties?: Record<string, unknown>;
  outputs: Record<string, { elementId: string }>;
}

export interface RouteVersion {
  versionId: string;
  createdAt: string;
  /** Graphs that no request could walk are stored, not refused; see `route-graph.ts`. */
  isValid: boolean;
  elements: RouteElement[];
}

export interface RouteDeployment {
  deploymentId: string;
  versionId: string;
  createdAt: string;
}

export interface RouteRecord {
  id: string;
  name: string;
  createdAt: string;
  modifiedAt: string;
  versions: RouteVersion[];
  /** Oldest first; the last one is what serves. */
  deployments: RouteDeployment[];
}

/** A provider's key as a gateway refers to it; the key itself is a secret of the Secrets Store. */
export interface ProviderConfigRecord {
  id: string;
  providerSlug: string;
  alias: string;
  defaultConfig: boolean;
  secretId: string;
  modifiedAt: string;
  rateLimit?: number;
  rateLimitPeriod?: number;
}

export interface GatewayRecord {
  id: string;
  internalId: string;
  createdAt: string;
  modifiedAt: string;
  settings: Record<string, unknown>;
  routes: RouteRecord[];
  providerConfigs: ProviderConfigRecord[];
}

export type SecretScope = "access" | "ai_gateway" | "dex" | "workers";

/** A secret of the Secrets Store, without its value. */
export interface SecretRecord {
  id: string;
  name: string;
  comment?: string;
  scopes: SecretScope[];
  /** When it was made, in milliseconds since 1970. */
  since: number;
  created: string;
  modified: string;
}

export interface SecretsStoreRecord {
  id: string;
  name: string;
  created: string;
  modified: string;
  secrets: SecretRecord[];
}

export interface TokenPolicy {
  id: string;
  effect: "allow" | "deny";
  permission_groups: { id: string; name: string }[];
  resources: Record<string, unknown>;
}

export interface TokenRecord {
  id: string;
  name: string;
  /** `expired` is not stored: it follows from `expiresOn`. The last one is of a token that was found published. */
  status: "active" | "disabled" | "revoked (exposed)";
  issuedOn: string;
  modifiedOn: string;
  expiresOn?: string;
  notBefore?: string;
  /** When the present value was made, in milliseconds since 1970. */
  valueSince: number;
  condition?: Record<string, unknown>;
  policies: TokenPolicy[];
}

/** A binding as it is shown: a `secret_text` has no `text`. */
export interface Binding {
  name: string;
  type: "plain_text" | "json" | "secret_text" | "ratelimit";
  text?: string;
  json?: unknown;
  /** Of a rate limit. */
  namespace_id?: string;
  simple?: { limit: number; period: 10 | 60 };
}

export interface ScriptRecord {
  name: string;
  createdOn: string;
  modifiedOn: string;
  etag: string;
  mainModule: string;
  content: string;
  bindings: Binding[];
  compatibilityDate: string;
  compatibilityFlags: string[];
  /** Metadata that is stored and shown but changes nothing here: observability, limits, placement … */
  settings: Record<string, unknown>;
  subdomain: { enabled: boolean; previewsEnabled: boolean };
}

/** A zone of the account: hostnames at and below its name can be a Worker's. */
export interface ZoneRecord {
  id: string;
  name: string;
}

/** A hostname at which a Worker is served. */
export interface CustomDomainRecord {
  id: string;
  hostname: string;
  /** Name of the script. */
  service: string;
  environment: string;
  zoneId: string;
  zoneName: string;
  certId: string;
}

/** The state file. `secrets` is what the real API never shows; nothing else in the file needs to be hidden. */
export interface State {
  accountId: string;
  /** The account's workers.dev name. */
  workersSubdomain: string | null;
  gateways: GatewayRecord[];
  tokens: TokenRecord[];
  scripts: ScriptRecord[];
  zones: ZoneRecord[];
  customDomains: CustomDomainRecord[];
  secretsStores: SecretsStoreRecord[];
  secrets: {
    /** SHA-256 of each token's value by token id: recognising a token does not need the value. */
    tokenHashes: Record<string, string>;
    /** Text of `secret_text` bindings by script and name: needed to start the script again. */
    bindings: Record<string, Record<string, string>>;
    /** Values of the Secrets Store's secrets by id: what the gateway sends to providers. */
    stored: Record<string, string>;
  };
}
