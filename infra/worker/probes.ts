import { authenticate } from "./authentication";
import type { Env } from "./bindings";
import { type Configuration, configurationOf, enable, gatewayAuthorization } from "./configuration";
import type { ErrorCode } from "./error-table";
import { jsonResponse, Refusal } from "./errors";
import type { Exchange } from "./exchange";
import { fetchGateway } from "./forwarding";
import { gatewayRefusal } from "./gateway-error";

/** Errors after which it is not known that the gateway accepts the run token; an empty request always causes one. */
const NOT_ACCEPTED: readonly string[] = [
  "run_token_refused",
  "gateway_not_found",
  "gateway_blocked",
  "gateway_redirected",
] satisfies ErrorCode[];

/** Until when an accepted run token is taken for granted, in milliseconds since 1970. */
let readyUntil = 0;

/**
 * `GET /readyz`, for a request with an accepted host token: every binding is there and the gateway accepts the run
 * token.
 *
 * @throws Refusal of what is missing, which `notReady` turns into the answer
 */
export async function readiness({ method, headers }: Exchange, env: Env): Promise<Response> {
  if (method !== "GET") throw new Refusal("method_not_allowed", "", { allow: "GET" });
  const configuration = configurationOf(env);
  await authenticate(headers, configuration.acceptedTokens);
  requireKeys(configuration, env);
  await requireAcceptedRunToken(configuration, env);
  return Response.json({ ready: true });
}

/** The answer of `/readyz` in the other case: 401 for a token that is not accepted, else 503, with code and message. */
export function notReady(refusal: Refusal): Response {
  const { code, message, status } = refusal;
  return jsonResponse({ ready: false, code, message }, refusal, status < 500 ? status : 503);
}

function requireKeys({ endpoints, gatewayUrl }: Configuration, env: Env): void {
  const missing = endpoints.flatMap((endpoint) => enable(endpoint, env, gatewayUrl).missingKey ?? []);
  if (missing[0]) throw new Refusal("provider_key_missing", missing.join(", "));
}

/** Tries the run token with an empty request, which costs nothing: it is refused as unauthorised or as malformed. */
async function requireAcceptedRunToken({ gatewayUrl }: Configuration, env: Env): Promise<void> {
  if (Date.now() < readyUntil) return;
  const response = await fetchGateway(`${gatewayUrl}/compat/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...gatewayAuthorization(env) },
    body: "",
    redirect: "manual",
    signal: AbortSignal.timeout(10_000),
  });
  const { status } = response;
  const refusal = await gatewayRefusal(response);
  await response.body?.cancel();
  if (refusal) {
    if (NOT_ACCEPTED.includes(refusal.code)) throw refusal;
  } else if (status === 401 || status === 403) {
    throw new Refusal("run_token_refused");
  } else if (status >= 500) {
    throw new Refusal("gateway_unreachable", `HTTP ${status}`);
  }
  readyUntil = Date.now() + 30_000;
}
