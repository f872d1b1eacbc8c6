/**
 * The proxy Worker between OpenClaw and AI Gateway: it knows the host by its token, lets through the operations of
 * the enabled providers and nothing else, and adds the run token and the provider's key, which live only here.
 */
import { authenticate } from "./authentication";
import type { Env } from "./bindings";
import { configurationOf, type EnabledEndpoint, enable } from "./configuration";
import { errorResponse, LOG_ID_HEADER, Refusal } from "./errors";
import type { Exchange } from "./exchange";
import { ENDPOINTS } from "./facts";
import { logFailure } from "./failure-log";
import { forward } from "./forwarding";
import { requireWithinLimits } from "./limits";
import { notReady, readiness } from "./probes";
import { allowedQuery, findEndpoint, findOperation, type Operation, pathOf } from "./routing";

export default {
  async fetch({ method, url, headers, body }, env) {
    const pathname = pathOf(url);
    // The Worker runs. Open, so it says nothing else.
    if (pathname === "/healthz") return new Response("ok");
    const exchange: Exchange = { method, url, pathname, headers, body };
    try {
      return await (pathname === "/readyz" ? readiness(exchange, env) : proxy(exchange, env));
    } catch (error) {
      // What we did not foresee says nothing about itself.
      const refusal = error instanceof Refusal ? error : new Refusal("internal_error");
      logFailure(exchange, refusal.code, refusal.status, refusal.headers[LOG_ID_HEADER]);
      if (pathname === "/readyz") return notReady(refusal);
      // A path may lead to what is not enabled, or to nothing at all.
      const endpoint = exchange.endpoint ?? findEndpoint(ENDPOINTS, pathname);
      return errorResponse(refusal, endpoint?.apiFamily ?? "openai");
    }
  },
} satisfies ExportedHandler<Env>;

/** Everything that can refuse a request comes before the call upstream. */
async function proxy(exchange: Exchange, env: Env): Promise<Response> {
  const { headers } = exchange;
  const { acceptedTokens, settings } = configurationOf(env);
  const { endpoint, pathClass, sentUrl, query } = operationOf(exchange, env);
  exchange.endpoint = endpoint;
  exchange.pathClass = pathClass;
  const { host, metadataHeader } = await authenticate(headers, acceptedTokens);
  exchange.host = host;
  const limited = requireWithinLimits(headers, settings, env.HOST_RATE_LIMIT, host);
  if (limited) await limited;
  return forward(exchange, endpoint, sentUrl + allowedQuery(exchange.url, query), metadataHeader);
}

/** What the request asks for: looked for once in an isolate's life for each method and path. */
function operationOf(exchange: Exchange, env: Env): Operation<EnabledEndpoint> {
  const { method, pathname } = exchange;
  const { endpoints, found, gatewayUrl } = configurationOf(env);
  const key = `${method} ${pathname}`;
  let operation = found.get(key);
  if (!operation) {
    const entry = findEndpoint(endpoints, pathname);
    if (!entry) throw new Refusal("unknown_path");
    exchange.endpoint = entry;
    operation = findOperation(enable(entry, env, gatewayUrl), method, pathname);
    // Clients can think of any number of models.
    if (found.size > 99) found.clear();
    found.set(key, operation);
  }
  return operation;
}
