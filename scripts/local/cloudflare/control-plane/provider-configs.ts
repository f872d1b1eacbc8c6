import { parseJson } from "../http/message";
import type { GatewayRecord, ProviderConfigRecord } from "../store/records";
import { newId, now, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { GATEWAY, GATEWAY_READ, GATEWAY_WRITE, gatewayOf } from "./gateways";
import { newProviderConfig } from "./provider-config-schema";
import { isDeployed } from "./secrets";
import { GATEWAY_VALIDATION, validate } from "./validation";

const CONFIGS = `${GATEWAY}/provider_configs`;

/**
 * Keys stored at a gateway (BYOK). The official SDK creates and lists; that a config can be deleted is in the API's
 * OpenAPI document. There is no reading of one and no change: a new value is written to the secret.
 */
export const providerConfigEndpoints: readonly Endpoint[] = [
  { method: "POST", path: CONFIGS, permissions: GATEWAY_WRITE, handle: create },
  { method: "GET", path: CONFIGS, permissions: GATEWAY_READ, handle: list },
  { method: "DELETE", path: `${CONFIGS}/:config`, permissions: GATEWAY_WRITE, handle: remove },
];

function create(call: Call) {
  const gateway = gatewayOf(call);
  const body = validate(newProviderConfig, parseJson(call.body), GATEWAY_VALIDATION);
  const { provider_slug: providerSlug, alias } = body;
  const taken = (config: ProviderConfigRecord) =>
    config.providerSlug === providerSlug && config.alias === alias;
  if (gateway.providerConfigs.some(taken)) throw apiErrors.duplicateProviderConfig();

  const name = secretName(gateway, providerSlug, alias);
  const config: ProviderConfigRecord = {
    id: newId(),
    providerSlug,
    alias,
    defaultConfig: body.default_config,
    secretId:
      body.secret_id === undefined
        ? storeSecret(call, gateway, name, body.secret ?? "")
        : existingSecret(call, gateway, name, body.secret_id),
    modifiedAt: now(),
    ...(body.rate_limit === undefined ? {} : { rateLimit: body.rate_limit }),
    ...(body.rate_limit_period === undefined ? {} : { rateLimitPeriod: body.rate_limit_period }),
  };
  if (config.defaultConfig) endOtherDefaults(gateway, providerSlug);
  gateway.providerConfigs.push(config);
  call.store.save();
  return { result: shown(call, gateway, config) };
}

/** Reported: of a gateway that does not exist the list is empty, and not a refusal. */
function list(call: Call) {
  const gateway = call.store.gateway(param(call, "gateway"));
  const all = gateway?.providerConfigs.map((config) => shown(call, gateway, config)) ?? [];
  return listReply(all, call.query);
}

/** The secret stays. */
function remove(call: Call) {
  const gateway = gatewayOf(call);
  const config = gateway.providerConfigs.find(({ id }) => id === param(call, "config"));
  if (!config) throw apiErrors.unknownProviderConfig();
  removeWhere(gateway.providerConfigs, ({ id }) => id === config.id);
  call.store.save();
  return { result: shown(call, gateway, config) };
}

/** The name under which a gateway looks for a key in its Secrets Store. */
function secretName(gateway: GatewayRecord, providerSlug: string, alias: string): string {
  return `${gateway.id}_${providerSlug}_${alias}`;
}

/** @throws 7001 when the gateway's store has no secret of that id and name with the scope for AI Gateway. */
function existingSecret(call: Call, gateway: GatewayRecord, name: string, id: string): string {
  const secret = storeOf(call, gateway).secrets.find((candidate) => candidate.id === id);
  if (!secret || !isDeployed(call, secret)) throw apiErrors.unknownSecretOfGateway(id);
  if (secret.name !== name)
    throw apiErrors.invalid(`Secret ${id} was not found under the name ${name}`, ["secret_id"]);
  if (!secret.scopes.includes("ai_gateway")) {
    throw apiErrors.invalid(`Secret ${name} does not have the scope ai_gateway`, ["secret_id"]);
  }
  return id;
}

function storeSecret(call: Call, gateway: GatewayRecord, name: string, value: string): string {
  const store = storeOf(call, gateway);
  if (store.secrets.some((secret) => secret.name === name)) throw apiErrors.duplicateSecret();
  const at = now();
  const id = newId();
  store.secrets.push({
    id,
    name,
    scopes: ["ai_gateway"],
    since: call.store.time(),
    created: at,
    modified: at,
  });
  call.store.state.secrets.stored[id] = value;
  return id;
}

function storeOf(call: Call, gateway: GatewayRecord) {
  const store = call.store.secretsStore(gateway.settings.store_id);
  if (store) return store;
  throw apiErrors.invalid("The gateway has no Secrets Store: set its store_id first", ["store_id"]);
}

/** One default for each provider. */
function endOtherDefaults(gateway: GatewayRecord, providerSlug: string): void {
  for (const other of gateway.providerConfigs) {
    if (other.providerSlug === providerSlug) other.defaultConfig = false;
  }
}

function shown(call: Call, gateway: GatewayRecord, config: ProviderConfigRecord) {
  const { rateLimit, rateLimitPeriod } = config;
  return {
    id: config.id,
    gateway_id: gateway.id,
    provider_slug: config.providerSlug,
    alias: config.alias,
    // Reported: a number, although the SDK's type says boolean.
    default_config: Number(config.defaultConfig),
    secret_id: config.secretId,
    secret_preview: preview(call.store.state.secrets.stored[config.secretId] ?? ""),
    modified_at: config.modifiedAt,
    ...(rateLimit === undefined ? {} : { rate_limit: rateLimit }),
    ...(rateLimitPeriod === undefined ? {} : { rate_limit_period: rateLimitPeriod }),
  };
}

/** Nothing of a short key, the last characters of a long one. The real form is not documented. */
function preview(value: string): string {
  return value.length < 20 ? "****" : `****${value.slice(-4)}`;
}
