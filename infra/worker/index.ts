/**
 * The proxy Worker between OpenClaw and AI Gateway: it knows the host by its token, lets through the operations of
 * the enabled providers and nothing else, and adds the run token and the provider's key, which live only here.
 */
import { authenticate } from "./authentication";
import type { Env } from "./bindings";
import { configurationOf, enable } from "./configuration";
import { errorResponse, LOG_ID_HEADER, Refusal } from "./errors";
import { logFailure, type Trace } from "./failure-log";
import { forward } from "./forwarding";
import { requireWithinLimits } from "./limits";
import { notReady, readiness } from "./probes";
import { apiFamilyOf, findEndpoint, findOperation, pathOf } from "./routing";

export default {
  async fetch(request, env) {
    const path = pathOf(request.url);
    // The Worker runs. Open, so it says nothing else.
    if (path === "/healthz") return new Response("ok");
    const trace: Trace = {};
    try {
      return await (path === "/readyz" ? readiness(request, env) : proxy(request, env, path, trace));
    } catch (error) {
      // What we did not foresee says nothing about itself.
      const refusal = error instanceof Refusal ? error : new Refusal("internal_error");
      logFailure(trace, refusal.code, refusal.status, refusal.headers[LOG_ID_HEADER]);
      if (path === "/readyz") return notReady(refusal);
      return errorResponse(refusal, trace.apiFamily ?? apiFamilyOf(path));
    }
  },
} satisfies ExportedHandler<Env>;

/** Everything that can refuse a request comes before the call upstream; `trace` fills up on the way. */
async function proxy(request: Request, env: Env, path: string, trace: Trace): Promise<Response> {
  const { endpoints, acceptedTokens, settings, gatewayUrl } = configurationOf(env);
  const entry = findEndpoint(endpoints, path);
  if (!entry) throw new Refusal("unknown_path");
  const endpoint = enable(entry, env, gatewayUrl);
  trace.apiFamily = endpoint.apiFamily;
  trace.provider = endpoint.slug;
  const { pathClass, sentUrl } = findOperation(endpoint, request, path);
  trace.path = pathClass;
  const token = await authenticate(request.headers, acceptedTokens);
  trace.host = token.host;
  await requireWithinLimits(request.headers, settings, env.HOST_RATE_LIMIT, token.host);
  return forward(request, { endpoint, sentUrl, metadataHeader: token.metadataHeader, trace });
}
