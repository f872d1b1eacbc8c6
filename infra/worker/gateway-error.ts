import type { ErrorCode } from "./error-table";
import { LOG_ID_HEADER, Refusal } from "./errors";
import { ERRORS } from "./facts";

/** `{"success":false,"error":[{"code","message"}],"name":"AiGatewayError","internalCode"}` */
interface AiGatewayError {
  name?: unknown;
  internalCode?: number;
  error?: { code?: number; message?: unknown }[];
}

/**
 * The refusal that a failed answer of the gateway stands for, or nothing where it is the provider's own answer, which
 * the client gets unchanged. Reads a copy of the body, so the response can still be passed on.
 */
export async function gatewayRefusal(response: Response): Promise<Refusal | undefined> {
  const { status, headers } = response;
  if (status < 300) return undefined;
  // A client would follow it with its host token in `x-api-key`, to wherever it points.
  if (status < 400) return new Refusal("gateway_redirected");
  // The gateway's log entry is for the operator to look up.
  const kept = { [LOG_ID_HEADER]: headers.get(LOG_ID_HEADER), "retry-after": headers.get("retry-after") };
  const type = headers.get("content-type");
  if (type?.startsWith("text/html")) return new Refusal("gateway_blocked", `HTTP ${status}`, kept);
  if (!type?.startsWith("application/json")) return undefined;
  const body = await response
    .clone()
    .json<AiGatewayError | null>()
    .catch(() => null);
  if (body?.name !== "AiGatewayError") return undefined;
  const [first] = body.error ?? [];
  const gatewayCode = body.internalCode ?? first?.code ?? 0;
  const known = Object.entries(ERRORS).find(([, [, , ...codes]]) => codes.includes(gatewayCode));
  const code = (known?.[0] ?? "gateway_refused") as ErrorCode;
  return new Refusal(code, `AI Gateway ${gatewayCode}: ${first?.message}`, kept);
}
