/**
 * Every error the Worker makes: stable code, HTTP status, what it says, and AI Gateway's own codes that stand for it.
 * `docs/troubleshooting.md` lists the same codes. No status of a passing or operator-side fault is 401, 402 or 403:
 * OpenClaw takes those for a bad key and sends nothing for a minute. So 2009, a wrong run token, is no 401, which would
 * look like a wrong host token; 2021 and 2049 do not look like a refused payment of the provider's key.
 */
export const ERRORS = {
  unknown_path: [404, "nothing is served here"],
  method_not_allowed: [405, "this method is not served"],
  host_token_missing: [401, "no host token was sent"],
  host_token_invalid: [401, "this host token is not accepted"],
  body_too_large: [413, "the body is too large"],
  host_rate_limited: [429, "the rate limit of this host is reached"],
  worker_misconfigured: [500, "bindings are missing; run pulumi up"],
  provider_key_missing: [500, "no key for this provider; run pulumi up"],
  internal_error: [500, "internal error"],
  gateway_unreachable: [502, "the gateway is not reached"],
  gateway_redirected: [502, "the gateway answered with a redirect"],
  gateway_blocked: [502, "the gateway answered with a web page: a firewall?"],
  gateway_not_found: [502, "the gateway does not exist; run pulumi up", 2001],
  gateway_refused: [502, "the gateway refused the request"],
  gateway_rate_limited: [429, "the rate limit of the gateway is reached", 2003],
  run_token_refused: [502, "the gateway refused the run token; run pulumi up", 2009],
  provider_unanswered: [502, "the gateway has no answer from this provider", 2005],
  provider_unknown: [502, "the gateway does not serve this provider", 2008],
  stored_key_missing: [502, "the gateway has no key for this provider", 2040],
  credits_exhausted: [502, "the gateway has no credits left", 2021, 2049],
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

export type ErrorFacts = readonly [status: number, message: string, ...gatewayCodes: number[]];

/**
 * How each API family names an error of that status: OpenAI (platform.openai.com/docs/guides/error-codes), Anthropic
 * (docs.anthropic.com/en/api/errors), Google (google.rpc.Code, cloud.google.com/apis/design/errors), here
 * in lower case.
 */
export const ERROR_TYPES: Readonly<
  Record<number, readonly [openai: string, anthropic: string, google: string]>
> = {
  401: ["authentication_error", "authentication_error", "unauthenticated"],
  404: ["invalid_request_error", "not_found_error", "not_found"],
  405: ["invalid_request_error", "invalid_request_error", "invalid_argument"],
  413: ["invalid_request_error", "request_too_large", "invalid_argument"],
  429: ["rate_limit_error", "rate_limit_error", "resource_exhausted"],
  500: ["server_error", "api_error", "internal"],
  502: ["server_error", "api_error", "unavailable"],
};
