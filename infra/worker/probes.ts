import { authenticate } from "./authentication";
import type { Env } from "./bindings";
import { type Configuration, configurationOf } from "./configuration";
import { jsonResponse, Refusal, toRefusal } from "./errors";
import { fetchGateway } from "./forwarding";
import { type GatewayErrorCode, gatewayRefusal } from "./gateway-error";

/** How long an accepted run token is taken for granted, in milliseconds. */
const REMEMBER_READY_MS = 30_000;
/** How long the gateway may take to answer the probe, in milliseconds. */
const PROBE_TIMEOUT_MS = 10_000;

/** Errors of the gateway that come after it accepted the run token; an empty request is bound to cause one. */
const AFTER_ACCEPTANCE: readonly string[] = [
  "gateway_refused",
  "gateway_rate_limited",
  "provider_unknown",
  "provider_unanswered",
  "stored_key_missing",
  "credits_exhausted",
] satisfies GatewayErrorCode[];

let readyUntil = 0;

/** `GET /healthz`: the Worker runs. Open, so it says nothing else. */
export function health(): Response {
  return new Response("ok", { headers: { "content-type": "text/plain", "cache-control": "no-store" } });
}

/**
 * `GET /readyz`, with a host token: every binding is there and the gateway accepts the run token.
 * 200 `{"ready":true}`; 401 for a token that is not accepted; else 503 with `code` and `message`.
 */
export async function readiness(request: Request, env: Env): Promise<Response> {
  try {
    if (request.method !== "GET") throw new Refusal("method_not_allowed", undefined, { allow: "GET" });
    const configuration = configurationOf(env);
    await authenticate(request.headers, configuration.acceptedTokens);
    requireKeys(configuration);
    await requireAcceptedRunToken(configuration);
  } catch (error) {
    return notReady(toRefusal(error));
  }
  return Response.json({ ready: true }, { headers: { "cache-control": "no-store" } });
}

function notReady(refusal: Refusal): Response {
  const { code, message, status } = refusal;
  return jsonResponse({ ready: false, code, message }, refusal, status >= 500 ? 503 : status);
}

function requireKeys({ endpoints }: Configuration): void {
  const missing = endpoints.flatMap(({ missingKey }) => missingKey ?? []);
  if (missing.length > 0) throw new Refusal("provider_key_missing", missing.join(", "));
}

/** Tries the run token with an empty request, which costs nothing: it is refused as unauthorised or as malformed. */
async function requireAcceptedRunToken({ gatewayUrl, runAuthorization }: Configuration): Promise<void> {
  if (Date.now() < readyUntil) return;
  const response = await fetchGateway(`${gatewayUrl}/compat/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "cf-aig-authorization": runAuthorization },
    body: "",
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  const refusal = await gatewayRefusal(response);
  await response.body?.cancel();
  if (refusal !== undefined && !AFTER_ACCEPTANCE.includes(refusal.code)) throw refusal;
  if (response.status === 401 || response.status === 403) throw new Refusal("run_token_refused");
  if (refusal === undefined && response.status >= 500)
    throw new Refusal("gateway_unreachable", `HTTP ${response.status}`);
  readyUntil = Date.now() + REMEMBER_READY_MS;
}
