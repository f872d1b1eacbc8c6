import type { IncomingHttpHeaders } from "node:http";
import { bearer } from "../http/message";
import { permits } from "../store/permissions";
import type { GatewayRecord } from "../store/records";
import type { DataPlane, Exchange } from "./exchange";
import { gatewayErrors } from "./gateway-error";

/**
 * The token that a request presents to an authenticated gateway. On `/compat` it may also come in `authorization`, as
 * the documentation's sample for dynamic routes sends it.
 *
 * @throws 2009 when the gateway is authenticated and there is no valid token with "AI Gateway Run", or it is so new that
 *   the gateway has not heard of it yet.
 */
export function gatewayToken(
  { store, propagation }: DataPlane,
  gateway: GatewayRecord,
  slug: string,
  headers: IncomingHttpHeaders,
): Exchange["token"] {
  const own = headers["cf-aig-authorization"];
  const value = bearer(typeof own === "string" ? own : undefined) ?? tokenOnCompat(own, slug, headers);
  const record = value === undefined ? undefined : store.tokenOfValue(value);
  const arrived = store.time() - (propagation.tokenSeconds ?? 0) * 1000;
  if (value !== undefined && record && record.valueSince <= arrived) {
    if (permits(record, ["AI Gateway Run"], store.time())) return { record, value };
  }
  if (gateway.settings.authentication === true) throw gatewayErrors.unauthorized();
  return undefined;
}

function tokenOnCompat(own: unknown, slug: string, headers: IncomingHttpHeaders): string | undefined {
  return own === undefined && slug === "compat" ? bearer(headers.authorization) : undefined;
}
