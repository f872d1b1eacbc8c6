import type { IncomingHttpHeaders } from "node:http";
import { LLM_PROVIDERS } from "../../../../infra/llm-providers";
import type { ProviderConfigRecord } from "../store/records";
import type { KeySource } from "../types";
import type { DataPlane, Exchange } from "./exchange";
import { gatewayErrors } from "./gateway-error";

/** A key of the gateway's own, and where it has it from. */
export interface GatewayKey {
  source: Exclude<KeySource, "request" | "none">;
  value: string;
}

/** Headers in which one provider or another takes its key. */
const KEY_HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/** Providers whose models Cloudflare sells. */
const UNIFIED_BILLING = ["openai", "anthropic", "google-ai-studio", "google-vertex-ai", "grok", "groq"];

/** Seconds for which a stored key's own rate limit counts, when its config does not say. */
const KEY_RATE_PERIOD = 60;

/**
 * What the gateway itself calls a provider with: the key that is stored for it, else Cloudflare's own where the account
 * has Unified Billing.
 *
 * @returns undefined when it has none.
 * @throws 2040 when the request names an alias that is not there, 2003 when the stored key is over its limit.
 */
export function gatewayKey(exchange: Exchange, slug: string): GatewayKey | undefined {
  const stored = storedKey(exchange, slug);
  if (stored !== undefined) return { source: "stored", value: stored };
  const sold = UNIFIED_BILLING.includes(slug) ? exchange.plane.unifiedBillingKeys[slug] : undefined;
  return sold === undefined || !mayFallBack(exchange)
    ? undefined
    : { source: "unified-billing", value: sold };
}

/** The refusal of a request for which there is no key. */
export function noCredential({ gateway, headers }: Exchange, slug: string) {
  const aliases = configsOf(gateway.providerConfigs, slug).map(({ alias }) => alias);
  return gatewayErrors.noCredential(slug, wantedAlias(headers) ?? "default", aliases);
}

/** Whether the request says which stored key to use. */
export function wantedAlias(headers: IncomingHttpHeaders): string | undefined {
  const alias = headers["cf-aig-byok-alias"];
  return typeof alias === "string" && alias !== "" ? alias : undefined;
}

/** Whether the caller sent a key of the provider. */
export function hasKey(headers: IncomingHttpHeaders, query: string): boolean {
  return KEY_HEADERS.some((name) => headers[name] !== undefined) || new URLSearchParams(query).has("key");
}

/** The headers with this key, where the provider looks for it, and no other. */
export function withKey(headers: IncomingHttpHeaders, slug: string, key: string): IncomingHttpHeaders {
  const others = Object.entries(headers).filter(([name]) => !KEY_HEADERS.includes(name));
  const name = LLM_PROVIDERS.find((provider) => provider.slug === slug)?.keyHeader ?? "authorization";
  return { ...Object.fromEntries(others), [name]: name === "authorization" ? `Bearer ${key}` : key };
}

/** The documentation asks for an authenticated gateway: stored keys are not for everybody who knows the address. */
function storedKey(exchange: Exchange, slug: string): string | undefined {
  const { gateway, headers, plane, token } = exchange;
  const configs = configsOf(gateway.providerConfigs, slug);
  const alias = wantedAlias(headers);
  const config = alias === undefined ? defaultOf(configs) : configs.find((one) => one.alias === alias);
  const value = config && token && usableValue(exchange, config);
  if (value === undefined) {
    if (alias !== undefined) throw noCredential(exchange, slug);
    return undefined;
  }
  if (config && !isWithinItsRate(plane, config)) throw gatewayErrors.rateLimited();
  return value;
}

function isWithinItsRate({ windows, store }: DataPlane, config: ProviderConfigRecord): boolean {
  const { id, rateLimit: limit, rateLimitPeriod: seconds = KEY_RATE_PERIOD } = config;
  return (
    limit === undefined ||
    windows.allow({ key: `key ${id}`, limit, seconds, technique: "fixed" }, store.time())
  );
}

/** The value as it is now, so a rotated secret counts from the next request on. */
function usableValue({ plane, gateway }: Exchange, { secretId }: ProviderConfigRecord): string | undefined {
  const { store } = plane;
  const secrets = store.secretsStore(gateway.settings.store_id)?.secrets ?? [];
  const secret = secrets.find(({ id }) => id === secretId);
  return secret?.scopes.includes("ai_gateway") ? store.state.secrets.stored[secretId] : undefined;
}

function configsOf(configs: readonly ProviderConfigRecord[], slug: string): ProviderConfigRecord[] {
  return configs.filter(({ providerSlug }) => providerSlug === slug);
}

function defaultOf(configs: readonly ProviderConfigRecord[]): ProviderConfigRecord | undefined {
  return (
    configs.find(({ defaultConfig }) => defaultConfig) ?? configs.find(({ alias }) => alias === "default")
  );
}

/** Whether Unified Billing may serve: neither the gateway nor the request forbids it. */
function mayFallBack({ gateway, headers }: Exchange): boolean {
  return gateway.settings.byok_only !== true && headers["cf-aig-no-wholesale"] !== "true";
}
