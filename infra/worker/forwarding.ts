import type { AcceptedToken } from "./authentication";
import type { EnabledEndpoint } from "./configuration";
import { Refusal } from "./errors";
import { gatewayRefusal } from "./gateway-error";
import type { Call } from "./routing";

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
  request: Request,
  call: Call<EnabledEndpoint>,
  host: AcceptedToken,
): Promise<Response> {
  const { endpoint, url } = call;
  if (endpoint.missingKey !== undefined) throw new Refusal("provider_key_missing", endpoint.missingKey);
  const response = await fetchGateway(url, {
    method: request.method,
    headers: outboundHeaders(request.headers, endpoint, host),
    body: request.body,
  });
  const refusal = await gatewayRefusal(response);
  if (refusal === undefined) return response;
  void response.body?.cancel();
  throw refusal;
}

/** `fetch` that follows no redirect, so that keys go nowhere but to the gateway. */
export async function fetchGateway(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "manual" });
  } catch {
    throw new Refusal("gateway_unreachable");
  }
}

function outboundHeaders(
  inbound: Headers,
  endpoint: EnabledEndpoint,
  host: AcceptedToken,
): Record<string, string> {
  const headers: Record<string, string> = { ...endpoint.ownHeaders, "cf-aig-metadata": host.metadata };
  for (const name of COMMON_REQUEST_HEADERS) pass(inbound, headers, name);
  for (const name of endpoint.requestHeaders) pass(inbound, headers, name);
  return headers;
}

function pass(inbound: Headers, headers: Record<string, string>, name: string): void {
  const value = inbound.get(name);
  if (value !== null) headers[name] = value;
}
