import type { IncomingHttpHeaders } from "node:http";
import { isObject, parseJson } from "../http/message";
import type { KeySource } from "../types";
import type { Exchange, Outcome } from "./exchange";
import { gatewayErrors } from "./gateway-error";
import { gatewayKey, hasKey, noCredential, wantedAlias, withKey } from "./gateway-key";
import { callProvider, ProviderUnreachable } from "./provider-call";
import { forwardedHeaders, isServed, patienceOf, upstreamUrl } from "./provider-request";

/**
 * `/{slug}/{the provider's own path}`: passed through, errors of the provider included, with the caller's own key, or
 * with the gateway's when the caller sent none or named an alias.
 */
export async function passThrough(exchange: Exchange): Promise<Outcome> {
  const { plane, slug, path, query, method, body, signal } = exchange;
  if (!isServed(slug)) {
    plane.log(`gateway: provider "${slug}" is not served by the local Cloudflare`);
    throw gatewayErrors.invalidProvider();
  }
  const url = upstreamUrl(plane.providersUrl, slug, path, query);
  const { headers, keySource } = authorized(exchange);
  try {
    const answer = await callProvider({ url, method, headers, body, signal }, patienceOf(exchange));
    return { provider: slug, ...modelOf(exchange), step: 0, cached: false, keySource, answer };
  } catch (error) {
    if (!(error instanceof ProviderUnreachable)) throw error;
    throw gatewayErrors.noAnswer(error.message).while(modelOf(exchange));
  }
}

/** @throws 2040 when the alias is not there, or there is no key at all at a gateway that insists on one. */
function authorized(exchange: Exchange): { headers: IncomingHttpHeaders; keySource: KeySource } {
  const { slug, gateway, query } = exchange;
  const headers = forwardedHeaders(exchange.headers);
  const sent = hasKey(headers, query);
  if (sent && wantedAlias(exchange.headers) === undefined) return { headers, keySource: "request" };
  const key = gatewayKey(exchange, slug);
  if (key) return { headers: withKey(headers, slug, key.value), keySource: key.source };
  if (gateway.settings.byok_only === true) throw noCredential(exchange, slug);
  return { headers, keySource: "none" };
}

/** The model stands in the body, or, with Google and Workers AI, in the path. */
function modelOf({ path, body }: Exchange): Pick<Outcome, "model" | "stream"> {
  const parsed = parseJson(body);
  const fields = isObject(parsed) ? parsed : {};
  const inPath = /models\/([^/:]+)/.exec(path)?.[1] ?? /^@cf\/.+/.exec(path)?.[0];
  return {
    model: typeof fields.model === "string" ? fields.model : (inPath ?? ""),
    stream: fields.stream === true || path.endsWith(":streamGenerateContent"),
  };
}
