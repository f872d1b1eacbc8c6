import type { EnabledEndpoint } from "./configuration";
import { LOG_ID_HEADER, Refusal } from "./errors";
import type { Exchange } from "./exchange";
import { logFailure } from "./failure-log";
import { gatewayRefusal } from "./gateway-error";

/**
 * Request headers that every provider gets. All else that a client sends stays here: credentials, cookies, `cf-aig-*`,
 * addresses, and what a vendor's SDK tells about the machine it runs on.
 */
export const COMMON_REQUEST_HEADERS = ["accept", "accept-encoding", "content-type", "user-agent"] as const;

/**
 * Sends the request to the gateway and returns its answer as it came. Both bodies stay streams inside the runtime: no
 * JavaScript runs per chunk, and when the client goes away the runtime cancels the request upstream.
 *
 * The answer's headers are the upstream's, `set-cookie` included: API clients keep no cookies, a browser would not take
 * one for another domain, and the Worker sends none on; wrapping every answer to drop it would cost each request 5 %.
 *
 * @throws Refusal for errors of the Worker or the gateway; a provider's own error is returned like any answer
 */
export async function forward(
  exchange: Exchange,
  endpoint: EnabledEndpoint,
  sentUrl: string,
  metadataHeader: string,
): Promise<Response> {
  if (endpoint.missingKey) throw new Refusal("provider_key_missing", endpoint.missingKey);
  const response = await fetchGateway(sentUrl, {
    method: exchange.method,
    headers: outboundHeaders(exchange.headers, endpoint, metadataHeader),
    body: exchange.body,
    // None is followed: keys go nowhere but to the gateway.
    redirect: "manual",
  });
  if (response.status < 300) return response;
  const refusal = await gatewayRefusal(response);
  if (refusal) {
    void response.body?.cancel();
    throw refusal;
  }
  logFailure(exchange, "provider_error", response.status, response.headers.get(LOG_ID_HEADER));
  return response;
}

/** `fetch`, whose failure is the gateway's. */
export function fetchGateway(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch(() => {
    throw new Refusal("gateway_unreachable");
  });
}

/**
 * The headers of a request to the gateway: one object per endpoint, in which only what differs from the request before
 * is set. To make them anew costs more than all else that the Worker does. `fetch` copies them before it returns
 * (fetch.spec.whatwg.org, step 2 of the method), so requests never see each other's.
 */
function outboundHeaders(inbound: Headers, endpoint: EnabledEndpoint, metadataHeader: string): Headers {
  const { gatewayHeaders, ownHeaders, lastSet, requestHeaders } = endpoint;
  let { defaultHeaders } = endpoint;
  if (defaultHeaders && requestHeaders.some((name) => inbound.get(name))) defaultHeaders = undefined;
  for (let index = 0; index < ownHeaders.length; index++) {
    const name = ownHeaders[index] as string;
    const value = index ? (inbound.get(name) ?? defaultHeaders?.[name] ?? null) : metadataHeader;
    if (value === lastSet[index]) continue;
    lastSet[index] = value;
    if (value === null) gatewayHeaders.delete(name);
    else gatewayHeaders.set(name, value);
  }
  return gatewayHeaders;
}
