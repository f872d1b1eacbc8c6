import type { GatewayEndpoint } from "../llm-providers";
import type { AcceptedToken } from "./authentication";
import { type Env, keyBinding, type ProviderEntry, type WorkerSettings } from "./bindings";
import { Refusal } from "./errors";
import { ENDPOINTS, withDefaults } from "./facts";
import { COMMON_REQUEST_HEADERS } from "./forwarding";
import type { Operation, RoutedEndpoint } from "./routing";

/** What an entry of `PROVIDERS` enables, with its settings. */
type Entry = GatewayEndpoint & ProviderEntry & { enabled?: EnabledEndpoint };

/** An enabled endpoint with what the Worker adds to a request for it. */
export interface EnabledEndpoint extends RoutedEndpoint {
  /** Headers of its requests: the run token, the provider's key, and what the last request was sent with. */
  readonly gatewayHeaders: Headers;
  /** Names of those of them that are each request's own, the metadata first. */
  readonly ownHeaders: readonly string[];
  /** Their values in the last request, in the same order; `null` where it had none. */
  readonly lastSet: (string | null)[];
  /** Name of the binding that ought to hold the provider's key and does not. */
  readonly missingKey: string | undefined;
}

/** The bindings, checked and made ready for use. */
export interface Configuration {
  readonly endpoints: readonly Entry[];
  /** What was found for a method and path, so that it is looked for once in an isolate's life. */
  readonly found: Map<string, Operation<EnabledEndpoint>>;
  readonly acceptedTokens: readonly AcceptedToken[];
  readonly settings: WorkerSettings;
  /** The gateway's URL up to the provider's slug. */
  readonly gatewayUrl: string;
}

let parsedFrom: Env | undefined;
let parsed: Configuration | Refusal;

/**
 * The Worker's configuration, read once per isolate.
 *
 * @throws Refusal `worker_misconfigured` that names every binding at fault, never a value
 */
export function configurationOf(env: Env): Configuration {
  if (parsedFrom !== env) {
    parsed = readConfiguration(env);
    parsedFrom = env;
  }
  if (parsed instanceof Refusal) throw parsed;
  return parsed;
}

function readConfiguration(env: Env): Configuration | Refusal {
  const problems: string[] = [];
  /** The value in the form wanted; a binding that is missing or has another form is a problem. */
  function read<T>(name: keyof Env, form: (value: unknown) => T | undefined, value: unknown = env[name]) {
    const result = form(value);
    if (!result) problems.push(`${name} is ${value ? "invalid" : "missing"}`);
    return result;
  }
  const origin = read("GATEWAY_URL", gatewayOrigin);
  const account = read("ACCOUNT_ID", (value) => text(value, /^[0-9a-f]{32}$/));
  const gateway = read("GATEWAY_ID", (value) => text(value, /^[\w-]{1,64}$/));
  read("RUN_TOKEN", headerValue);
  const endpoints = read("PROVIDERS", (value) => list(value, endpointOf));
  const settings = read("SETTINGS", workerSettings, env.SETTINGS ?? {});
  const acceptedTokens = read("HOST_TOKENS", (value) =>
    list(value, (entry) => acceptedToken(entry, settings?.metadata)),
  );
  if (!endpoints || !settings || !acceptedTokens || problems[0]) {
    return new Refusal("worker_misconfigured", problems.join(", "));
  }
  return {
    endpoints,
    found: new Map(),
    acceptedTokens,
    settings,
    gatewayUrl: `${origin}/v1/${account}/${gateway}`,
  };
}

/**
 * The endpoint with everything that its requests need. Made at the first of them: an isolate that serves one provider
 * never pays for the others.
 */
