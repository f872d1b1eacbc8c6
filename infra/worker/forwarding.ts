import type { EnabledEndpoint } from "./configuration";
import { LOG_ID_HEADER, Refusal } from "./errors";
import { logFailure, type Trace } from "./failure-log";
import { gatewayRefusal } from "./gateway-error";

/** A request that may go to the gateway. */
export interface Call {
  readonly endpoint: EnabledEndpoint;
  /** The URL at the gateway. */
  readonly sentUrl: string;
  /** Value of `cf-aig-metadata`. */
  readonly metadataHeader: string;
  readonly trace: Trace;
}

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
export async function forward({ method, headers, body }: Request, call: Call): Promise<Response> {
  const { missingKey } = call.endpoint;
  if (missingKey) throw new Refusal("provider_key_missing", missingKey);
  const response = await fetchGateway(call.sentUrl, {
    method,
    headers: outboundHeaders(headers, call),
    body,
    // None is followed: keys go nowhere but to the gateway.
    redirect: "manual",
  });
  if (response.status < 300) return response;
  const refusal = await gatewayRefusal(response);
  if (refusal) {
    void response.body?.cancel();
    throw refusal;
  }
  logFailure(call.trace, "provider_error", response.status, response.headers.get(LOG_ID_HEADER));
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
function outboundHeaders(inbound: Headers, { endpoint, metadataHeader }: Call): Headers {
  const { gatewayHeaders, lastSet, requestHeaders, defaultHeaders } = endpoint;
  const set = (name: string, value: string | null): void => {
    if (value === lastSet[name]) return;
    lastSet[name] = value;
    if (value === null) gatewayHeaders.delete(name);
    else gatewayHeaders.set(name, value);
  };
  set("cf-aig-metadata", metadataHeader);
  for (const name of COMMON_REQUEST_HEADERS) set(name, inbound.get(name));
  const useDefaults = defaultHeaders && !requestHeaders.some((name) => inbound.get(name));
  for (const name of requestHeaders) {
    set(name, useDefaults ? (defaultHeaders[name] ?? null) : inbound.get(name));
  }
  return gatewayHeaders;
}
