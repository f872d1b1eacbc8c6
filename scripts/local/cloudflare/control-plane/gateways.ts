import { parseJson } from "../http/message";
import type { GatewayRecord } from "../store/records";
import { newId, now, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { changedGateway, DEFAULT_SETTINGS, newGateway } from "./gateway-schema";
import { GATEWAY_VALIDATION, validate } from "./validation";

export const GATEWAY_READ = ["AI Gateway Read", "AI Gateway Write"];
export const GATEWAY_WRITE = ["AI Gateway Write"];

const GATEWAYS = "/ai-gateway/gateways";
/** Path of one gateway, for what hangs below it. */
export const GATEWAY = `${GATEWAYS}/:gateway`;

export const gatewayEndpoints: readonly Endpoint[] = [
  { method: "POST", path: GATEWAYS, permissions: GATEWAY_WRITE, handle: create },
  { method: "GET", path: GATEWAYS, permissions: GATEWAY_READ, handle: list },
  {
    method: "GET",
    path: GATEWAY,
    permissions: GATEWAY_READ,
    handle: (call) => ({ result: shown(call, gatewayOf(call)) }),
  },
  { method: "PUT", path: GATEWAY, permissions: GATEWAY_WRITE, handle: update },
  { method: "DELETE", path: GATEWAY, permissions: GATEWAY_WRITE, handle: remove },
];

/** The gateway in the call's path. @throws 7002 when there is none. */
export function gatewayOf(call: Call): GatewayRecord {
  const gateway = call.store.gateway(param(call, "gateway"));
  if (!gateway) throw apiErrors.unknownGateway();
  return gateway;
}

function create(call: Call) {
  const { id, ...settings } = validate(newGateway, parseJson(call.body), GATEWAY_VALIDATION);
  if (call.store.gateway(id)) throw apiErrors.duplicateGateway();
  const at = now();
  const gateway: GatewayRecord = {
    id,
    internalId: newId(),
    createdAt: at,
    modifiedAt: at,
    settings: withDefaults(settings),
    routes: [],
    providerConfigs: [],
  };
  call.store.state.gateways.push(gateway);
  call.store.save();
  return { result: shown(call, gateway) };
}

function update(call: Call) {
  const gateway = gatewayOf(call);
  const { id, ...settings } = validate(changedGateway, parseJson(call.body), GATEWAY_VALIDATION);
  if (id !== undefined && id !== gateway.id) throw apiErrors.invalid("id cannot be changed", ["id"]);
  gateway.settings = withDefaults(settings);
  gateway.modifiedAt = now();
  call.store.save();
  return { result: shown(call, gateway) };
}

/** Takes its routes, provider configs and logs along, as documented; the secrets stay in the Secrets Store. */
function remove(call: Call) {
  const gateway = gatewayOf(call);
  removeWhere(call.store.state.gateways, ({ id }) => id === gateway.id);
  call.gatewayLog.forget(gateway.id);
  call.store.save();
  return { result: shown(call, gateway) };
}

function list(call: Call) {
  const search = call.query.get("search") ?? "";
  const found = call.store.state.gateways.filter(({ id }) => id.includes(search));
  return listReply(
    found.map((gateway) => shown(call, gateway)),
    call.query,
  );
}

function withDefaults(given: Record<string, unknown>): Record<string, unknown> {
  const set = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  const nullable = { cache_ttl: null, rate_limiting_interval: null, rate_limiting_limit: null };
  return { ...nullable, ...DEFAULT_SETTINGS, ...Object.fromEntries(set) };
}

function shown(call: Call, gateway: GatewayRecord) {
  const { accountId } = call.store.state;
  return {
    id: gateway.id,
    account_id: accountId,
    account_tag: accountId,
    internal_id: gateway.internalId,
    created_at: gateway.createdAt,
    modified_at: gateway.modifiedAt,
    is_default: false,
    ...gateway.settings,
  };
}
