/**
 * The proxy Worker between OpenClaw and AI Gateway: it knows the host by its token, lets through the operations of
 * the enabled providers and nothing else, and adds the run token and the provider's key, which live only here.
 */
import { authenticate } from "./authentication";
import type { Env } from "./bindings";
import { configurationOf } from "./configuration";
import { errorResponse, toRefusal } from "./errors";
import { forward } from "./forwarding";
import { health, readiness } from "./probes";
import { apiFamilyOf, findCall, pathOf } from "./routing";

export default {
  async fetch(request, env) {
    const path = pathOf(request.url);
    if (path === "/healthz") return health();
    if (path === "/readyz") return readiness(request, env);
    try {
      const { routes, acceptedTokens } = configurationOf(env);
      const call = findCall(routes, request.method, request.url);
      const host = await authenticate(request.headers, acceptedTokens);
      return await forward(request, call, host);
    } catch (error) {
      return errorResponse(toRefusal(error), apiFamilyOf(path));
    }
  },
} satisfies ExportedHandler<Env>;
