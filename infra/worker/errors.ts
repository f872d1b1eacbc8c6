import type { ApiFamily } from "../llm-providers";

/**
 * Every error the Worker makes: stable code, HTTP status and what it says. `docs/troubleshooting.md` lists the same
 * codes. No status of a passing or operator-side fault is 401, 402 or 403: OpenClaw takes those for a bad key and
 * sends nothing for a minute.
 */
export const ERRORS = {
  unknown_path: { status: 404, message: "The proxy Worker serves nothing at this path" },
  method_not_allowed: { status: 405, message: "The proxy Worker does not allow this method here" },
  host_token_missing: { status: 401, message: "No host token was sent to the proxy Worker" },
  host_token_invalid: { status: 401, message: "The proxy Worker does not accept this host token" },
  worker_misconfigured: {
    status: 500,
    message: "The proxy Worker's bindings are incomplete; run `pulumi up`",
  },
  provider_key_missing: {
    status: 500,
    message: "The proxy Worker has no key for this provider; run `pulumi up`",
  },
  internal_error: { status: 500, message: "The proxy Worker failed" },
  gateway_unreachable: { status: 502, message: "AI Gateway could not be reached" },
  gateway_redirected: { status: 502, message: "AI Gateway answered with a redirect, which is not followed" },
  gateway_blocked: {
    status: 502,
    message: "A web page came back in place of AI Gateway's answer; a firewall may be in the way",
  },
  gateway_not_found: { status: 502, message: "AI Gateway does not know this gateway; run `pulumi up`" },
  gateway_refused: { status: 502, message: "AI Gateway refused the request" },
  gateway_rate_limited: { status: 429, message: "AI Gateway's rate limit is reached" },
  run_token_refused: { status: 502, message: "AI Gateway refused the Worker's run token; run `pulumi up`" },
  provider_unanswered: { status: 502, message: "AI Gateway got no usable answer from a provider" },
  provider_unknown: { status: 502, message: "AI Gateway does not serve this provider here" },
  stored_key_missing: { status: 502, message: "AI Gateway holds no key for this provider" },
  credits_exhausted: { status: 502, message: "The Cloudflare account's AI Gateway credits are used up" },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Response header that carries the code, whatever the shape of the body. */
export const ERROR_HEADER = "x-worker-error";

/** A request that ends with an error made by the Worker. `detail` is shown to the client: never a secret. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${ERRORS[code].message}${detail === undefined ? "" : ` (${detail})`}. [${code}]`);
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Anything thrown as a refusal; what we did not foresee says nothing about itself. */
export function toRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal("internal_error");
}

/** The refusal as a response that the official SDK of that API family turns into its own typed error. */
export function errorResponse(refusal: Refusal, family: ApiFamily): Response {
  return jsonResponse(BODIES[family](refusal), refusal);
}

/** A JSON response with the refusal's headers, and its status where no other one is given. */
export function jsonResponse(body: unknown, refusal: Refusal, status: number = refusal.status): Response {
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    [ERROR_HEADER]: refusal.code,
    ...refusal.headers,
  };
  // RFC 6750 section 3: a refused bearer token is answered with the scheme that is wanted.
  if (refusal.status === 401) headers["www-authenticate"] = "Bearer";
  return Response.json(body, { status, headers });
}

const BODIES: Record<ApiFamily, (refusal: Refusal) => unknown> = {
  openai: ({ code, message, status }) => ({
    error: { message, type: OPENAI_TYPES[status] ?? "server_error", param: null, code },
  }),
  anthropic: ({ code, message, status }) => ({
    type: "error",
    error: { type: ANTHROPIC_TYPES[status] ?? "api_error", message, code },
  }),
  google: ({ code, message, status }) => ({
    error: {
      code: status,
      message,
      status: GOOGLE_STATUSES[status] ?? "UNAVAILABLE",
      details: [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code, domain: "ai-gateway-worker" },
      ],
    },
  }),
};

/** platform.openai.com/docs/guides/error-codes */
const OPENAI_TYPES: Record<number, string> = {
  401: "authentication_error",
  404: "invalid_request_error",
  405: "invalid_request_error",
  429: "rate_limit_error",
};

/** docs.anthropic.com/en/api/errors */
const ANTHROPIC_TYPES: Record<number, string> = {
  401: "authentication_error",
  404: "not_found_error",
  405: "invalid_request_error",
  429: "rate_limit_error",
};

/** google.rpc.Code, with the HTTP mapping of cloud.google.com/apis/design/errors */
const GOOGLE_STATUSES: Record<number, string> = {
  401: "UNAUTHENTICATED",
  404: "NOT_FOUND",
  405: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
};
