import type { ApiFamily } from "../llm-providers";
import type { ErrorCode } from "./error-table";
import { ERROR_TYPES, ERRORS } from "./facts";

/** Response header that carries the code, whatever the shape of the body. */
export const ERROR_HEADER = "x-worker-error";

/** Response header of the gateway that names its log entry. */
export const LOG_ID_HEADER = "cf-aig-log-id";

/** A request that ends with an error made by the Worker. `detail` is shown to the client: never a secret. */
export class Refusal extends Error {
  readonly status: number;
  /** How OpenAI, Anthropic and Google name it. */
  readonly types: readonly string[];

  constructor(
    readonly code: ErrorCode,
    detail?: string,
    readonly headers: Readonly<Record<string, string | null>> = {},
  ) {
    const [status, message] = ERRORS[code];
    super(`Proxy Worker: ${message}${detail ? ` (${detail})` : ""}. [${code}]`);
    this.status = status;
    this.types = ERROR_TYPES[status] ?? [];
  }
}

/** The refusal as a response that the official SDK of that API family turns into its own typed error. */
export function errorResponse(refusal: Refusal, family: ApiFamily): Response {
  return jsonResponse(BODIES[family](refusal), refusal);
}

/** A JSON response with the refusal's headers, and its status where no other one is given. */
export function jsonResponse(body: unknown, refusal: Refusal, status: number = refusal.status): Response {
  const headers: Record<string, string> = { "cache-control": "no-store", [ERROR_HEADER]: refusal.code };
  for (const [name, value] of Object.entries(refusal.headers)) if (value) headers[name] = value;
  // RFC 6750 section 3: a refused bearer token is answered with the scheme that is wanted.
  if (status === 401) headers["www-authenticate"] = "Bearer";
  return Response.json(body, { status, headers });
}

const BODIES: Record<ApiFamily, (refusal: Refusal) => unknown> = {
  openai: ({ code, message, types: [type] }) => ({ error: { message, type, param: null, code } }),
  anthropic: ({ code, message, types: [, type] }) => ({
    type: "error",
    error: { type, message, code, details: { error_code: code } },
  }),
  google: ({ code, message, status, types: [, , type] }) => ({
    error: {
      code: status,
      message,
      status: type?.toUpperCase(),
      details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code }],
    },
  }),
};