export function enable(entry: Entry, env: Env, gatewayUrl: string): EnabledEndpoint {
  if (entry.enabled) return entry.enabled;
  const { slug, keyHeader, byokAlias, unifiedBilling, runTokenKey } = entry;
  const gatewayHeaders = new Headers(gatewayAuthorization(env));
  // Otherwise the gateway may fall back to the account's credits when the provider refuses the key.
  if (!unifiedBilling) gatewayHeaders.set("cf-aig-no-wholesale", "true");
  if (byokAlias) gatewayHeaders.set("cf-aig-byok-alias", byokAlias);
  let missingKey: string | undefined;
  // Where the gateway holds the key, or needs none, any other one would be used in its place.
  if (keyHeader && !byokAlias && !unifiedBilling) {
    const binding = keyBinding(slug);
    const key = headerValue(env[binding] ?? (runTokenKey && env.RUN_TOKEN));
    if (key) gatewayHeaders.set(keyHeader, keyHeader === "authorization" ? `Bearer ${key}` : key);
    else missingKey = binding;
  }
  const ownHeaders = ["cf-aig-metadata", ...COMMON_REQUEST_HEADERS, ...entry.requestHeaders];
  const baseUrl = `${gatewayUrl}/${slug}`;
  entry.enabled = { ...entry, baseUrl, gatewayHeaders, ownHeaders, lastSet: [], missingKey };
  return entry.enabled;
}

/**
 * The endpoint of a slug, or of a slug with settings; of one that the table does not have, the settings are all. What
 * else has to be so of an entry is checked where the configuration is read (`infra/config`).
 */
function endpointOf(entry: unknown): Entry | undefined {
  const given = typeof entry === "string" ? undefined : (Object(entry) as ProviderEntry);
  const slug = given?.slug ?? entry;
  const known = ENDPOINTS.find((endpoint) => endpoint.slug === slug);
  if (!known && !given) return undefined;
  const endpoint = withDefaults({ ...known, ...given }) as Entry;
  return text(slug, /^[a-z0-9-]+$/) ? endpoint : undefined;
}

/** The header that the authenticated gateway asks for. */
export function gatewayAuthorization({ RUN_TOKEN }: Env): Record<string, string> {
  return { "cf-aig-authorization": `Bearer ${RUN_TOKEN}` };
}

function text(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

/** What `fetch` sends as a header value unaltered. */
function headerValue(value: unknown): string | undefined {
  return text(value, /^[\x21-\x7e]+$/);
}

/** An https origin; plain http, which shows the keys to the network, for loopback alone. */
function gatewayOrigin(value: unknown): string | undefined {
  return text(value, /^(https:\/\/[\w.-]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\]))(:\d+)?$/);
}

/**
 * The optional settings. `cf-aig-metadata` takes five entries, of which the host's name is one
 * (developers.cloudflare.com/ai-gateway/observability/custom-metadata/).
 */
function workerSettings(value: unknown): WorkerSettings | undefined {
  const settings = Object(json(value)) as WorkerSettings;
  const metadata = Object.values(settings.metadata ?? {});
  return metadata.length < 5 && metadata.every((entry) => Object(entry) !== entry) ? settings : undefined;
}

function acceptedToken(entry: unknown, metadata: WorkerSettings["metadata"]): AcceptedToken | undefined {
  const { host, sha256 } = Object(entry) as Record<string, unknown>;
  const name = text(host, /^[\x20-\x7e]{1,128}$/);
  const hex = text(sha256, /^[0-9a-f]{64}$/);
  if (!name || !hex) return undefined;
  return {
    expected: Uint8Array.fromHex(hex),
    host: name,
    // The name last: no entry of the configuration can be another host's.
    metadataHeader: JSON.stringify({ ...metadata, host: name }),
  };
}

/** A list, given as such or as JSON, each entry of which can be read. */
function list<T>(value: unknown, read: (entry: unknown) => T | undefined): T[] | undefined {
  const entries = json(value);
  if (!Array.isArray(entries)) return undefined;
  const results = entries.map(read);
  return results.every((result) => result !== undefined) ? results : undefined;
}

/** A value that may be given as JSON. */
function json(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return undefined;
  }
}

declare global {
  interface Uint8ArrayConstructor {
    /** ECMAScript 2026, which TypeScript does not know yet. */
    fromHex(hex: string): Uint8Array;
  }
}
