import { isObject, parseJson } from "../http/message";
import type { Exchange, Outcome } from "./exchange";
import { gatewayErrors } from "./gateway-error";
import { callProvider, ProviderUnreachable } from "./provider-call";
import { forwardedHeaders, isServed, patienceOf, upstreamUrl } from "./provider-request";

/** `/{slug}/{the provider's own path}`: passed through with the caller's own key, errors of the provider included. */
export async function passThrough(exchange: Exchange): Promise<Outcome> {
  const { plane, slug, path, query, method, body, signal } = exchange;
  if (!isServed(slug)) {
    plane.log(`gateway: provider "${slug}" is not served by the local Cloudflare`);
    throw gatewayErrors.invalidProvider();
  }
  const url = upstreamUrl(plane.providersUrl, slug, path, query);
  const headers = forwardedHeaders(exchange.headers);
  try {
    const answer = await callProvider({ url, method, headers, body, signal }, patienceOf(exchange));
    return { provider: slug, ...modelOf(exchange), step: 0, cached: false, answer };
  } catch (error) {
    if (error instanceof ProviderUnreachable) throw gatewayErrors.noAnswer(error.message);
    throw error;
  }
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
