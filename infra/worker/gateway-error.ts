import { type ErrorCode, Refusal } from "./errors";

/**
 * AI Gateway's own errors by `internalCode`. 2009 must not reach a client as 401: that would look like a refused host
 * token. 2021 and 2049 must not look like a refused payment of the provider's key.
 */
const CODES = {
  2001: "gateway_not_found",
  2003: "gateway_rate_limited",
  2005: "provider_unanswered",
  2008: "provider_unknown",
  2009: "run_token_refused",
  2021: "credits_exhausted",
  2040: "stored_key_missing",
  2049: "credits_exhausted",
} as const satisfies Record<number, ErrorCode>;

/** What an error of the gateway can become. */
export type GatewayErrorCode = (typeof CODES)[keyof typeof CODES] | "gateway_refused";

/**
 * The refusal that a failed answer of the gateway stands for, or nothing where it is the provider's own answer, which
 * the client gets unchanged. Reads a copy of the body, so the response can still be passed on.
 */
export async function gatewayRefusal(response: Response): Promise<Refusal | undefined> {
  if (response.status < 300) return undefined;
  // A client would follow it with its host token in `x-api-key`, to wherever it points.
  if (response.status < 400) return new Refusal("gateway_redirected");
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html"))
    return new Refusal("gateway_blocked", `HTTP ${response.status}`, logId(response));
  if (!type.startsWith("application/json")) return undefined;
  const error = await aiGatewayError(response.clone());
  if (error === undefined) return undefined;
  const code = (CODES as Readonly<Record<number, GatewayErrorCode>>)[error.code] ?? "gateway_refused";
  const headers = { ...logId(response), ...retryAfter(response) };
  return new Refusal(code, `AI Gateway ${error.code}: ${error.message}`, headers);
}

/** `{"success":false,"error":[{"code","message"}],"name":"AiGatewayError","internalCode"}` */
interface AiGatewayError {
  name?: unknown;
  internalCode?: unknown;
  error?: { code?: unknown; message?: unknown }[];
}

async function aiGatewayError(response: Response): Promise<{ code: number; message: string } | undefined> {
  try {
    const body: AiGatewayError | null = await response.json();
    if (body?.name !== "AiGatewayError") return undefined;
    const first = body.error?.[0];
    return {
      code: Number(body.internalCode ?? first?.code),
      message: String(first?.message ?? "no message"),
    };
  } catch {
    return undefined;
  }
}

/** The gateway's log entry of this request, for the operator to look up. */
function logId(response: Response): Record<string, string> {
  const id = response.headers.get("cf-aig-log-id");
  return id === null ? {} : { "cf-aig-log-id": id };
}

function retryAfter(response: Response): Record<string, string> {
  const seconds = response.headers.get("retry-after");
  return seconds === null ? {} : { "retry-after": seconds };
}
